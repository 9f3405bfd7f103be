"""What an agent fills in: words, when to come back, whom to pass it on to, how it ended."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.actions.hands import WHYS
from pharos.content.calendars import local_date
from pharos.content.dates import date_example
from pharos.http.fields import ClockField, DayField, clean_text
from pharos.http.reader import Reader
from pharos.models import Contact
from pharos.queries.alarms import hand_whys
from pharos.queries.rules import rule

MOST_CHARACTERS: Final = 20_000
MORNING: Final = 9 * 60
USUAL: Final = ("hour", "tomorrow", "later")


class WordsField(forms.CharField):
    """Longer words, cleaned of control characters."""

    def __init__(self, *, rows: int = 2, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows, "dir": "auto"}))
        kwargs.setdefault("max_length", MOST_CHARACTERS)
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """The words as written."""
        return clean_text(value or "")


class SayForm(forms.Form):
    """The composer: the words, and the agent's last message when they were written."""

    body = WordsField(error_messages={"required": _("Please write something.")})
    after = forms.IntegerField(min_value=0)


class PanelForm(forms.Form):
    """A form that opens above the conversation; it knows the contact and the reader."""

    def __init__(self, *args: Any, contact: Contact, reader: Reader) -> None:
        super().__init__(*args)
        self.contact = contact
        self.reader = reader
        self.prepare()

    def prepare(self) -> None:
        """Fill in choices and starting values."""

    def given(self) -> dict[str, Any] | None:
        """What was filled in; None when something is to be looked at again."""
        return self.cleaned_data if self.is_valid() else None


class AsideForm(PanelForm):
    """Until when: a day and a time on the organisation's clock, or one of three usual moments."""

    day = DayField(
        label=_("Day"), max_length=60, error_messages={"required": _("Write the day, or press one of the usual times.")}
    )
    clock = ClockField(label=_("Time"), required=False)

    def prepare(self) -> None:
        """An example of how to write a day, and the usual time in the morning."""
        example = date_example(self.reader.language)
        hint = gettext("For example %(example)s")
        self.fields["day"].help_text = hint % {"example": example}
        self.fields["clock"].help_text = hint % {"example": self.reader.number("14:30")}
        self.initial["clock"] = MORNING

    def usual(self) -> list[tuple[str, str]]:
        """The usual moments as a code and in words."""
        days = rule(self.contact.organisation, "pending_wake_hours") // 24
        morning = {"time": self.reader.time(self._usual("tomorrow"))}
        return [
            ("hour", gettext("in an hour")),
            ("tomorrow", gettext("tomorrow, %(time)s") % morning),
            ("later", ngettext("in a day", "in %(days)s days", days) % {"days": self.reader.number(days)}),
        ]

    def given(self) -> dict[str, Any] | None:
        """The moment that was meant, as `until`."""
        code = self.data.get("usual")
        if code in USUAL:
            return {"until": self._usual(code)}
        return {"until": self.cleaned_data["until"]} if self.is_valid() else None

    def clean(self) -> dict[str, Any]:
        """With `until`, from day and time."""
        given: dict[str, Any] = self.cleaned_data
        if not self.errors:
            minutes = MORNING if given["clock"] is None else given["clock"]
            given["until"] = self._moment(given["day"], minutes)
            if given["until"] <= self.reader.now:
                self.add_error("day", _("Choose a time that is still to come."))
        return given

    def _usual(self, code: str) -> datetime:
        if code == "hour":
            return (self.reader.now + timedelta(hours=1)).replace(second=0, microsecond=0)
        if code == "later":
            return self.reader.now + timedelta(hours=rule(self.contact.organisation, "pending_wake_hours"))
        today = self.reader.now.astimezone(ZoneInfo(self.reader.zone)).date()
        return self._moment(today + timedelta(days=1), MORNING)

    def _moment(self, day: date, minutes: int) -> datetime:
        midnight = datetime.combine(day, time(), ZoneInfo(self.reader.zone))
        return (midnight + timedelta(minutes=minutes)).astimezone(UTC)


class TransferForm(PanelForm):
    """Whom to, and why: the next agent reads it."""

    queue = forms.ChoiceField(label=_("Pass on to"))
    reason = WordsField(label=_("Why"), help_text=_("Colleagues read this; the person does not."), max_length=2000)

    def prepare(self) -> None:
        """The other queues; the one that a changed kind of request belongs to comes first."""
        language = self.reader.language
        others = self.contact.organisation.queues.exclude(pk=self.contact.lane.queue_id)
        queues = list(others.order_by("id"))
        fitting = [one for one in queues if self.contact.request_type in one.request_types]
        ordered = [*fitting, *(one for one in queues if one not in fitting)]
        self.queues = {one.code: one for one in ordered}
        self.fields["queue"].choices = [  # type: ignore[attr-defined]
            (one.code, content.pick(one.name, language).text) for one in ordered
        ]

    def given(self) -> dict[str, Any] | None:
        """The queue itself, and the reason."""
        if not self.is_valid():
            return None
        return {"queue": self.queues[self.cleaned_data["queue"]], "reason": self.cleaned_data["reason"]}


class TypeForm(PanelForm):
    """What it is really about, and how we know."""

    request_type = forms.ChoiceField(label=_("Kind of request"))
    reason = WordsField(label=_("Why"), help_text=_("It stays in the record."), max_length=300)

    def prepare(self) -> None:
        """The kinds of requests, but the one it has."""
        self.fields["request_type"].choices = [  # type: ignore[attr-defined]
            (code, content.pick(one.name, self.reader.language).text)
            for code, one in content.request_types().items()
            if code != self.contact.request_type
        ]


class HandForm(PanelForm):
    """What the duty lead is asked for."""

    why = forms.ChoiceField(label=_("What is it about?"), widget=forms.RadioSelect)
    words = WordsField(
        label=_("More, if you like"), required=False, help_text=_("Kept as a note with the contact."), max_length=2000
    )

    def prepare(self) -> None:
        """The four things a lead is called for."""
        words = hand_whys()
        self.fields["why"].choices = [(code, words[code]) for code in WHYS]  # type: ignore[attr-defined]


class DateForm(PanelForm):
    """By when it is needed; empty when there is no such day."""

    needed_by = DayField(label=_("Needed by"), required=False, max_length=60)

    def prepare(self) -> None:
        """The day we have now, and an example."""
        language = self.reader.language
        example = gettext("For example %(example)s. Leave it empty when there is no such day.")
        self.fields["needed_by"].help_text = example % {"example": date_example(language)}
        if self.contact.needed_by:
            self.initial["needed_by"] = local_date(self.contact.needed_by, language, "short")


class CloseForm(forms.Form):
    """How it ended, and the summary that the person gets."""

    disposition = forms.ChoiceField(
        label=_("How did it end?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it ended.")},
    )
    summary = WordsField(
        label=_("Closing summary"),
        rows=4,
        help_text=_("The person gets it: what was agreed, who does what, by when."),
        error_messages={"required": _("Write a short summary: the person gets it too.")},
    )

    def __init__(self, *args: Any, language: str, written: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["summary"] = written
        self.fields["summary"].widget.attrs |= {"data-draft": "summary"}
        self.fields["disposition"].choices = [  # type: ignore[attr-defined]
            (code, content.pick(one.name, language).text) for code, one in content.dispositions().items()
        ]
