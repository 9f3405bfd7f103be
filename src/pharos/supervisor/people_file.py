"""A list of colleagues as a spreadsheet writes it: read kindly, or refused with what to do."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from pharos.content.calendars import local_digits
from pharos.content.lists import joined
from pharos.http.fields import one_line
from pharos.models import Skill

COLUMNS: Final = ("name", "user_name", "email", "role", "languages", "skills", "live", "written")
NEEDED: Final = ("name", "user_name")
ALIASES: Final = {
    "username": "user_name",
    "user": "user_name",
    "mail": "email",
    "e_mail": "email",
    "language": "languages",
}
MOST_BYTES: Final = 2**20
MOST_ROWS: Final = 2000
ARABIC_LETTERS: Final = str.maketrans("يك", "یک")  # what Windows-1256 has in the place of the Persian ones
WORD: Final = re.compile(r"[^\W\d_]+")
BYTE_ORDER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


class NotReadable(ValueError):
    """Why a file cannot be read, in the reader's language."""


class Table(NamedTuple):
    """The rows by the number a spreadsheet gives them, each by column; `notices` say what was assumed."""

    text: str
    rows: Sequence[tuple[int, Mapping[str, str]]]
    notices: Sequence[str]


def sample(skills: Iterable[Skill]) -> str:
    """A file that can be filled in: with the byte order mark by which spreadsheets know UTF-8."""
    codes = [skill.code for skill in skills]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    some = "|".join(f"{code}:3" for code in codes[:2])
    writer.writerow(["Ani Petrosyan", "ani", "ani@example.org", "agent", "en|hy", some, 1, 3])
    writer.writerow(["سارا احمدی", "sara", "sara@example.org", "lead", "fa", "|".join(codes[:1]), 1, 3])
    return "\ufeff" + out.getvalue()


def table(given: bytes | str, *, columns: Sequence[str] = COLUMNS, needed: Sequence[str] = NEEDED) -> Table:
    """The rows of a file or of pasted text. Raises NotReadable."""
    notices: list[str] = []
    text = given if isinstance(given, str) else _decoded(given, notices)
    records = _records(_clean(text))
    there = _columns(records, notices, wanted=columns, needed=needed)
    rows = [
        (row, _cells(there, record, wanted=columns))
        for row, record in enumerate(records, start=1)
        if row > 1 and any(record)
    ]
    if not rows:
        raise NotReadable(_("There is nobody in this list: below the names of the columns it is empty."))
    return Table(text, rows, notices)


def _decoded(data: bytes, notices: list[str]) -> str:
    if len(data) > MOST_BYTES:
        raise NotReadable(_("This file is too large. Please send at most one megabyte at a time."))
    if data[:2] == b"PK":
        raise NotReadable(
            _("This is an Excel workbook. In Excel choose “Save as”, then “CSV UTF-8”, and send that file.")
        )
    encoding = "utf-16" if data[:2] in BYTE_ORDER_MARKS else "utf-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode("cp1256", errors="replace")
    if encoding == "utf-16" or not _is_persian(text):
        raise NotReadable(_("We cannot read the letters of this file. Save it as “CSV UTF-8” and send it again."))
    notices.append(_("The file was read as Windows-1256, an older way of writing Persian. Look at the names below."))
    return text.translate(ARABIC_LETTERS)


def _is_persian(text: str) -> bool:
    """Windows-1256 can read any bytes: it is believed only where whole words come out in Arabic letters."""
    words = [word for word in WORD.findall(text) if not word.isascii()]
    arabic = [all("ARABIC" in unicodedata.name(letter, "") for letter in word) for word in words]
    return bool(words) and sum(arabic) >= 0.9 * len(words)


def _clean(text: str) -> str:
    if "\0" in text:
        raise NotReadable(_("This is not a text file. Save the list as “CSV UTF-8” and send it again."))
    return text.removeprefix("\ufeff")


def _records(text: str) -> list[list[str]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    try:
        for record in reader:
            records.append([one_line(cell) for cell in record])
            if len(records) > MOST_ROWS + 1:
                raise NotReadable(_("This list is too long. Please send at most 2000 people at a time."))
    except csv.Error:
        row = local_digits(len(records) + 1, get_language() or "en")
        raise NotReadable(_("The quotation marks in row %(row)s do not match.") % {"row": row}) from None
    return records


def _columns(
    records: list[list[str]], notices: list[str], *, wanted: Sequence[str], needed: Sequence[str]
) -> list[str]:
    names = ["_".join(name.lower().replace("-", " ").split()) for name in (records[0] if records else [])]
    columns = [ALIASES.get(name, name) for name in names]
    missing = [name for name in needed if name not in columns]
    if missing:
        listed = _listed(missing)
        raise NotReadable(_("The first line must name the columns. Missing: %(columns)s.") % {"columns": listed})
    if twice := {name for name in columns if name and columns.count(name) > 1}:
        raise NotReadable(_("A column is there twice: %(columns)s.") % {"columns": _listed(sorted(twice))})
    unknown = [name for name in columns if name and name not in wanted]
    if unknown:
        text = ngettext(
            "This column was left out: %(columns)s.", "These columns were left out: %(columns)s.", len(unknown)
        )
        notices.append(text % {"columns": _listed(unknown)})
    return columns


def _listed(names: Iterable[str]) -> str:
    return joined(names, get_language() or "en")


def _cells(columns: Sequence[str], record: Sequence[str], *, wanted: Sequence[str]) -> dict[str, str]:
    given = dict(zip(columns, record, strict=False))
    return {name: given.get(name, "") for name in wanted}
