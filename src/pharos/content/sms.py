"""The words by which a person tells a number to be silent, to go on, or to say what it is."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from pharos.content.loader import entries
from pharos.content.text import ContentError


@cache
def sms_words() -> Mapping[str, str]:
    """What each word means: stop, start or help. A word that means two things is an error."""
    found: dict[str, str] = {}
    for row in entries("sms_words", "words"):
        for word in row["spelled"]:
            if found.setdefault(word, row["means"]) != row["means"]:
                raise ContentError(f"sms_words: {word!r} means two things")
    return MappingProxyType(found)
