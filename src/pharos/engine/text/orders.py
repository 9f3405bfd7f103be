"""Whether a whole message is one word to the number itself: stop, start, help."""

import re
from collections.abc import Mapping
from typing import Final
from unicodedata import normalize

_EDGES: Final = re.compile(r"^[\W_]+|[\W_]+$")
_LETTERS: Final = {
    **str.maketrans("كيىە۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "کییه01234567890123456789"),
    **dict.fromkeys(map(ord, "\u0640\u200d\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff՛՜՞"), ""),
    0x200C: " ",
    ord("և"): "եւ",
}
_LONGEST: Final = 40  # characters; no such word is longer, whatever stands around it


def order(message: str, words: Mapping[str, str]) -> str:
    """What this message tells the number to do, by the words that count; blank when it says anything else besides."""
    if len(message) > _LONGEST:
        return ""
    said = _plain(message)
    return next((means for word, means in words.items() if _plain(word) == said), "") if said else ""


def _plain(text: str) -> str:
    """Without case, width, marks around it and differences of keyboard; a mark that stands alone stays."""
    spelled = " ".join(normalize("NFKC", text).casefold().translate(_LETTERS).split())
    return _EDGES.sub("", spelled) or spelled
