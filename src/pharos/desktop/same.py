"""The same person: who else it may be, side by side; joined with one key, and taken apart again."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from pharos.actions import merging
from pharos.content.calendars import local_date
from pharos.content.lists import clauses, joined
from pharos.desktop import words
from pharos.desktop.reach import Reach
from pharos.http.likeness import shown
from pharos.http.messages import channel_name
from pharos.http.order import place_shared
from pharos.http.reader import Reader
from pharos.models import Contact, Draft, Merge, Message
from pharos.queries import family, roads
from pharos.queries.suggested import Match, matches

State = Contact.State
AT_ONCE: Final = 3
GIST: Final = 400  # characters of what each wrote that stand side by side


class Row(NamedTuple):
    """One fact of both."""

    name: str
    mine: str
    theirs: str
    differs: bool


class Suggested(NamedTuple):
    """A contact that may be of the same person, and what joining would do."""

    reference: str
    why: str
    against: str
    rows: list[Row]
    holder: str
    is_first: bool


class JoinedShown(NamedTuple):
    """A request that shares this place."""

    merge: Merge
    reference: str
    name: str
    came: str
    said: str
    typed: str
    is_last: bool


def column(reached: Reach, reader: Reader) -> dict[str, Any]:
    """Who it may be, and who shares the place already."""
    contact = reached.contact
    may = reached.is_mine
    found = matches(contact, now=reader.now)[:AT_ONCE] if may and contact.state != State.CLOSED else []
    merges = family.all_merges(contact)
    return {
        "same": [_suggested(one, contact, reader, is_first=not n) for n, one in enumerate(found)],
        "joined": [_joined(one, reached, reader, is_last=one == merges[-1]) for one in merges],
        "may_join": may,
        "place_shared": place_shared(family.members(contact), reader.language),
    }


def answers(contact: Contact, *, now: datetime) -> list[tuple[str, str, bool]]:
    """Whose words can be answered, and by which road each is: reference, words, and whether it is the usual one."""
    others = family.members(contact)
    if not others:
        return []
    first = family.answered_next(contact, others)
    return [(one.reference, _road(one, now=now), one.pk == first.pk) for one in (contact, *others)]


def _road(contact: Contact, *, now: datetime) -> str:
    road = roads.road(contact, now=now)
    to = f"\u2068{road.address}\u2069" if road.address else _("on their page")
    return f"{contact.reference} · {channel_name(road.channel)} · {to}"


def _suggested(match: Match, contact: Contact, reader: Reader, *, is_first: bool) -> Suggested:
    other = match.contact
    held = other.state in merging.HELD and other.agent is not None and other.agent_id != contact.agent_id
    reasons = shown(match.likeness.reasons, reader.language)
    why, against = (
        clauses([one.text for one in reasons if one.is_for is speaks], reader.language) for speaks in (True, False)
    )
    facts = zip(_facts(contact, reader), _facts(other, reader), strict=True)
    rows = [Row(name, mine, theirs, _differ(mine, theirs)) for (name, mine), (_name, theirs) in facts if mine or theirs]
    told = zip(_told(contact, reader), _told(other, reader), strict=True)
    rows += [Row(name, mine, theirs, differs=False) for (name, mine), (_name, theirs) in told]
    return Suggested(other.reference, why, against, rows, str(other.agent) if held else "", is_first)


def _differ(mine: str, theirs: str) -> bool:
    """Both were said, and are not the same."""
    return bool(mine and theirs) and mine.casefold() != theirs.casefold()


def _facts(contact: Contact, reader: Reader) -> list[tuple[str, str]]:
    known = dict(contact.person.identities.order_by("-id").values_list("sort", "typed"))
    needed = local_date(contact.needed_by, reader.language) if contact.needed_by else ""
    return [
        (_("Name"), contact.person.name),
        (_("Email"), known.get("email", "")),
        (_("Phone"), known.get("phone", "")),
        (_("Booking"), contact.booking),
        (_("Needed by"), needed),
        (_("About"), words.request_type(contact, reader.language)),
    ]


def _told(contact: Contact, reader: Reader) -> list[tuple[str, str]]:
    """When and what they wrote: never the same, and no sign of another person."""
    first = contact.messages.filter(direction=Message.Direction.IN).order_by("created_at", "id").first()
    return [
        (_("Came in"), f"{reader.moment(contact.arrived_at)} · {channel_name(contact.channel)}"),
        (_("What was written"), " ".join(first.body.split())[:GIST] if first else ""),
    ]


def _joined(merge: Merge, reached: Reach, reader: Reader, *, is_last: bool) -> JoinedShown:
    join = merge.join
    drafts = Draft.objects.filter(contact=join, agent=reached.agent).values_list("body", flat=True)
    by = merge.by.get_full_name() if merge.by else _("by itself: it was certain")
    left = " · " + _("The person needs nothing more") if join.left_at else ""
    return JoinedShown(
        merge=merge,
        reference=join.reference,
        name=join.person.name or _("No name given"),
        came=f"{reader.moment(join.arrived_at)} · {channel_name(join.channel)}",
        said=joined([f"\u2068{by}\u2069", f"{reader.moment(merge.at)}{left}"], reader.language),
        typed="\n".join(drafts),
        is_last=is_last,
    )
