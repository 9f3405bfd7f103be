"""Plain text as a person reads it: flowed lines joined (RFC 3676), and the text of an HTML page."""

import re
from typing import Final

BLANKS: Final = re.compile(r"[ \t\n\r\f]+")
CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MANY_LINES: Final = re.compile(r"\n{4,}")


def tidied(said: str) -> str:
    """Without control characters, blanks at the ends of lines, and long gaps."""
    lines = [line.rstrip() for line in CONTROLS.sub("", said).split("\n")]
    return MANY_LINES.sub("\n\n\n", "\n".join(lines)).strip("\n")


def flowed(said: str, *, without_space: bool) -> str:
    """Lines that end in a space go on in the next one of the same depth of quotation."""
    out: list[str] = []
    before = -1  # depth of the line that goes on; -1: none
    for line in said.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        goes_on = bare.endswith(" ") and bare != "-- "
        if before == depth:
            out[-1] += bare
        else:
            out.append(f"{'>' * depth} {bare}" if depth else bare)
        if goes_on and without_space:
            out[-1] = out[-1][:-1]
        before = depth if goes_on else -1
    return "\n".join(out)


class Writer:
    """Text in the making: words run together to lines, divisions part them. `quotes`: depth of quotation now."""

    def __init__(self) -> None:
        self.quotes = 0
        self.kept = 0  # above 0 line breaks and blanks stay
        self._lines: list[str] = []
        self._line: list[str] = []
        self._depth = 0
        self._gap = 0

    def say(self, words: str) -> None:
        """Go on in this line."""
        if self.kept > 0:
            first, *others = words.split("\n")
            self._add(first)
            for other in others:
                self.divide(0)
                self._add(other)
            return
        words = BLANKS.sub(" ", words)
        if not self._line or self._line[-1].endswith(" "):
            words = words.lstrip(" ")
        self._add(words)

    def link(self, address: str) -> None:
        """Where the words of this line lead, unless they say so themselves."""
        line = "".join(self._line)
        if address.rstrip("/") not in line and len(address) <= 500:
            self.say(f" <{address}>")

    def divide(self, gap: int) -> None:
        """End the line. 0: a break, which may be one of several; 1: a new line; 2: a blank one before the next."""
        if self._line or gap == 0:
            self._end_line()
        self._gap = max(self._gap, gap)

    def text(self) -> str:
        """All of it."""
        if self._line:
            self._end_line()
        return tidied("\n".join(self._lines))

    def _add(self, words: str) -> None:
        if not words:
            return
        if not self._line:
            if self._gap > 1 and self._lines and self._lines[-1].strip("> "):
                self._lines.append(_quoted("", min(self.quotes, self._depth)))
            self._gap = 0
            self._depth = self.quotes
        self._line.append(words)

    def _end_line(self) -> None:
        depth = self._depth if self._line else self.quotes
        self._lines.append(_quoted("".join(self._line).rstrip(" "), depth))
        self._line = []
        self._depth = depth


def _quoted(line: str, depth: int) -> str:
    return f"{'>' * min(depth, 20)} {line}".rstrip() if depth > 0 else line
