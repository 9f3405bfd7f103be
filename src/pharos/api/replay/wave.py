"""The recorded day: rows of a JSON Lines file."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

WEB = "web"


@dataclass(frozen=True, slots=True)
class Row:
    """One request of the wave; `at_s` counts from the wave's beginning."""

    id: str
    at_s: float
    channel: str
    language: str
    text: str
    name: str
    email: str
    phone: str
    booking: str
    request_type: str
    need_in_days: int | None
    danger: bool
    needs: tuple[str, ...]

    def needed_by(self, today: date) -> str:
        """The date it is needed by, as ISO; empty when the row names none."""
        return "" if self.need_in_days is None else (today + timedelta(days=self.need_in_days)).isoformat()


class Wave(NamedTuple):
    """The rows in the order in which they are sent, and the lines that could not be read."""

    rows: list[Row]
    unreadable: list[str]


def read(path: Path, *, limit: int | None = None) -> Wave:
    """The first `limit` rows of a file. What a row knows about itself (`truth`) is left out, so it is never sent."""
    with path.open(encoding="utf-8") as lines:
        return parse(lines, limit=limit)


def parse(lines: Iterable[str], *, limit: int | None = None) -> Wave:
    """Rows from lines; a line that is none is kept with its number and what is wrong with it."""
    rows: list[Row] = []
    unreadable: list[str] = []
    for number, line in enumerate(lines, 1):
        if limit is not None and len(rows) >= limit:
            break
        if line.strip():
            try:
                rows.append(_row(json.loads(line)))
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                unreadable.append(f"line {number}: {type(error).__name__}: {error}")
    rows.sort(key=lambda row: row.at_s)
    return Wave(rows, unreadable)


def _row(values: dict[str, Any]) -> Row:
    days = values.get("need_in_days")
    return Row(
        id=str(values["id"]),
        at_s=float(values.get("at_s") or 0),
        channel=str(values["channel"]),
        language=str(values.get("language") or "en"),
        text=str(values.get("text") or ""),
        name=str(values.get("name") or ""),
        email=str(values.get("email") or ""),
        phone=str(values.get("phone") or ""),
        booking=str(values.get("booking") or ""),
        request_type=str(values.get("request_type") or ""),
        need_in_days=None if days is None else int(days),
        danger=bool(values.get("danger")),
        needs=tuple(values.get("needs") or ()),
    )
