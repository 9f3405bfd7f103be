"""What fails on a connection to a mailbox, in one kind and in one line."""

import imaplib
from collections.abc import Iterator
from contextlib import contextmanager

from imap_tools import ImapToolsError


class Unreachable(Exception):
    """The mailbox cannot be read now; the text says why, without a secret."""


@contextmanager
def failures() -> Iterator[None]:
    """Whatever fails in the block is `Unreachable`."""
    try:
        yield
    except Unreachable:
        raise
    except ImapToolsError as error:
        raise Unreachable(text(getattr(error, "command_result", None) or error)) from None
    except imaplib.IMAP4.error as error:
        raise Unreachable(text(error)) from None
    except (OSError, ValueError, OverflowError) as error:
        raise Unreachable(getattr(error, "strerror", None) or str(error) or type(error).__name__) from None


def text(said: object) -> str:
    """What the server said, as one line."""
    if isinstance(said, tuple | list):
        return " ".join(text(one) for one in said)
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join("".join(one if one.isprintable() else " " for one in words).split())
