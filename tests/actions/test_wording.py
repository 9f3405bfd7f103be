"""What staff write for the public is cleaned and checked before it is kept."""

import pytest
from django.utils import translation

from pharos.actions import wording
from pharos.actions.errors import Refused


def test_a_line_is_one_line_without_what_no_keyboard_makes() -> None:
    assert wording.line({"en": "  Ferry\r\n\x00Aurora\u2028 ", "fa": "  "}) == {"en": "Ferry Aurora"}


def test_a_body_keeps_its_lines_and_its_joiners() -> None:
    assert wording.body({"fa": "می\u200cرود\r\nدو\rسه\x1b"}) == {"fa": "می\u200cرود\nدو\nسه"}


def test_texts_keep_the_order_of_the_languages() -> None:
    assert list(wording.line({"zh-hans": "四", "en": "four"})) == ["en", "zh-hans"]


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(Refused, match="language"):
        wording.line({"tlh": "Qapla'"})


@pytest.mark.parametrize(("clean", "limit"), [(wording.line, wording.LINE_MAX), (wording.body, wording.TEXT_MAX)])
def test_too_much_is_refused_at_the_first_character_too_many(clean, limit) -> None:
    assert clean({"en": "x" * limit}) == {"en": "x" * limit}
    with pytest.raises(Refused, match="too_long"):
        clean({"en": "x" * (limit + 1)})


def test_the_limit_is_in_the_digits_of_the_reader() -> None:
    with translation.override("fa"), pytest.raises(Refused) as refused:
        wording.line({"fa": "x" * (wording.LINE_MAX + 1)})
    assert "۲۰۰" in str(refused.value.message)


def test_nothing_written_is_refused_where_something_must_be() -> None:
    with pytest.raises(Refused, match="empty"):
        wording.required({})


def test_a_placeholder_that_nothing_fills_is_refused() -> None:
    wording.placeholders_within({"en": "Hello {name}"}, {"en": "{name}, {reference}"})
    with pytest.raises(Refused, match="placeholder") as refused:
        wording.placeholders_within({"en": "Hello {nmae}"}, {"en": "{name}"})
    assert "{nmae}" in str(refused.value.message)
