import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.content import LANGUAGES, MissingValueError, fill, fill_lines, known_language, pick, placeholders


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", "en"),
        ("en-GB", "en"),
        ("fa", "fa"),
        ("fa_IR", "fa"),
        ("hy-AM", "hy"),
        ("zh-hans", "zh-hans"),
        ("zh-Hans", "zh-hans"),
        ("zh_CN", "zh-hans"),
        ("zh", "zh-hans"),
        ("zh-TW", "zh-hans"),
        (" FA ", "fa"),
        ("de", "en"),
        ("", "en"),
        (None, "en"),
        ("faroese", "en"),
    ],
)
def test_known_language(tag, language):
    assert known_language(tag) == language


@pytest.mark.parametrize(
    ("texts", "language", "expected"),
    [
        ({"en": "Hello", "fa": "سلام"}, "fa", ("سلام", "fa")),
        ({"en": "Hello", "fa": "سلام"}, "fa-IR", ("سلام", "fa")),
        ({"en": "Hello", "fa": "سلام"}, "hy", ("Hello", "en")),
        ({"en": " ", "fa": "سلام"}, "hy", ("سلام", "fa")),
        ({"zh-hans": "您好"}, "en", ("您好", "zh-hans")),
        ({"de": "Hallo"}, "fa", ("Hallo", "de")),
        ({"fa": "\n"}, "fa", ("", "fa")),
        ({}, "hy", ("", "hy")),
    ],
)
def test_pick_says_the_language_it_found(texts, language, expected):
    assert pick(texts, language) == expected


def test_fill_replaces_every_placeholder():
    assert fill("{a} and {b_2}, {a}", a="one", b_2=2) == "one and 2, one"


def test_fill_leaves_other_braces():
    assert fill("{ a } {A} {} {{a}}", a=1) == "{ a } {A} {} {1}"


def test_fill_refuses_a_missing_value():
    with pytest.raises(MissingValueError, match=r"\{b\}") as error:
        fill("{a} {b}", a="one")
    assert error.value.name == "b"


@given(st.text(), st.text())
def test_fill_never_expands_a_value(first, second):
    assert fill("<{a}|{b}>", a=f"{{b}}{first}", b=second) == f"<{{b}}{first}|{second}>"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": "Ana", "phone": "112"}, "Dear Ana,\nWe have it.\nCall 112"),
        ({"name": "", "phone": "112"}, "We have it.\nCall 112"),
        ({"name": None, "phone": None}, "We have it."),
    ],
)
def test_fill_lines_leaves_out_lines_without_their_value(values, expected):
    assert fill_lines("Dear {name},\nWe have it.\nCall {phone}", **values) == expected


def test_fill_lines_keeps_the_lines_of_a_value():
    assert fill_lines("{body}\nBye", body="one\n\n{two}") == "one\n\n{two}\nBye"


def test_fill_lines_still_refuses_a_missing_value():
    with pytest.raises(MissingValueError):
        fill_lines("Dear {name}")


def test_placeholders_are_names_in_braces():
    assert placeholders("{a} {b_2} {a} { c } {D}") == {"a", "b_2"}


def test_languages_are_ours():
    assert LANGUAGES == ("en", "fa", "hy", "zh-hans")
