"""Opening hours as one form: a week for each kind of channel, and special days."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.actions.hours import ALWAYS, Exceptional, Week
from pharos.content import words
from pharos.content.calendars import local_date
from pharos.http.fields import ClockField, DayField
from pharos.models import Kind, OpeningHours, SpecialDay

SPANS: Final = 2  # a morning and an afternoon
SPARE_DAYS: Final = 3
MIDNIGHT: Final = 24 * 60
KINDS: Final = {Kind.LIVE: _("Calls and chats"), Kind.WRITTEN: _("Written requests")}
BOTH: Final = "both"


class Day(NamedTuple):
    """One weekday as the page draws it."""

    name: str
    spans: list[tuple[forms.BoundField, forms.BoundField]]


class KindPart(NamedTuple):
    """The week of one kind of channel as the page draws it."""

    label: str
    mode: forms.BoundField
    days: list[Day]


class HoursForm(forms.Form):
    """Every hour at once, so that nothing is half changed."""

    def __init__(
        self, data: Any = None, *, weekly: Iterable[OpeningHours], special: Iterable[SpecialDay], language: str
    ) -> None:
        self.language = language
        self.days = list(special)
        super().__init__(data, initial=_initial(list(weekly), self.days, language))
        for kind in KINDS:
            self.fields[f"{kind}_mode"] = forms.ChoiceField(
                choices=[("always", _("Always open")), ("weekly", _("Open at these times"))],
                widget=forms.RadioSelect,
                label=KINDS[kind],
            )
            for weekday in range(7):
                for span in range(SPANS):
                    for end in ("opens", "closes"):
                        self.fields[f"{kind}_{weekday}_{span}_{end}"] = ClockField(required=False)
        self.rows = len(self.days) + SPARE_DAYS
        if self.is_bound:
            self.rows = max(self.rows, _rows_sent(self.data))
        for row in range(self.rows):
            date = forms.TextInput(attrs={"class": "input day", "autocomplete": "off", "dir": "auto"})
            self.fields[f"day_{row}_date"] = DayField(required=False, widget=date)
            choices = [(BOTH, _("Both")), *KINDS.items()]
            self.fields[f"day_{row}_kind"] = forms.ChoiceField(
                choices=choices, required=False, widget=forms.Select(attrs={"class": "input"})
            )
            self.fields[f"day_{row}_opens"] = ClockField(required=False)
            self.fields[f"day_{row}_closes"] = ClockField(required=False)

    def parts(self) -> list[KindPart]:
        """The two weeks."""
        names = words.WEEKDAYS[content.known_language(self.language)]
        return [
            KindPart(
                str(label),
                self[f"{kind}_mode"],
                [Day(names[weekday], self._spans(kind, weekday)) for weekday in range(7)],
            )
            for kind, label in KINDS.items()
        ]

    def _spans(self, kind: Kind, weekday: int) -> list[tuple[forms.BoundField, forms.BoundField]]:
        place = f"{kind}_{weekday}"
        return [(self[f"{place}_{span}_opens"], self[f"{place}_{span}_closes"]) for span in range(SPANS)]

    def special_rows(self) -> list[list[forms.BoundField]]:
        """The special days, with empty rows to add more."""
        return [[self[f"day_{row}_{name}"] for name in ("date", "kind", "opens", "closes")] for row in range(self.rows)]

    def clean(self) -> dict[str, Any]:
        """Every span has both its ends, and every special day its date."""
        values: dict[str, Any] = super().clean() or {}
        for name in [name for name in self.fields if name.endswith("_opens")]:
            pair = values.get(name), values.get(name.replace("_opens", "_closes"))
            if (pair[0] is None) != (pair[1] is None) and not self._has_error(name):
                self.add_error(name, gettext("Give both times, or neither."))
        for row in range(self.rows):
            if values.get(f"day_{row}_opens") is not None and not values.get(f"day_{row}_date"):
                self.add_error(f"day_{row}_date", gettext("Which day?"))
        return values

    def _has_error(self, name: str) -> bool:
        return name in self.errors or name.replace("_opens", "_closes") in self.errors

    def weekly(self) -> dict[Kind, Sequence[Week] | None]:
        """The spans of each kind; None: always open."""
        return {
            kind: None if self.cleaned_data[f"{kind}_mode"] == "always" else list(self._week(kind)) for kind in KINDS
        }

    def _week(self, kind: Kind) -> Iterator[Week]:
        for weekday in range(7):
            for span in range(SPANS):
                opens = self.cleaned_data[f"{kind}_{weekday}_{span}_opens"]
                closes = self.cleaned_data[f"{kind}_{weekday}_{span}_closes"]
                if opens is not None and closes is not None:
                    yield Week(weekday, opens, closes or MIDNIGHT)

    def special(self) -> Iterator[Exceptional]:
        """The special days; one without times is a closed day."""
        for row in range(self.rows):
            day = self.cleaned_data[f"day_{row}_date"]
            if day is None:
                continue
            opens, closes = self.cleaned_data[f"day_{row}_opens"], self.cleaned_data[f"day_{row}_closes"]
            chosen = self.cleaned_data[f"day_{row}_kind"] or BOTH
            for kind in KINDS if chosen == BOTH else (Kind(chosen),):
                yield Exceptional(kind, day, opens, closes if closes is None else closes or MIDNIGHT)


def _rows_sent(data: Any) -> int:
    sent = [name.split("_")[1] for name in data if name.startswith("day_") and name.endswith("_date")]
    return max((int(row) + 1 for row in sent if row.isascii() and row.isdecimal() and len(row) < 4), default=0)


def _initial(weekly: list[OpeningHours], special: list[SpecialDay], language: str) -> dict[str, Any]:
    initial: dict[str, Any] = {}
    for kind in KINDS:
        rows = [Week(row.weekday, row.opens_minute, row.closes_minute) for row in weekly if row.kind == kind]
        always = not rows or sorted(rows) == list(ALWAYS)
        initial[f"{kind}_mode"] = "always" if always else "weekly"
        for weekday in range(7) if not always else ():
            spans = sorted(row for row in rows if row.weekday == weekday)[:SPANS]
            for span, row in enumerate(spans):
                initial[f"{kind}_{weekday}_{span}_opens"] = row.opens
                initial[f"{kind}_{weekday}_{span}_closes"] = row.closes
    for place, day in enumerate(special):
        initial |= {
            f"day_{place}_date": local_date(day.date, language, "short"),
            f"day_{place}_kind": day.kind,
            f"day_{place}_opens": day.opens_minute,
            f"day_{place}_closes": day.closes_minute,
        }
    return initial
