"""Who writes for whom, and whom somebody is looking for: as the desk shows it, and the form that notes it."""

from typing import Any, NamedTuple

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharos.desktop.forms import PanelForm
from pharos.desktop.reach import Reach
from pharos.http.behalf import AUTHORITIES, MAY_SAY, SAID_RELATIONS
from pharos.http.fields import LineField
from pharos.http.guards import RANK
from pharos.http.reader import Reader
from pharos.models import Behalf, Contact, Role
from pharos.queries import enquiries


class Shown(NamedTuple):
    """Who asks for whom, on what ground, and what may be said."""

    said: str
    name: str
    ground: str
    may_say: str
    tone: str


class EnquiryShown(NamedTuple):
    """Whom somebody is looking for."""

    said: str
    last_seen: str


class AlikeShown(NamedTuple):
    """Another contact with such a name; `url` only where the agent may open it."""

    reference: str
    url: str
    name: str
    what: str
    at: str


class BehalfForm(PanelForm):
    """For whom, who they are to them, on what ground, and what may be said."""

    name = LineField(
        label=_("Name of the person it is about"),
        max_length=200,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    relation = forms.ChoiceField(label=_("As they say"), choices=list(SAID_RELATIONS.items()))
    authority = forms.ChoiceField(label=_("On what ground"), choices=list(AUTHORITIES.items()))
    may_say = forms.ChoiceField(label=_("What may be said to who writes"), choices=list(MAY_SAY.items()))

    def prepare(self) -> None:
        """What is noted already."""
        row = _row(self.contact)
        if row:
            names = ("name", "relation", "authority", "may_say")
            self.initial = {name: getattr(row, name) for name in names}


def shown(contact: Contact) -> Shown | None:
    """None when the person writes for themself. A ground that nobody checked allows nothing."""
    row = _row(contact)
    if row is None:
        return None
    words = {"who": contact.person.name or gettext("No name given"), "whom": row.name or gettext("No name given")}
    ground = str(AUTHORITIES[row.authority])
    if row.confirmed_at is None:
        ground = gettext("%(ground)s, not checked yet") % {"ground": ground}
    tone = "warn" if row.may_say == Behalf.MaySay.NOTHING else ""
    said = gettext("Asked by %(who)s for %(whom)s") % {key: f"\u2068{name}\u2069" for key, name in words.items()}
    return Shown(said, words["whom"], ground, str(MAY_SAY[row.may_say]), tone)


def enquiry(contact: Contact, reader: Reader) -> EnquiryShown | None:
    """None when they look for nobody."""
    row = getattr(contact, "enquiry", None)
    if row is None:
        return None
    name = f"\u2068{row.name}\u2069"
    said = gettext("Looking for %(name)s") % {"name": name}
    if row.age is not None:
        said = gettext("Looking for %(name)s, about %(age)s years old") % {"name": name, "age": reader.number(row.age)}
    return EnquiryShown(said, row.last_seen)


def alike(reached: Reach, reader: Reader) -> list[AlikeShown]:
    """For staff only: who has a name like the one that is looked for."""
    leads = RANK[Role(reached.agent.user.role)] >= RANK[Role.LEAD]
    return [
        AlikeShown(
            reference=one.contact.reference,
            url=reverse("desk_contact", kwargs={"reference": one.contact.reference})
            if leads or one.contact.agent_id == reached.agent.pk
            else "",
            name=one.name,
            what=gettext("is looked for") if one.is_enquiry else gettext("wrote, or was written about"),
            at=reader.moment(one.contact.arrived_at),
        )
        for one in enquiries.alike(reached.contact, now=reader.now)
    ]


def _row(contact: Contact) -> Any:
    return getattr(contact, "behalf", None)
