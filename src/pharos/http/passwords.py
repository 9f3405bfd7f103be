"""How passwords are kept: as Django does, beside the thread that answers people."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from pharos import cores


class Hasher(PBKDF2PasswordHasher):
    """The same hashes; the half second that one takes is not taken from the core of the doors."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """The hash of a password, with how it was made."""
        with cores.aside():
            return super().encode(password, salt, iterations)
