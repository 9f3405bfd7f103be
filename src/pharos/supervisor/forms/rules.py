"""The numbers that order the queue, raise alarms and time offers."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.content.calendars import local_digits
from pharos.models import Kind, Organisation
from pharos.queries.rules import class_rules, rule

MINUTE_S: Final = 60
LONGEST_MINUTES: Final = 30 * 24 * 60


class Ask(NamedTuple):
    """One number to ask for, and the least and most that make sense."""

    code: str
    label: Any
    least: int
    most: int


class Row(NamedTuple):
    """A field with the shipped number beside it."""

    field: forms.BoundField
    shipped: str
    unit: str
    source: str
    is_own: bool


class ClassRow(NamedTuple):
    """One class of the queue: the field of its target and of its head start."""

    band: int
    kind: str
    target: forms.BoundField
    head_start: forms.BoundField
    shipped: str
    is_own: bool


GROUPS: Final[Mapping[str, tuple[Any, tuple[Ask, ...]]]] = {
    "order": (
        _("Offers and promises"),
        (
            Ask("departure_priority_days", _("Urgent when needed within"), 0, 60),
            Ask("guard_share", _("Share of turns kept for due promises"), 1, 100),
            Ask("offer_expiry_live_seconds", _("An offered call or chat goes back after"), 5, 600),
            Ask("offer_expiry_written_seconds", _("An offered written contact goes back after"), 5, 3600),
            Ask("intake_oldest_days", _("What was taken down and is keyed in later counts back to"), 1, 60),
            Ask("promise_least_live_minutes", _("Shortest promise for a call or chat"), 1, 240),
            Ask("promise_least_written_minutes", _("Shortest promise for a written contact"), 1, 1440),
        ),
    ),
    "chats": (
        _("Chats"),
        (
            Ask("callback_offer_wait_minutes", _("Offer mail or a call back when the wait may be longer than"), 0, 240),
            Ask("chat_left_minutes", _("A chat that was left goes on by mail after"), 1, 240),
        ),
    ),
    "alarms": (
        _("Alarms"),
        (
            Ask("urgent_unanswered_alert_days", _("Urgent and unanswered: alarm after"), 1, 30),
            Ask("urgent_unanswered_warning_hours", _("Warning before that alarm"), 1, 240),
            Ask("promise_at_risk_live_minutes", _("Call or chat: promise at risk this long before"), 1, 240),
            Ask("promise_at_risk_written_minutes", _("Written contact: promise at risk this long before"), 1, 1440),
            Ask("oldest_waiting_live_minutes", _("Longest wait for a call or chat"), 1, 1440),
            Ask("oldest_waiting_written_hours", _("Longest wait for a written contact"), 1, 720),
            Ask("alarm_second_person_minutes", _("An alarm without a name goes to somebody else after"), 1, 240),
            Ask("update_due_warning_minutes", _("Reminder before a public update is due"), 1, 240),
        ),
    ),
    "incidents": (
        _("Public updates"),
        (
            Ask("update_interval_minutes_first_day", _("On the first day, an update every"), 5, 1440),
            Ask("update_interval_hours_later", _("Later, an update every"), 1, 168),
            Ask("phone_only_within_days", _("Phone window: for those who travel within"), 1, 14),
            Ask("public_answers_per_hour", _("Public answers of a social account in an hour, for"), 0, 1000),
        ),
    ),
    "forecast": (
        _("Until your own numbers are measured"),
        (
            Ask("handle_time_live_seconds", _("A call or chat takes about"), 10, 7200),
            Ask("handle_time_written_seconds", _("A written contact takes about"), 10, 7200),
            Ask("patience_live_seconds", _("People hold the line for about"), 10, 7200),
        ),
    ),
    "identity": (
        _("Who it is"),
        (Ask("identity_holds_minutes", _("Checked who it is: holds for (0: not asked before a change)"), 0, 1440),),
    ),
    "people": (
        _("For new colleagues"),
        (
            Ask("capacity_live", _("Calls and chats at a time"), 0, 20),
            Ask("capacity_written", _("Written contacts at a time"), 0, 20),
        ),
    ),
}
SHARE: Final = "guard_share"


class RulesForm(forms.Form):
    """Targets and head starts in minutes, and every other number in its own unit."""

    def __init__(self, data: Any = None, *, organisation: Organisation, language: str) -> None:
        self.organisation, self.language = organisation, language
        super().__init__(data, initial=_initial(organisation))
        for band, kind in _classes():
            for name, least in (("target", 1), ("head", 0)):
                self.fields[f"{name}_{band}_{kind}"] = forms.FloatField(
                    min_value=least, max_value=LONGEST_MINUTES, label=CLASS_LABELS[name], widget=_number()
                )
        for _title, asks in GROUPS.values():
            for ask in asks:
                self.fields[ask.code] = forms.IntegerField(
                    min_value=ask.least, max_value=ask.most, label=ask.label, widget=_number()
                )

    def class_rows(self) -> list[ClassRow]:
        """The classes of the queue, the most urgent first."""
        return [self._class_row(band, kind) for band, kind in _classes()]

    def _class_row(self, band: int, kind: str) -> ClassRow:
        shipped = next(one for one in content.service_classes() if (one.band, one.mode) == (band, kind))
        words = gettext("%(target)s and %(head)s minutes") % {
            "target": local_digits(shipped.target_s // MINUTE_S, self.language),
            "head": local_digits(shipped.head_start_s // MINUTE_S, self.language),
        }
        own = bool(self.organisation.rules.get("classes", {}).get(str(band), {}).get(kind))
        return ClassRow(band, kind, self[f"target_{band}_{kind}"], self[f"head_{band}_{kind}"], words, own)

    def groups(self) -> list[tuple[str, list[Row]]]:
        """The other numbers, with what ships and where that number comes from."""
        return [(str(title), [self._row(ask.code) for ask in asks]) for title, asks in GROUPS.values()]

    def _row(self, code: str) -> Row:
        shipped = content.rules()[code]
        value = round(shipped.value * 100) if code == SHARE else shipped.value
        return Row(
            field=self[code],
            shipped=local_digits(value, self.language),
            unit=str(UNITS[shipped.unit]),
            source=str(SOURCES[shipped.source]),
            is_own=code in self.organisation.rules,
        )

    def classes(self) -> dict[str, dict[str, dict[str, float]]]:
        """The classes as actions take them, in seconds."""
        values = self.cleaned_data
        found: dict[str, dict[str, dict[str, float]]] = {}
        for band, kind in _classes():
            found.setdefault(str(band), {})[kind] = {
                "target_s": values[f"target_{band}_{kind}"] * MINUTE_S,
                "head_start_s": values[f"head_{band}_{kind}"] * MINUTE_S,
            }
        return found

    def numbers(self) -> dict[str, float]:
        """The other numbers; the share as a share."""
        codes = [ask.code for _title, asks in GROUPS.values() for ask in asks]
        return {code: self.cleaned_data[code] / (100 if code == SHARE else 1) for code in codes}


CLASS_LABELS: Final = {"target": _("Target"), "head": _("Head start")}
UNITS: Final = {
    "share": _("percent"),
    "seconds": _("seconds"),
    "minutes": _("minutes"),
    "hours": _("hours"),
    "days": _("days"),
    "contacts": _("contacts"),
}
SOURCES: Final = {
    "requirement": _("what the centre was asked to hold"),
    "field": _("common practice"),
    "research": _("research"),
    "ours": _("our own choice"),
}


def _number() -> forms.NumberInput:
    return forms.NumberInput(attrs={"dir": "ltr", "step": "any", "class": "input"})


def _classes() -> list[tuple[int, str]]:
    return [(band, str(kind)) for band in (1, 2, 3) for kind in (Kind.LIVE, Kind.WRITTEN)]


def _initial(organisation: Organisation) -> dict[str, Any]:
    held = class_rules(organisation)
    initial: dict[str, Any] = {}
    for band, kind in _classes():
        one = held[band, "live" if kind == Kind.LIVE else "written"]
        initial[f"target_{band}_{kind}"] = _whole(one.target_s / MINUTE_S)
        initial[f"head_{band}_{kind}"] = _whole(one.head_start_s / MINUTE_S)
    for _title, asks in GROUPS.values():
        for ask in asks:
            value = rule(organisation, ask.code)
            initial[ask.code] = round(value * 100) if ask.code == SHARE else value
    return initial


def _whole(minutes: float) -> float | int:
    return int(minutes) if minutes == int(minutes) else round(minutes, 2)
