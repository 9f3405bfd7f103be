"""Which failures are this machine's own, so that everything fails now and is to come again."""

import errno
from typing import Final

from django.db import InterfaceError, OperationalError

FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM}


def is_our_own(error: BaseException) -> bool:
    """Whether the database or the disk fails, by no fault of what is being taken in."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return isinstance(error, OSError) and error.errno in FULL
