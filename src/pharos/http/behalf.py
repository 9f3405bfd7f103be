"""Somebody who writes for somebody else, in words and as questions of a form; and whom somebody is looking for."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharos.actions.inbound import Looked, OnBehalf
from pharos.http.fields import LineField

SAID_RELATIONS: Final[Mapping[str, LazyText]] = {
    "parent": _("Their parent or guardian"),
    "family": _("A relative"),
    "friend": _("A friend"),
    "carer": _("I look after them"),
    "helper": _("I help them for an organisation"),
    "legal": _("I act for them by law"),
}
SAID_AUTHORITIES: Final[Mapping[str, LazyText]] = {
    "told": _("They asked me to"),
    "parent": _("They are a minor, and I am their parent or guardian"),
    "legal": _("I act for them by law"),
    "none": _("They have not asked me"),
}
AUTHORITIES: Final[Mapping[str, LazyText]] = {
    "told": _("the person asked them to"),
    "parent": _("parent or guardian of a minor"),
    "legal": _("acts for them by law"),
    "none": _("no ground is known"),
}
MAY_SAY: Final[Mapping[str, LazyText]] = {
    "nothing": _("Nothing personal: take their words and their address only"),
    "matter": _("What this request needs, nothing else"),
    "all": _("Everything"),
}


def _choices(words: Mapping[str, LazyText]) -> Any:
    return lambda: [("", gettext("Choose, if you like")), *words.items()]


class BehalfQuestions(forms.Form):
    """For whom, who they are to them, on what ground; and whom they are looking for."""

    about_name = LineField(
        label=_("Name of the person it is about"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    relation = forms.ChoiceField(label=_("Who are you to them?"), required=False, choices=_choices(SAID_RELATIONS))
    authority = forms.ChoiceField(
        label=_("Do they know that you write?"), required=False, choices=_choices(SAID_AUTHORITIES)
    )
    missing_name = LineField(
        label=_("Name of the person you are looking for"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    missing_age = forms.IntegerField(label=_("Their age, about"), required=False, min_value=0, max_value=130)
    missing_seen = LineField(
        label=_("Where and when were they last seen?"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )


ASKED: Final = tuple(BehalfQuestions.base_fields)


def on_behalf(values: Mapping[str, Any]) -> OnBehalf | None:
    """Whom it is for, when that was said."""
    name, relation, authority = (values[one] for one in ("about_name", "relation", "authority"))
    return OnBehalf(name, relation, authority or "none") if name or relation or authority else None


def looked_for(values: Mapping[str, Any]) -> Looked | None:
    """Whom they are looking for, when that was said."""
    name = values["missing_name"]
    return Looked(name, values["missing_age"], values["missing_seen"]) if name else None
