"""Declaring an incident, and writing what its page says."""

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.actions.incidents import WINDOW_DAYS_MOST
from pharos.content.calendars import local_digits, local_moment, zone_name
from pharos.engine.zones import aware, wall_instant
from pharos.http.fields import ClockField, DayField, TextsField, TextsWidget, time_zones
from pharos.models import Incident, Organisation

OTHER: Final = "other"
STEP: Final = timedelta(minutes=5)  # announced times are clock times that people can keep in mind
AHEAD: Final = (
    (30, _("In half an hour")),
    (60, _("In an hour")),
    (120, _("In two hours")),
    (240, _("In four hours")),
    (720, _("In twelve hours")),
    (1440, _("In a day")),
)


class SideBySide(TextsWidget):
    """One line for each language, side by side."""

    template_name = "components/side_by_side_widget.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """With what readers see where a language has nothing of its own."""
        context = super().get_context(name, value, attrs)
        written = value if isinstance(value, list) else self.decompress(value)
        texts = {code: text or "" for (code, _own_name), text in zip(settings.LANGUAGES, written, strict=True)}
        for widget in context["widget"]["subwidgets"]:
            if not texts[widget["language"]]:
                widget["instead"] = content.pick(texts, widget["language"])
        return context


class LongSideBySide(SideBySide):
    """One large box for each language, side by side."""

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        boxes: dict[str, forms.Widget | type[forms.Widget]] = {}
        for code, _own_name in settings.LANGUAGES:
            boxes[code] = forms.Textarea(attrs={"lang": code, "dir": "auto", "rows": 6})
        forms.MultiWidget.__init__(self, boxes, dict(attrs or {}))


class ShortTextsField(TextsField):
    """A line in one or more languages, side by side."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget = SideBySide()
        self.widget.is_required = self.required


class LongTextsField(TextsField):
    """A longer text in one or more languages."""

    def __init__(self, **kwargs: Any) -> None:
        boxes = [forms.CharField(required=False) for _ in settings.LANGUAGES]
        forms.MultiValueField.__init__(self, boxes, widget=LongSideBySide, require_all_fields=False, **kwargs)


class _IncidentForm(forms.Form):
    name = ShortTextsField(
        label=_("What people call it"),
        help_text=_("One language is enough to begin; the others show it until they have their own."),
        max_length=120,
    )
    severity = forms.ChoiceField(label=_("How severe"))
    time_zone = forms.ChoiceField(
        label=_("Time zone"), required=False, help_text=_("Times on the page are told by this clock.")
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = _("The organisation's: %(zone)s") % {"zone": zone_name(organisation.time_zone, get_language() or "en")}
        self.fields["time_zone"].choices = [("", own), *time_zones()]  # type: ignore[attr-defined]
        self.fields["severity"].choices = self.severities()  # type: ignore[attr-defined]

    def severities(self) -> list[tuple[str, Any]]:
        """The steps of the scale."""
        scale = content.severity_scale()
        return [(code, content.pick(step.name, get_language()).text) for code, step in scale.items()]


class DeclareForm(_IncidentForm):
    """Everything that a fresh incident needs, on one screen."""

    nonce = forms.CharField(widget=forms.HiddenInput, max_length=64)
    crisis_type = forms.ChoiceField(label=_("What kind of crisis"))
    is_drill = forms.BooleanField(
        label=_("This is a drill"),
        required=False,
        help_text=_("Only staff can see its page, and no message leaves the house."),
    )
    field_order = ("crisis_type", "name", "severity", "time_zone", "is_drill", "nonce")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = content.crisis_types()
        names = [(code, content.pick(kind.name, get_language()).text) for code, kind in kinds.items()]
        self.fields["crisis_type"].choices = [("", _("Choose")), *names]  # type: ignore[attr-defined]
        self.fields["severity"].required = False

    def severities(self) -> list[tuple[str, Any]]:
        """The steps of the scale, after what is usual for the kind."""
        return [("", _("As usual for this kind")), *super().severities()]


class DescribeForm(_IncidentForm):
    """What an incident is called, how severe it is, whose clock its times are told by."""


class PhoneWindowForm(forms.Form):
    """For whom the phone is while lines are full: who travels within so many days."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = get_language() or "en"
        choices = [(str(day), local_digits(day, language)) for day in range(1, WINDOW_DAYS_MOST + 1)]
        self.fields["days"] = forms.TypedChoiceField(label=_("Travel within so many days"), coerce=int, choices=choices)


class WordsForm(forms.Form):
    """A title and a text in each language."""

    title = ShortTextsField(label=_("Title"), required=False)
    body = LongTextsField(label=_("Text"))

    def __init__(self, *args: Any, has_title: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_title:
            del self.fields["title"]


class SectionForm(WordsForm):
    """A block of the page; `seen` says which state of it the writer saw."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def clean_seen(self) -> datetime:
        """The moment, to the microsecond."""
        try:
            return aware(datetime.fromisoformat(self.cleaned_data["seen"]))
        except ValueError:
            raise forms.ValidationError(_("Please open this page again."), "seen") from None


class UpdateForm(WordsForm):
    """A public update, and when the next one comes."""

    nonce = forms.CharField(widget=forms.HiddenInput, max_length=64)
    next_update = forms.ChoiceField(label=_("Next update"))
    day = DayField(label=_("If at another time: day"), required=False)
    clock = ClockField(label=_("If at another time: time"), required=False)

    def __init__(self, *args: Any, incident: Incident, now: datetime, publishes: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = incident.zone
        self.now = now
        self.publishes = publishes
        self.fields["next_update"].choices = [  # type: ignore[attr-defined]
            *((str(minutes), f"{label}: {self._said(minutes)}") for minutes, label in AHEAD),
            (OTHER, _("At another time")),
        ]

    def clean(self) -> dict[str, Any]:
        """With `next_update_at`, a moment that is still ahead."""
        values: dict[str, Any] = super().clean() or {}
        if self.publishes and "next_update" not in self.errors:
            values["next_update_at"] = self._at(values)
        return values

    def _at(self, values: Mapping[str, Any]) -> datetime | None:
        if values["next_update"] != OTHER:
            return ahead(self.now, int(values["next_update"]))
        day, minutes = values.get("day"), values.get("clock")
        if day is None or minutes is None:
            self.add_error("next_update", _("Say on which day and at what time the next update comes."))
            return None
        at = wall_instant(day, minutes, self.zone)
        if at <= self.now:
            self.add_error("next_update", _("This time has passed. Choose one that is still ahead."))
        return at

    def _said(self, minutes: int) -> str:
        at = ahead(self.now, minutes)
        return local_moment(at, self.zone, get_language() or "en", now=self.now, zone_named=False)


def ahead(now: datetime, minutes: int) -> datetime:
    """The first five minutes on the clock that are at least so far ahead."""
    seconds = STEP.total_seconds()
    at = (now + timedelta(minutes=minutes)).timestamp()
    return datetime.fromtimestamp(math.ceil(at / seconds) * seconds, tz=ZoneInfo("UTC"))
