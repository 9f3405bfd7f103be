from pharos.content import LANGUAGES
from pharos.content.lists import COMMA, SEMICOLON, clauses, joined


def test_things_in_a_row_have_the_comma_of_their_language():
    assert {language: joined(["a", 2, "c"], language) for language in LANGUAGES} == {
        "en": "a, 2, c",
        "fa": "a، 2، c",
        "hy": "a, 2, c",
        "zh-hans": "a、2、c",
    }


def test_parts_of_a_sentence_have_the_semicolon_of_their_language():
    assert {language: clauses(["a", "b"], language) for language in LANGUAGES} == {
        "en": "a; b",
        "fa": "a؛ b",
        "hy": "a; b",
        "zh-hans": "a；b",
    }


def test_what_is_empty_is_left_out_of_a_row():
    assert joined(["a", "", "b"], "en") == "a, b"
    assert clauses(["", "a"], "en") == "a"
    assert joined([], "fa") == ""


def test_a_language_that_is_not_known_is_joined_as_english():
    assert joined(["a", "b"], "de") == "a, b"


def test_every_language_has_its_marks():
    assert set(COMMA) == set(SEMICOLON) == set(LANGUAGES)
