"""References people can say aloud and page tokens nobody can guess, both from random bytes that are passed in."""

import base64
import unicodedata
from typing import Final

# No 0 O 1 I L, which look alike, and no vowels, so that no reference spells a word.
ALPHABET: Final = "23456789BCDFGHJKMNPQRSTVWXYZ"
LENGTH: Final = 6
REFERENCE_BYTES: Final = 8
TOKEN_BYTES: Final = 18


def reference(random: bytes) -> str:
    """A reference like "K7M-4QD" (29 bits, not a secret) from at least 8 random bytes."""
    if len(random) < REFERENCE_BYTES:
        raise ValueError(f"a reference needs {REFERENCE_BYTES} random bytes")
    number = int.from_bytes(random[:REFERENCE_BYTES], "big")
    letters = ""
    for _ in range(LENGTH):
        number, position = divmod(number, len(ALPHABET))
        letters += ALPHABET[position]
    return _hyphenated(letters)


def page_token(random: bytes) -> str:
    """An unguessable token for a person's own page, safe in a URL, from at least 16 random bytes (128 bits)."""
    if len(random) < 16:
        raise ValueError("a page token needs 16 random bytes")
    return base64.urlsafe_b64encode(random).rstrip(b"=").decode("ascii")


def normal_reference(typed: str) -> str | None:
    """The reference a person meant (any case, any digits, hyphen or spaces anywhere), None if it cannot be one."""
    letters = "".join(_plain(character) for character in unicodedata.normalize("NFKC", typed))
    if len(letters) != LENGTH or any(letter not in ALPHABET for letter in letters):
        return None
    return _hyphenated(letters)


def _hyphenated(letters: str) -> str:
    return f"{letters[: LENGTH // 2]}-{letters[LENGTH // 2 :]}"


def _plain(character: str) -> str:
    if unicodedata.category(character) in {"Pd", "Zs", "Cf", "Cc", "Pc"}:
        return ""
    digit = unicodedata.decimal(character, None)
    return character.upper() if digit is None else str(digit)
