"""How many parts a text message goes out in: 3GPP TS 23.038 where its alphabet has every letter, else UTF-16."""

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

Alphabet: TypeAlias = Literal["gsm", "ucs2"]

BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED: Final = "\f^{}\\[~]|€"  # each is sent as an escape and a letter
_WIDTHS: Final = {**dict.fromkeys(BASIC, 1), **dict.fromkeys(EXTENDED, 2)}
ALONE: Final[dict[Alphabet, int]] = {"gsm": 160, "ucs2": 70}
IN_PARTS: Final[dict[Alphabet, int]] = {"gsm": 153, "ucs2": 67}  # six bytes of each part say which part it is


class Segments(NamedTuple):
    """What a text takes: its alphabet, septets or UTF-16 units, parts, and units still free in the last part."""

    alphabet: Alphabet
    units: int
    parts: int
    left: int


def segments(text: str) -> Segments:
    """What this text takes on its way; an empty one takes one part."""
    widths = list(_widths(text))
    alphabet: Alphabet = "gsm" if is_gsm(text) else "ucs2"
    units = sum(widths)
    if units <= ALONE[alphabet]:
        return Segments(alphabet, units, 1, ALONE[alphabet] - units)
    room = IN_PARTS[alphabet]
    parts, filled = 1, 0
    for width in widths:
        if filled + width > room:  # an escape and its letter, or both halves of a character, stay together
            parts, filled = parts + 1, 0
        filled += width
    return Segments(alphabet, units, parts, room - filled)


def shortened(text: str, *, most: int) -> str:
    """The text as far as `most` parts hold it, cut between words where there are any and never inside a character."""
    if segments(text).parts <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if segments(text[:middle]).parts <= most else (low, middle - 1)
    cut = text[:low]
    at_word = cut.rstrip() if text[low].isspace() else cut[: max(cut.rfind(" "), cut.rfind("\n"), 0)].rstrip()
    return at_word if len(at_word) > len(cut) // 2 else cut


def is_gsm(text: str) -> bool:
    """Whether the alphabet of the telephone has every letter of this text."""
    return all(letter in _WIDTHS for letter in text)


def _widths(text: str) -> Iterator[int]:
    """The units of each character."""
    if is_gsm(text):
        return (_WIDTHS[letter] for letter in text)
    return (2 if ord(letter) > 0xFFFF else 1 for letter in text)
