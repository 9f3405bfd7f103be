"""What the words of a person suggest to the agent, and the drill that belongs to danger."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from pharos import content
from pharos.content import Picked
from pharos.desktop.need_forms import StepShown, step_shown
from pharos.http.cues import CueShown, shown
from pharos.http.reader import Reader
from pharos.models import Contact, Cue
from pharos.queries import cues
from pharos.queries.cues import PutRight, Suggestion

DRILL: Final = "blake"
COMPANIONS: Final = (DRILL, "idea", "bruce", "carers")
OF_A_CHILD: Final = "safeguarding_escalation"
CHILD: Final = "child_at_risk"
AT_ONCE: Final = 4  # suggestions that stand open at the same time; the next ones come when these are answered


class Item(NamedTuple):
    """A suggestion, and whether the keys answer it."""

    cue: CueShown
    is_first: bool


class Drill(NamedTuple):
    """A way of talking, with its steps."""

    name: Picked
    steps: list[StepShown]


def column(contact: Contact, reader: Reader) -> dict[str, Any]:
    """What the words of an open contact suggest: a few at a time, danger first."""
    found = cues.suggestions(contact) if contact.state != Contact.State.CLOSED else []
    open_ones = [one for one in found if one.is_open][:AT_ONCE]
    answered = [one for one in found if not one.is_open and one.sort != Cue.Sort.URGENCY]
    items = _items([*open_ones, *answered], reader.language)
    return {
        "cues": [one for one in items if not one.cue.is_danger],
        "danger_cues": [one for one in items if one.cue.is_danger],
        "drills_now": _drills_now(found, contact, reader.language),
        "has_danger": any(one.is_danger for one in found),
        "put_right": _put_right(contact),
    }


def _put_right(contact: Contact) -> PutRight | None:
    """That a lead has set right what was answered about danger: for whoever has the contact now, not for that lead."""
    found = cues.put_right(contact) if contact.state != Contact.State.CLOSED else None
    is_own = found is not None and contact.agent is not None and found.by == contact.agent.user
    return None if is_own else found


def _items(found: list[Suggestion], language: str) -> list[Item]:
    first = next((one for one in found if one.is_open), None)
    return [Item(cue, one is first) for one, cue in zip(found, shown(found, language), strict=True)]


def _drills_now(found: list[Suggestion], contact: Contact, language: str) -> list[Drill]:
    """The drills that belong on the desk now, because somebody may be in danger."""
    danger = [one for one in found if one.is_danger]
    is_urgent = contact.lane.band == 0 and contact.state != Contact.State.CLOSED
    if not (danger or is_urgent):
        return []
    is_of_a_child = any(CHILD in one.kinds for one in danger)
    return drills([DRILL, *([OF_A_CHILD] if is_of_a_child else [])], language)


def drills(codes: Iterable[str], language: str) -> list[Drill]:
    """Ways of talking in the reader's language."""
    chosen = (content.protocols()[code] for code in codes)
    return [
        Drill(content.pick(one.name, language), [step_shown(step, language) for step in one.steps]) for one in chosen
    ]
