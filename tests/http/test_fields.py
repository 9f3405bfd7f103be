"""Form fields: what people type, understood or clearly refused."""

from datetime import date

import pytest
from django import forms
from django.utils import translation

from pharos.http.fields import ClockField, DayField, LineField, TextsField, clock_text, time_zones


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("8", 480),
        ("08:30", 510),
        ("8.05", 485),
        ("0830", 510),
        ("24:00", 1440),
        ("00:00", 0),
        ("۱۷:۴۵", 1065),
        ("", None),
    ],
)
def test_clock_field_understands(typed, minutes):
    assert ClockField(required=False).clean(typed) == minutes


@pytest.mark.parametrize("typed", ["24:01", "25", "8:60", "-1", "noon", "8:3", "99999", "8:30pm"])
def test_clock_field_refuses(typed):
    with pytest.raises(forms.ValidationError):
        ClockField(required=False).clean(typed)


def test_clock_text_in_the_readers_digits():
    with translation.override("fa"):
        assert clock_text(510) == "۰۸:۳۰"


def test_day_field_in_two_calendars():
    with translation.override("fa"):
        assert DayField(required=False).clean("۱۴۰۵/۰۱/۰۱") == date(2026, 3, 21)
    with translation.override("en"):
        assert DayField(required=False).clean("") is None
        with pytest.raises(forms.ValidationError):
            DayField(required=False).clean("03/13/2026")


def test_line_field_is_one_clean_line():
    assert LineField().clean(" Ani\r\n\x00\x07 Petrosyan\u0085 ") == "Ani Petrosyan"


class NameForm(forms.Form):
    names = TextsField(label="Name", max_length=10)


def test_texts_field_keeps_the_languages_that_are_written():
    form = NameForm({"names_en": " North ", "names_fa": "شمال", "names_hy": " "})
    assert form.is_valid()
    assert form.cleaned_data["names"] == {"en": "North", "fa": "شمال"}


@pytest.mark.parametrize("data", [{}, {"names_en": "x" * 11}])
def test_texts_field_refuses_none_and_too_long(data):
    assert not NameForm(data).is_valid()


def test_texts_field_draws_each_language_in_its_own_name():
    drawn = str(NameForm(initial={"names": {"hy": "Հյուսիս"}})["names"])
    assert 'lang="hy"' in drawn
    assert "Հայերեն" in drawn
    assert "Հյուսիս" in drawn


def test_time_zones_are_the_places_people_live_in():
    names = {zone for group in time_zones() for zone in ([group[0]] if isinstance(group[1], str) else dict(group[1]))}
    assert {"UTC", "Asia/Tehran", "Asia/Yerevan", "Asia/Shanghai", "Europe/London"} <= names
    assert "Etc/GMT+5" not in names
