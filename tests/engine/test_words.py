"""Words as search compares them."""

import pytest

from pharos.engine.words import WORD_MAX, asked, document, words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Refund, please!", ["refund", "please"]),
        ("sara.ahmadi@Example.org", ["sara", "ahmadi", "example", "org"]),
        ("Café CAFÉ", ["cafe", "cafe"]),
        ("ＡＢ１２", ["ab12"]),
        ("۰۹۱۲ ٣٤٥", ["0912", "345"]),
        ("می‌خواهم", ["میخواهم"]),
        ("علي كريمي", ["علی", "کریمی"]),
        ("مُحَمَّد", ["محمد"]),
        ("Երևան և Գյումրի", ["երեվան", "եվ", "գյումրի"]),
        ("ԵՐԵՎԱՆ", ["երեվան"]),
        ("航班取消", ["航班", "班取", "取消", "消"]),
        ("退B12票", ["退", "b12", "票"]),
        ("a_b", ["a", "b"]),
        ("... — !", []),
        ("", []),
    ],
)
def test_words_of_a_text(text: str, said: list[str]) -> None:
    assert list(words(text)) == said


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("refund ref", [("refund", True), ("ref", True)]),
        ("航班", [("航班", False)]),
        ("航", [("航", True)]),
        ("取消航", [("取消", False), ("消航", False)]),
        ("the the", [("the", True)]),
        ("'; DROP", [("drop", True)]),
        ('"*()&|!:', []),
    ],
)
def test_words_of_a_question(text: str, terms: list[tuple[str, bool]]) -> None:
    assert asked(text) == terms


@pytest.mark.parametrize("language", ["Ferry to Calais", "کشتی به بندر", "Նավը չեղարկված է", "渡轮已取消"])
def test_every_question_is_found_in_its_own_text(language: str) -> None:
    said = set(words(language))
    for word, goes_on in asked(language):
        assert any(one.startswith(word) for one in said) if goes_on else word in said


def test_words_are_cut_alike_in_texts_and_questions() -> None:
    assert list(words("x" * 99)) == [word for word, _goes_on in asked("x" * 99)] == ["x" * WORD_MAX]


def test_a_document_has_each_word_once_and_so_many() -> None:
    assert document(["one two", "two three"], most=9) == "one two three"
    assert document(["one two", "two three"], most=2) == "one two"
    assert document([], most=2) == document([" — "], most=2) == ""
