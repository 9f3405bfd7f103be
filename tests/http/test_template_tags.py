import pytest
from django.template import Context, Template
from django.utils import translation
from django.utils.safestring import mark_safe


def drawn(template: str, language: str, **context) -> str:
    with translation.override(language):
        return Template(template).render(Context(context))


@pytest.mark.parametrize(("language", "text"), [("en", "a, b"), ("fa", "a، b"), ("hy", "a, b"), ("zh-hans", "a、b")])
def test_joined_has_the_comma_of_the_reader(language, text):
    assert drawn("{{ items|joined }}", language, items=["a", "b"]) == text
    assert drawn("a{% comma %}b", language) == text


def test_joined_escapes_what_is_not_markup():
    assert drawn("{{ items|joined }}", "en", items=["<b>", mark_safe("<i>x</i>")]) == "&lt;b&gt;, <i>x</i>"


def test_joined_without_items_is_empty():
    assert drawn("{{ nothing.here|language_names|joined }}", "en") == ""


def test_language_names_are_in_the_language_of_the_reader():
    assert drawn("{{ codes|language_names|joined }}", "en", codes=["en", "zh-hans"]) == "English, Simplified Chinese"
    assert drawn("{{ codes|language_names|joined }}", "fa", codes=["fa"]) == "فارسی"


def test_digits_are_those_of_the_reader():
    assert drawn("{{ number|digits }}", "fa", number=120) == "۱۲۰"
    assert drawn("{{ number|digits }}", "hy", number=120) == "120"
