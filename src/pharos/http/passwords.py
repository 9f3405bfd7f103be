"""How passwords are kept: as Django does, beside the thread that answers people."""

import threading
from typing import Final

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from pharos import cores

HASHING: Final = threading.Semaphore(1)  # many at once would take the core of the database and the worker too


class Hasher(PBKDF2PasswordHasher):
    """The same hashes, one after the other; the half second that one takes is not taken from the core of the doors."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """The hash of a password, with how it was made."""
        with HASHING, cores.aside():
            return super().encode(password, salt, iterations)
