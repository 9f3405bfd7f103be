"""The recorded day as rows."""

import json
from datetime import date
from pathlib import Path

from pharos.api.replay import wave

ROW = {
    "id": "w-1",
    "at_s": 4.5,
    "channel": "sms",
    "language": "fa",
    "text": "سلام",
    "name": "Ani",
    "email": "",
    "phone": "+44 7700 900123",
    "booking": "",
    "request_type": "",
    "need_in_days": 3,
    "truth": {"person": 7},
}


def test_read_takes_the_first_rows_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "wave.jsonl"
    file.write_text(
        "\n".join(json.dumps(ROW | {"id": f"w-{n}", "at_s": n}) for n in range(5)) + "\n\n", encoding="utf-8"
    )
    assert [row.id for row in wave.read(file, limit=3).rows] == ["w-0", "w-1", "w-2"]
    assert len(wave.read(file).rows) == 5


def test_parse_never_keeps_what_a_row_knows_about_itself() -> None:
    row = wave.parse([json.dumps(ROW)]).rows[0]
    assert "truth" not in repr(row)
    assert not hasattr(row, "truth")


def test_parse_puts_rows_in_the_order_of_their_times() -> None:
    rows = wave.parse([json.dumps(ROW | {"id": str(at), "at_s": at}) for at in (5, 1, 3)]).rows
    assert [row.at_s for row in rows] == [1, 3, 5]


def test_parse_keeps_count_of_lines_that_are_no_rows() -> None:
    lines = ["{", "[]", '{"id": "x"}', json.dumps(ROW), json.dumps(ROW | {"need_in_days": "soon"})]
    read = wave.parse(lines)
    assert (len(read.rows), len(read.unreadable)) == (1, 4)
    assert read.unreadable[0].startswith("line 1: ")


def test_needed_by_counts_from_today() -> None:
    today = date(2026, 2, 27)
    assert wave.parse([json.dumps(ROW)]).rows[0].needed_by(today) == "2026-03-02"
    assert wave.parse([json.dumps(ROW | {"need_in_days": None})]).rows[0].needed_by(today) == ""
    assert wave.parse([json.dumps(ROW | {"need_in_days": 0})]).rows[0].needed_by(today) == "2026-02-27"
