"""What a lead asks of the list of contacts. It comes in the address, so that a list can be kept and sent on."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.engine.classes import BANDS
from pharos.http.fields import one_line
from pharos.http.trail import band_name
from pharos.models import Contact, Incident, Organisation, Queue
from pharos.queries.search import Wanted
from pharos.supervisor.waiting import state_name

TEXT_MAX = 200
ID_DIGITS = 18


class FindForm(forms.Form):
    """Words, and where a contact is. What cannot be understood is not asked."""

    q = forms.CharField(label=_("Find a contact"), required=False)

    def __init__(self, data: QueryDict | None = None, *, organisation: Organisation, language: str) -> None:
        super().__init__(data)
        queues = Queue.objects.filter(organisation=organisation).order_by("id")
        incidents = Incident.objects.filter(organisation=organisation).order_by("-declared_at")
        states = [(state.value, state_name(state)) for state in Contact.State]
        self._add("state", _("State"), _("Any state"), states)
        self._add("queue", _("Queue"), _("Any queue"), _named(queues, language))
        self._add("band", _("Urgency"), _("Any urgency"), [(band, band_name(band)) for band in BANDS])
        self._add("incident", _("Incident"), _("Any incident"), _named(incidents, language))

    def _add(self, name: str, label: Any, every: Any, choices: Iterable[tuple[Any, str]]) -> None:
        box = forms.Select(attrs={"class": "input"})
        self.fields[name] = forms.ChoiceField(label=label, required=False, choices=[("", every), *choices], widget=box)

    def wanted(self) -> Wanted:
        """What is asked, and from where on."""
        self.is_valid()
        said = self.cleaned_data
        return Wanted(
            text=one_line(said.get("q", ""))[:TEXT_MAX],
            state=said.get("state", ""),
            queue=_number(said.get("queue", "")),
            band=_number(said.get("band", "")),
            incident=_number(said.get("incident", "")),
            before=_number(self.data.get("before", "")),
            after=_number(self.data.get("after", "")),
        )

    def query(self, **place: int) -> str:
        """The same question from another place on, as the end of an address."""
        asked = {name: str(value) for name, value in self.cleaned_data.items() if value}
        return urlencode({**asked, **place} or {"q": ""})


def _named(rows: Iterable[Any], language: str) -> list[tuple[int, str]]:
    return [(row.pk, content.pick(row.name, language).text) for row in rows]


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= ID_DIGITS else None
