"""The trainer, on sets of a few lines in the formats of the real ones."""

import csv
import json
import sys
from zipfile import ZipFile

import numpy as np
import pytest
from click.testing import CliRunner

from pharos.cli import main
from pharos.engine.text.features import Shape
from pharos.engine.text.model import parse
from pharos.jobs import signal_data as data
from pharos.jobs import signal_training as training

SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def table(path, rows, delimiter=","):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines, delimiter=delimiter, lineterminator="\n").writerows(rows)


def workbook(path, rows):
    """A workbook as office programs save it, of one sheet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in row) + "</row>" for row in rows
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": relation("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="one" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relation("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{SHEET}"><sheetData>{cells}</sheetData></worksheet>',
    }
    with ZipFile(path, "w") as book:
        for name, part in parts.items():
            book.writestr(name, part)


def relation(kind, target):
    return (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


@pytest.fixture
def folder(tmp_path):
    for split in ("train", "dev", "test"):
        table(
            tmp_path / f"goemotions/ekman/{split}.tsv",
            [[f"so {w} {n}", n % 7, n] for n, w in enumerate("abcdefgh")],
            "\t",
        )
        table(tmp_path / f"goemotions/original/{split}.tsv", [["x", n, n] for n in range(8)], "\t")
        table(
            tmp_path / f"multidogo/splits_annotated_at_sentence_level/air/{split}.tsv",
            [["utterance"], ["a seat"]],
            "\t",
        )
    table(tmp_path / "davidson/labeled_data.csv", [["tweet", "class"], *([f"tweet {n}", n % 3] for n in range(30))])
    workbook(tmp_path / "short_persian_emo/train_fa.xlsx", [[f"متن {n}", data.PERSIAN[n % 5]] for n in range(40)])
    for split in ("train", "dev"):
        head = ["id", "text", *data.BRIGHTER]
        table(
            tmp_path / f"brighter/track_a/{split}/chn.csv",
            [head, *([n, f"文字{n}", *(int(n % 6 == k) for k in range(6))] for n in range(20))],
        )
        table(tmp_path / f"cold/{split}.csv", [["label", "TEXT"], *([n % 2, f"话{n}"] for n in range(10))])
    table(tmp_path / "banking77/train.csv", [["text", "category"], ["my card", "x"]])
    table(
        tmp_path / "cped/valid_split.csv", [["Utterance", "Sentiment"], ["你好吗", "neutral"], ["他死了", "negative"]]
    )
    for language, code in data.MASSIVE.items():
        rows = [["id", "partition", "utt"], [1, "train", f"{language} one"], [2, "dev", f"{language} two"]]
        table(tmp_path / f"massive/{code}.train_dev.tsv", rows, "\t")
    for code in ("eng_Latn", "pes_Arab", "hye_Armn", "zho_Hans"):
        table(tmp_path / f"sib200/{code}/train.tsv", [["index_id", "text"], [1, "a b c"]], "\t")
    return tmp_path


def test_the_same_data_give_the_same_file(folder, monkeypatch):
    monkeypatch.setattr(training, "SENTENCES", 30)
    monkeypatch.setattr(training, "SHAPES", {code: Shape(1, (2, 2), 8, within_words=False) for code in training.SHAPES})
    said: list[str] = []
    made = training.train(folder, said.append)
    model = parse(made)
    assert model.languages["en"].heads == (*data.EKMAN, "confusion", *data.DAVIDSON, "danger")
    assert model.languages["hy"].heads == (*data.PERSIAN, "danger")
    assert model.about["decisions"]["fa"].keys() == {*data.PERSIAN, "danger"}
    assert said[0] == "en: goemotions, 16 texts, 8 heads"
    assert made == training.train(folder, said.append)


def test_held_parts_are_fixed_and_equal_texts_fall_on_one_side():
    texts = [f"text {number}" for number in range(1000)]
    held = data.held(texts, 10)
    assert 60 < held.sum() < 140
    assert (held == data.held(texts[::-1], 10)[::-1]).all()


def test_a_part_keeps_texts_and_truth_together():
    labelled = data.Labelled(["a", "b", "c"], np.array([[True], [False], [True]]))
    part = labelled.part(np.array([True, False, True]))
    assert part.texts == ["a", "c"]
    assert part.truth.all()


def test_swear_words_and_wave(tmp_path):
    (tmp_path / "persian_swear_words").mkdir()
    (tmp_path / "persian_swear_words/data.json").write_text(json.dumps({"word": ["بد", "?"]}), encoding="utf-8")
    (tmp_path / "wave").mkdir()
    (tmp_path / "wave/cancellation-day.jsonl").write_text('{"text": "hello"}\n', encoding="utf-8")
    assert data.swear_words(tmp_path) == ["بد"]
    assert data.wave(tmp_path) == ["hello"]


def test_the_command_writes_where_it_is_told(folder, monkeypatch):
    monkeypatch.setattr(training, "train", lambda data, say: b"model")
    target = folder / "made.safetensors"
    result = CliRunner().invoke(main, ["train-signals", "--data", str(folder), "--to", str(target)])
    assert result.exit_code == 0, result.output
    assert target.read_bytes() == b"model"


def test_lines_said_in_a_bad_mood_are_not_ordinary(folder):
    assert data.drama(folder) == ["你好吗"]


def test_the_command_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pharos.jobs.signal_training", None)
    monkeypatch.delattr("pharos.jobs.signal_training")
    result = CliRunner().invoke(main, ["train-signals", "--data", str(tmp_path), "--to", str(tmp_path / "x")])
    assert result.exit_code == 1
    assert "requirements-training.txt" in result.output


def test_the_command_says_what_is_missing(tmp_path):
    result = CliRunner().invoke(main, ["train-signals", "--data", str(tmp_path), "--to", str(tmp_path / "x")])
    assert result.exit_code == 1
    assert "no model was made" in result.output
    assert not (tmp_path / "x").exists()
