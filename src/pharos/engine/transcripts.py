"""A transcript as turns: where in the text the person speaks, and where we do."""

import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

# What transcripts call those who answer, in the four languages; a number may follow.
OURS: Final = frozenset(
    {
        *("agent", "advisor", "adviser", "operator", "representative", "rep", "staff", "support", "supervisor"),
        *("assistant", "colleague", "system", "bot", "ivr", "customer service", "call handler", "interpreter"),
        *("کارشناس", "اپراتور", "پشتیبان", "پشتیبانی", "همکار", "سرپرست", "سامانه", "سیستم", "پاسخ‌گو", "پاسخگو"),
        *("օպերատոր", "մասնագետ", "գործակալ", "աշխատակից", "ղեկավար", "համակարգ"),
        *("坐席", "座席", "客服", "话务员", "接线员", "工作人员", "专员", "主管", "系统"),
    }
)
_WITHIN: Final = 80  # characters of a line in which a name and its colon stand, or not at all
# No part gives back what it took: a line costs no more than its length, whatever is in it.
_NAME: Final = re.compile(
    r"[ \t]*+(?:[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?[\])]?[ \t]*+)?[-–—>*]*+[ \t]*+"
    r"(?P<who>[^\W\d_][\w .'’\u200c-]{0,39}+)[ \t]*+(?:\([^)\n]{0,20}\))?[ \t]*+[:：։][ \t]*+"
)
_NUMBER: Final = re.compile(r"[ \t_-]*\d+$")


class Turn(NamedTuple):
    """What one party said in one go: the text from `start` up to `end`. `is_ours`: a colleague's words."""

    is_ours: bool
    start: int
    end: int


def turns(text: str, ours: Collection[str] = ()) -> list[Turn]:
    """The turns of a transcript with a line for each ("Caller: …"). `ours`: names of colleagues.

    Only a line with a name of ours is ours; any other is the person's, whatever name it has, and with none. What stands
    before the colon of a person's line belongs to it: it may be no name at all.
    """
    known = OURS | {_plain(name) for name in ours}
    found: list[Turn] = []
    for begin, end in _lines(text):
        name = _NAME.match(text, begin, min(end, begin + _WITHIN))
        is_ours = name is not None and _plain(name["who"]) in known
        start = name.end() if name and is_ours else begin
        if found and found[-1].is_ours == is_ours:
            found[-1] = found[-1]._replace(end=end)
        elif text[start:end].strip():
            found.append(Turn(is_ours, start, end))
    return found


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """From where to where each line goes that has anything in it, its end included."""
    begin = 0
    for line in text.split("\n"):
        end = min(begin + len(line) + 1, len(text))
        if line.strip():
            yield begin, end
        begin = end


def of_the_person(text: str, ours: Collection[str] = ()) -> list[Turn]:
    """The turns of everyone but us."""
    return [turn for turn in turns(text, ours) if not turn.is_ours]


def _plain(name: str) -> str:
    return _NUMBER.sub("", " ".join(name.split())).casefold()
