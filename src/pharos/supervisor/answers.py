"""What was answered about danger to life in a contact, and the form by which a lead sets an answer right."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext_lazy as _

from pharos.actions.verdicts import MOST_WORDS
from pharos.http.fields import LineField
from pharos.http.reader import Reader
from pharos.models import Contact
from pharos.queries import cues
from pharos.queries.cues import Quotation, Said


class ReasonForm(forms.Form):
    """Why the answer is another one, where the lead says so."""

    reason = LineField(
        label=_("Why"),
        max_length=MOST_WORDS,
        required=False,
        help_text=_("Whoever has this contact reads it, and it stays in the record with your name."),
    )


class Tried(NamedTuple):
    """A form that was not taken, and the number of the answer it is about."""

    cue: int
    form: ReasonForm


class SaidShown(NamedTuple):
    """What was said, by whom and when."""

    is_danger: bool
    by: str
    at: str


class AnswerShown(NamedTuple):
    """One answer with its words. `cue`: its number."""

    cue: str
    said: SaidShown
    quotations: Sequence[Quotation]
    more: int
    form: ReasonForm


def answers_shown(contact: Contact, reader: Reader, tried: Tried | None) -> list[AnswerShown]:
    """Every answer about danger to life, that on the newest words first; a closed contact has none."""
    return [
        AnswerShown(
            cue=str(one.words.last),
            said=said_shown(one.said, reader),
            quotations=one.words.quotations,
            more=one.words.more,
            form=_form(one.words.last, tried),
        )
        for one in cues.answers(contact)
    ]


def said_shown(said: Said, reader: Reader) -> SaidShown:
    """An answer in words."""
    return SaidShown(said.is_danger, said.by.get_full_name() if said.by else "", reader.moment(said.at))


def bound(cue: int, data: Mapping[str, Any]) -> ReasonForm:
    """The form as it was sent."""
    return ReasonForm(data, auto_id=_ids(cue))


def _form(cue: int, tried: Tried | None) -> ReasonForm:
    return tried.form if tried and tried.cue == cue else ReasonForm(auto_id=_ids(cue))


def _ids(cue: int) -> str:
    return f"id_{cue}_%s"
