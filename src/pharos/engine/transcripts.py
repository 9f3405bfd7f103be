"""A transcript as turns: where in the text the person speaks, and where we do."""

import re
from collections.abc import Collection
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
_LINE: Final = re.compile(
    r"^[ \t]*(?:[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?[\])]?[ \t]*)?[-–—>*]*[ \t]*"
    r"(?P<who>[^\W\d_][\w .'’\u200c-]{0,39}?)[ \t]*(?:\([^)\n]{0,20}\))?[ \t]*[:：։][ \t]*",
    re.MULTILINE,
)
_NUMBER: Final = re.compile(r"[ \t_-]*\d+$")


class Turn(NamedTuple):
    """What one party said in one go: the text from `start` up to `end`. `is_ours`: a colleague's words."""

    is_ours: bool
    start: int
    end: int


def turns(text: str, ours: Collection[str] = ()) -> list[Turn]:
    """The turns of a transcript with a line for each ("Caller: …"). `ours`: names of colleagues.

    Whoever is not known to be one of us is the person. What stands before the colon of a person's line belongs to it:
    it may be no name at all.
    """
    known = OURS | {_plain(name) for name in ours}
    lines = list(_LINE.finditer(text))
    starts = [*(line.start() for line in lines), len(text)]
    found = [Turn(False, 0, starts[0])]
    for line, end in zip(lines, starts[1:], strict=True):
        is_ours = _plain(line["who"]) in known
        start = line.end() if is_ours else line.start()
        if found[-1].is_ours == is_ours:
            found[-1] = found[-1]._replace(end=end)
        else:
            found.append(Turn(is_ours, start, end))
    return [turn for turn in found if text[turn.start : turn.end].strip()]


def of_the_person(text: str, ours: Collection[str] = ()) -> list[Turn]:
    """The turns of everyone but us."""
    return [turn for turn in turns(text, ours) if not turn.is_ours]


def _plain(name: str) -> str:
    return _NUMBER.sub("", " ".join(name.split())).casefold()
