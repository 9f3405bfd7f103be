"""The form on paper as a PDF: A4, black on white, large letters, from the right where it is read from there."""

from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from pharos.content.calendars import local_digits
from pharos.desktop.paper import Paper, Part, Section, paper
from pharos.desktop.paper_fonts import PACKAGES, faces

WIDTH, HEIGHT, MARGIN = 210.0, 297.0, 15.0  # millimetres
INNER: Final = WIDTH - 2 * MARGIN
BODY, TITLE, LARGE, SMALL = 14, 15, 24, 14  # points
LINE: Final = 7.2  # millimetres from one line of text to the next
RULE: Final = 10.5  # from one line to write on to the next
BOX: Final = 8.6
BOX_HIGH: Final = 10.0
TICK: Final = 6.5
GAP: Final = 3.5
FOOT: Final = 14.0  # left free below


class NoFace(LookupError):
    """There is no face for this language on this machine; the message says where to get one."""


@lru_cache(maxsize=16)
def pdf(language: str, organisation: str) -> bytes:
    """The form in one language. Raises `NoFace`."""
    if language not in faces():
        raise NoFace(f"no font for {language}: install {PACKAGES}, or put its file into ~/.fonts")
    return _Sheet(paper(language), organisation).drawn()


class _Sheet:
    """Draws from top to bottom; `y` is where the next thing goes."""

    def __init__(self, form: Paper, organisation: str) -> None:
        self.form, self.organisation = form, organisation
        self.is_mirrored = form.is_right_to_left
        self.pdf = FPDF(format="A4")
        self.pdf.set_auto_page_break(auto=False)
        self.pdf.set_margins(0, 0, 0)
        self.pdf.c_margin = 0
        self.pdf.set_title(f"{form.title} · {organisation}" if organisation else form.title)
        self.pdf.set_lang(form.language)
        for name, face in faces().items():
            self.pdf.add_font(name, "", face.regular, collection_font_number=face.number)
            self.pdf.add_font(name, "B", face.bold, collection_font_number=face.number)
        self.pdf.set_text_shaping(use_shaping_engine=True)
        self.pdf.set_fallback_fonts([name for name in faces() if name != form.language], exact_match=False)
        self.y = MARGIN

    def drawn(self) -> bytes:
        """The document."""
        self._new_page()
        self._head()
        self._framed(self.form.staff)
        for section in self.form.sections:
            self._section(self._filled_up(section))
        self._strip(self.form.strip)
        self._number_pages()
        made = bytes(self.pdf.output())
        for font in self.pdf.fonts.values():
            font.ttfont.close()  # type: ignore[union-attr]
        return made

    def _new_page(self) -> None:
        self.pdf.add_page()
        self.y = MARGIN

    def _head(self) -> None:
        if self.organisation:
            self._text(0, INNER, self.organisation, size=BODY)
        self._text(0, INNER, self.form.title, size=LARGE, bold=True, line=11)
        for words in self.form.lead:
            self._text(0, INNER, words, bold=words is self.form.lead[0])
        self.y += GAP

    def _section(self, section: Section) -> None:
        self._room(self._height(section))
        self._text(0, INNER, section.title, size=TITLE, bold=True)
        if section.hint:
            self._text(0, INNER, section.hint, size=SMALL)
        self.y += 1.5
        for part in section.parts:
            self._part(part, 0, INNER)
        self.y += GAP

    def _filled_up(self, section: Section) -> Section:
        """A question with nothing but lines has as many as the page has room for."""
        [first, *others] = section.parts
        if others or first.lines < 2:
            return section
        room = int((HEIGHT - FOOT - self.y - LINE - 1.5 - 2 - GAP) / RULE)
        return replace(section, parts=(replace(first, lines=max(first.lines, room)),))

    def _framed(self, section: Section) -> None:
        """What staff fill in: number, day and time beside each other, then who and until when."""
        top = self.y
        inside = INNER - 2 * GAP
        self.y += GAP
        self._text(GAP, inside, f"{section.title}: {section.hint}", size=SMALL)
        self.y += 1.5
        for row in (section.parts[:1], section.parts[1:3], section.parts[3:]):
            self._row(row, GAP, inside)
        self.pdf.set_line_width(0.6)
        self.pdf.rect(MARGIN, top, INNER, self.y + 1 - top)
        self.y += GAP + 3

    def _row(self, parts: tuple[Part, ...], at: float, width: float) -> None:
        """Parts side by side, each as wide as it needs; what is over goes to those with lines."""
        top, lowest = self.y, self.y
        fixed = [self._label_width(one) + self._boxes_width(one) if one.boxes else 0.0 for one in parts]
        rest = (width - sum(fixed) - GAP * (len(parts) - 1)) / max(sum(1 for one in parts if not one.boxes), 1)
        for part, needed in zip(parts, fixed, strict=True):
            self.y = top
            self._part(part, at, needed or rest)
            lowest = max(lowest, self.y)
            at += (needed or rest) + GAP
        self.y = lowest

    def _part(self, part: Part, at: float, width: float) -> None:
        if part.ticks:
            if part.label:
                self._text(at, width, part.label)
            self._ticks(part, at, width)
        elif part.boxes:
            label = self._label_width(part)
            self._label(part, at, offset=1.6)
            self._boxes(part, at + label)
        else:
            self._lines(part, at, width)

    def _lines(self, part: Part, at: float, width: float) -> None:
        label = self._label_width(part) if part.label else 0.0
        self._label(part, at, offset=RULE - LINE)
        for number in range(part.lines):
            begin = at + label if number == 0 else at
            self.y += RULE
            left = self._x(begin, width - (begin - at))
            self.pdf.set_line_width(0.3)
            self.pdf.line(left, self.y, left + width - (begin - at), self.y)
        self.y += 2

    def _boxes(self, part: Part, at: float) -> None:
        """Boxes run from left to right also where the words do not: numbers do."""
        left = self._x(at, self._boxes_width(part))
        under = any(one.name for one in part.boxes)
        self.pdf.set_line_width(0.45)
        for place, one in enumerate(part.boxes):
            if place:
                self._at(left, 3.5, part.between, size=BODY, align=Align.C, offset=1.6)
                left += 3.5
            for _number in one.each:
                self.pdf.rect(left, self.y, BOX, BOX_HIGH)
                left += BOX
            if one.name:
                self._at(left - one.count * BOX, one.count * BOX, one.name, size=BODY, align=Align.C, offset=BOX_HIGH)
        self.y += BOX_HIGH + (LINE if under else 0) + 2

    def _boxes_width(self, part: Part) -> float:
        return sum(one.count for one in part.boxes) * BOX + (len(part.boxes) - 1) * 3.5

    def _ticks(self, part: Part, at: float, width: float) -> None:
        column = width / part.columns
        for begin in range(0, len(part.ticks), part.columns):
            top, lowest = self.y, self.y
            for place, words in enumerate(part.ticks[begin : begin + part.columns]):
                self.y = top
                left = self._x(at + place * column, TICK)
                self.pdf.set_line_width(0.45)
                self.pdf.rect(left, self.y + 0.3, TICK, TICK)
                self._text(at + place * column + TICK + 2.5, column - TICK - 4, words)
                lowest = max(lowest, self.y)
            self.y = lowest + 1.6

    def _strip(self, section: Section) -> None:
        """At the foot of the last page, to tear off."""
        top = HEIGHT - 52
        if self.y > top:
            self._new_page()
        self.y = top
        self.pdf.set_dash_pattern(dash=2, gap=1.5)
        self.pdf.line(MARGIN, self.y, WIDTH - MARGIN, self.y)
        self.pdf.set_dash_pattern()
        self.y += GAP
        self._text(0, INNER, section.title, size=TITLE, bold=True)
        self._text(0, INNER, section.hint)
        self.y += 1
        self._row(section.parts, 0, INNER)

    def _number_pages(self) -> None:
        total = self.pdf.pages_count
        for number in range(1, total + 1):
            self.pdf.page = number
            said = self.form.page % {
                "number": local_digits(number, self.form.language),
                "total": local_digits(total, self.form.language),
            }
            self.y = HEIGHT - 11
            self._face(BODY - 1)  # a page that is opened again has forgotten its face: it must change to be said
            self._at(MARGIN, INNER, said, size=BODY, align=Align.C)

    def _height(self, section: Section) -> float:
        """How far down it goes: drawn once for nothing."""
        words = self._text_height(section.title, INNER, TITLE, bold=True)
        words += self._text_height(section.hint, INNER, SMALL) if section.hint else 0
        return words + 1.5 + sum(map(self._part_height, section.parts)) + GAP

    def _part_height(self, part: Part) -> float:
        if part.ticks:
            column = INNER / part.columns - TICK - 4
            rows = [part.ticks[begin : begin + part.columns] for begin in range(0, len(part.ticks), part.columns)]
            return (LINE if part.label else 0) + sum(
                max(self._text_height(words, column, BODY) for words in row) + 1.6 for row in rows
            )
        if part.boxes:
            return BOX_HIGH + (LINE if any(one.name for one in part.boxes) else 0) + 2
        return part.lines * RULE + 2

    def _room(self, needed: float) -> None:
        if self.y + needed > HEIGHT - FOOT:
            self._new_page()

    def _label_width(self, part: Part) -> float:
        if not part.label:
            return 0.0
        self._face(BODY)
        return float(self.pdf.get_string_width(part.label)) + 4

    def _text_height(self, words: str, width: float, size: int, *, bold: bool = False) -> float:
        self._face(size, bold=bold)
        lines: Any = self.pdf.multi_cell(width, LINE, words, dry_run=True, output="LINES")
        return LINE * float(len(lines))

    def _label(self, part: Part, at: float, *, offset: float) -> None:
        """What is asked, on the line that it is answered on."""
        if part.label:
            width = self._label_width(part)
            align = Align.R if self.is_mirrored else Align.L
            self._at(self._x(at, width), width, part.label, size=BODY, align=align, offset=offset)

    def _text(
        self, at: float, width: float, words: str, *, size: int = BODY, bold: bool = False, line: float = LINE
    ) -> None:
        """Words from the side that the language begins at, on as many lines as they need."""
        self._face(size, bold=bold)
        self.pdf.set_xy(self._x(at, width), self.y)
        align = Align.R if self.is_mirrored else Align.L
        self.pdf.multi_cell(width, line, words, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.y = self.pdf.get_y()

    def _at(self, left: float, width: float, words: str, *, size: int, align: Align, offset: float = 0.0) -> None:
        """Words at a place of the page itself."""
        self._face(size)
        self.pdf.set_xy(left, self.y + offset)
        self.pdf.cell(width, LINE, words, align=align)

    def _face(self, size: int, *, bold: bool = False) -> None:
        self.pdf.set_font(self.form.language, "B" if bold else "", size)

    def _x(self, at: float, width: float) -> float:
        """The left edge of what begins this far from the side that the language begins at."""
        return WIDTH - MARGIN - at - width if self.is_mirrored else MARGIN + at
