"""How long an answer is that goes out as a text message."""

from typing import NamedTuple

from django.utils.translation import gettext

from pharos.actions.letters import TEXT_PARTS
from pharos.engine.segments import segments
from pharos.http.reader import Reader


class Parts(NamedTuple):
    """What stands below the answer now, and what scripts put there: filled in, or when it is longer than `most`."""

    now: str
    words: str
    rest: str
    most: int


def parts(body: str, reader: Reader) -> Parts:
    """The parts that these words take, in the reader's language."""
    words = gettext("Parts of the text message: {parts}. Left in the last: {left} characters.")
    rest = gettext("Too long for a text message: it carries the beginning, and a link to the page with all of it.")
    found = segments(body.strip())
    told = words.replace("{parts}", reader.number(found.parts)).replace("{left}", reader.number(found.left))
    return Parts(rest if found.parts > TEXT_PARTS else told, words, rest, TEXT_PARTS)
