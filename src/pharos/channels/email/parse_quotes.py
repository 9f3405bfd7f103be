"""The sender's own words, and what they quote. When in doubt a line counts as the sender's own.

The patterns look at single lines of bounded length, so a mail made to hurt costs no more than another.
"""

import re
from itertools import pairwise
from typing import Final

from pharos.channels.email.parse_phrases import DRAWN, ENDS, FORWARDED, FROM, OTHER, WROTE

LINE_MOST: Final = 500  # what a programme writes above a quotation is shorter
ATTRIBUTION_LINES: Final = 4
HEADER_LINES: Final = 8
LINES_MOST: Final = 5000  # looked at; what comes below them is the sender's own
DIRECTIONS: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069*]")
QUOTED: Final = re.compile(r"[ \t]{0,3}[>\uff1e]")
MAIL: Final = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")
TIME: Final = re.compile(r"\d{1,2}[:.\uff1a]\d{2}")
YEAR: Final = re.compile(r"\d{4}")
RULE: Final = re.compile(r"[_-]{8,200}$")


def fold(text: str, *, forwards: bool = False) -> tuple[str, str]:
    """The sender's own words and the quoted rest. `forwards`: the old mail is what the sender wants read.

    Words between quotations stay with what they answer; a mail of nothing but quotation stays whole.
    """
    lines = text.split("\n")
    bare = [DIRECTIONS.sub("", line[: LINE_MOST + 1]).strip() for line in lines[:LINES_MOST]]
    blocks, cut = _found(bare, forwards)
    if len(blocks) > 1 and any(bare[at] for first, second in pairwise(blocks) for at in range(first[1], second[0])):
        blocks = []
    below = [(cut, len(lines))] if cut < len(bare) else []
    folded = _lines(lines, [*blocks, *below])
    own = _lines(lines, _between([*blocks, *below], len(lines)))
    return (own, folded) if own else (text.strip(), "")


def _found(bare: list[str], forwards: bool) -> tuple[list[tuple[int, int]], int]:
    """Where quotations stand (from, to), and from where on all is an old mail; the number of lines when nowhere."""
    blocks: list[tuple[int, int]] = []
    at = 0
    while at < len(bare):
        line = bare[at]
        if not line:
            at += 1
        elif FORWARDED.match(line):
            break
        elif QUOTED.match(line):
            blocks.append((at, _quotation_end(bare, at)))
            at = blocks[-1][1]
        elif not forwards and _begins_old_mail(bare, at):
            return blocks, at
        elif length := _attribution(bare, at):
            first = _next_solid(bare, at + length)
            if first < len(bare) and QUOTED.match(bare[first]):
                blocks.append((at, _quotation_end(bare, first)))
                at = blocks[-1][1]
            elif _is_surely_written(" ".join(bare[at : at + length])):
                return blocks, at
            else:
                at += 1
        else:
            at += 1
    return blocks, len(bare)


def _begins_old_mail(bare: list[str], at: int) -> bool:
    line = bare[at]
    if DRAWN.match(line):
        return True
    if RULE.match(line):
        at = _next_solid(bare, at + 1)
    return at < len(bare) and bool(FROM.match(bare[at])) and _header_lines(bare, at + 1) >= 2


def _header_lines(bare: list[str], at: int) -> int:
    return sum(bool(OTHER.match(line)) for line in bare[at : at + HEADER_LINES])


def _attribution(bare: list[str], at: int) -> int:
    """How many lines from here say who wrote what follows; 0 when none do."""
    said = ""
    for length, line in enumerate(bare[at : at + ATTRIBUTION_LINES], start=1):
        said = f"{said} {line}".strip()
        if not line or len(said) > LINE_MOST or QUOTED.match(line):
            return 0
        if not line.endswith(ENDS):
            continue
        if WROTE.search(said) and _dated(said):
            return 0 if length > 1 and _stands_alone(bare, at) else length
        after = bare[at + length : at + length + 2]
        if said.endswith((":", "\uff1a", "\u055d")) and (MAIL.search(said) or _dated(said)) and _is_quoted_next(after):
            return length
    return 0


def _stands_alone(bare: list[str], at: int) -> bool:
    """Whether this line is the person's last, close above what a programme wrote."""
    below = " ".join(bare[at + 1 : at + 1 + _attribution(bare, at + 1)])
    has_date = bool(TIME.search(below) or YEAR.search(below))
    return has_date and not _dated(bare[at])


def _dated(said: str) -> bool:
    return bool(MAIL.search(said) or TIME.search(said) or YEAR.search(said))


def _is_surely_written(said: str) -> bool:
    """Whether only a programme writes like this: then what follows is quoted, marked or not."""
    return bool(WROTE.search(said) and TIME.search(said) and (MAIL.search(said) or YEAR.search(said)))


def _is_quoted_next(after: list[str]) -> bool:
    return bool(after and (QUOTED.match(after[0]) or (not after[0] and len(after) > 1 and QUOTED.match(after[1]))))


def _quotation_end(bare: list[str], at: int) -> int:
    """Where a quotation ends: blank lines within belong to it."""
    end = at
    while at < len(bare) and (not bare[at] or QUOTED.match(bare[at])):
        at += 1
        end = at if bare[at - 1] else end
    return end


def _next_solid(bare: list[str], at: int) -> int:
    while at < len(bare) and not bare[at]:
        at += 1
    return at


def _between(blocks: list[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """What lies outside the blocks."""
    starts = [0, *(end for _, end in blocks)]
    ends = [*(start for start, _ in blocks), length]
    return list(zip(starts, ends, strict=True))


def _lines(lines: list[str], blocks: list[tuple[int, int]]) -> str:
    parts = ("\n".join(lines[start:end]).strip() for start, end in blocks)
    return "\n\n".join(part for part in parts if part)
