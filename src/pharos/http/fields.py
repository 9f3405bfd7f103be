"""Form fields that every surface may use: lines, days, clock times, texts in each language, time zones."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from pharos.content.calendars import local_digits
from pharos.content.dates import DateError, date_example, parse_date, plain_digits

CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # all but tab and line end; half characters
CLOCK: Final = re.compile(r"([01]?\d|2[0-4])(?:[:.٫]?([0-5]\d))?")
DAY_MINUTES: Final = 24 * 60
REGIONS: Final = frozenset(
    "Africa America Antarctica Arctic Asia Atlantic Australia Europe Indian Pacific".split()  # noqa: SIM905
)
DATE_ERRORS: Final = {
    "unreadable": _("We could not read this date. Write it like %(example)s."),
    "no_year": _("Please add the year, like %(example)s."),
    "ambiguous": _("This date could mean two days. Write it like %(example)s."),
    "impossible": _("There is no such day. Write it like %(example)s."),
}


def clean_text(text: str) -> str:
    """The words as written, without the control characters that no keyboard makes."""
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(text: str) -> str:
    """A single line: for names and references."""
    return " ".join(clean_text(text).split())


class LineField(forms.CharField):
    """One line, cleaned of control characters and line breaks."""

    def to_python(self, value: Any) -> str:
        """The line."""
        return one_line(value or "")


class DayField(forms.CharField):
    """A day in the reader's calendar, digits and way of writing; cleans to a date or None."""

    def clean(self, value: Any) -> date | None:
        """The day, or an error that shows how to write it."""
        typed = super().clean(value)
        if not typed:
            return None
        language = get_language() or "en"
        try:
            return parse_date(typed, language)
        except DateError as error:
            message = DATE_ERRORS.get(error.code, DATE_ERRORS["unreadable"])
            raise forms.ValidationError(message % {"example": date_example(language)}, error.code) from None


class ClockField(forms.CharField):
    """A time of day ("8", "8:30", "۸:۳۰", "24:00"); cleans to minutes after midnight or None."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"class": "input", "inputmode": "numeric", "dir": "ltr", "size": 5, "autocomplete": "off"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attributes))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> int | None:
        """Minutes from 0 to 1440."""
        typed = plain_digits(super().clean(value)).strip()
        if not typed:
            return None
        found = CLOCK.fullmatch(typed)
        minutes = int(found[1]) * 60 + int(found[2] or 0) if found else DAY_MINUTES + 1
        if minutes > DAY_MINUTES:
            raise forms.ValidationError(_("Write a time like 08:30."), "clock")
        return minutes

    def prepare_value(self, value: Any) -> Any:
        """Minutes as people write them."""
        return clock_text(value) if isinstance(value, int) else value


def clock_text(minutes: int) -> str:
    """Minutes after midnight as a time of day, in the digits of the reader's language."""
    return local_digits(f"{minutes // 60:02}:{minutes % 60:02}", get_language() or "en")


class TextsWidget(forms.MultiWidget):
    """One input for each language, each named in its own language."""

    template_name = "components/texts_widget.html"
    use_fieldset = True

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        inputs: dict[str, forms.Widget | type[forms.Widget]] = {
            code: forms.TextInput(attrs={"lang": code, "dir": "auto"}) for code, _ in settings.LANGUAGES
        }
        super().__init__(inputs, dict(attrs or {}))

    def decompress(self, value: Any) -> list[str]:
        """Texts by language, in the order of the inputs."""
        return [(value or {}).get(code, "") for code, _ in settings.LANGUAGES]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """With the languages' own names."""
        context = super().get_context(name, value, attrs)
        for (code, own_name), widget in zip(settings.LANGUAGES, context["widget"]["subwidgets"], strict=True):
            widget |= {"language": code, "own_name": own_name}
        return context


class TextsField(forms.MultiValueField):
    """A short text in one or more languages; cleans to {language: text} without the empty ones."""

    def __init__(self, *, max_length: int = 200, **kwargs: Any) -> None:
        fields = [LineField(required=False, max_length=max_length) for _ in settings.LANGUAGES]
        super().__init__(fields, widget=TextsWidget, require_all_fields=False, **kwargs)

    def compress(self, data_list: Sequence[str]) -> dict[str, str]:
        """The texts that are written."""
        return {code: text for (code, _), text in zip(settings.LANGUAGES, data_list or [], strict=False) if text}


class TimeZoneField(forms.ChoiceField):
    """A zone of the time-zone database, grouped by region."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=time_zones, **kwargs)


def time_zones() -> list[tuple[str, Any]]:
    """The zones people live in, by region."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for zone in sorted(available_timezones()):
        region, _, city = zone.partition("/")
        if city and region in REGIONS:
            groups.setdefault(region, []).append((zone, city.replace("_", " ").replace("/", ", ")))
    return [("UTC", "UTC"), *groups.items()]


def languages_field(**kwargs: Any) -> forms.MultipleChoiceField:
    """The shipped languages as ticks, each in its own name."""
    return forms.MultipleChoiceField(choices=settings.LANGUAGES, widget=forms.CheckboxSelectMultiple, **kwargs)
