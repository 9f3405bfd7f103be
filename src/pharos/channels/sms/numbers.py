"""Numbers as carriers write them."""

import re
from typing import Final

_NUMBER: Final = re.compile(r"\+[1-9]\d{6,14}")
_SHORT: Final = re.compile(r"\d{3,8}")


def is_reachable(address: str) -> bool:
    """Whether a text can go there: a whole number with its country, or a short code."""
    return bool(_NUMBER.fullmatch(address) or _SHORT.fullmatch(address))


def written(address: str) -> str:
    """The number as we keep it: carriers leave out the plus, or put spaces and dashes in."""
    bare = re.sub(r"[\s\-().]", "", address.strip())
    if bare.startswith("00") and bare.isdecimal():
        bare = "+" + bare[2:]
    if bare.isdecimal() and len(bare) > 8:
        bare = "+" + bare
    return bare[:320]
