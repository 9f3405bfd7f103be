"""Looking for signals in what people write, soon after it came, also while they wait: the doors do not wait for it.

Cues live as long as their contact is open. One that speaks of danger to life brings its contact to the head of band 1
and calls the duty lead at once, who is called also when such words are heard after the close; nothing else follows from
any of them but what a person makes of it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.db.models import Case, F, Q, When

from pharos import live
from pharos.actions import alarms, holds, lanes, trail
from pharos.engine.cues import DANGER, LIKELY, Found
from pharos.models import Alarm, Channel, Contact, Cue, Incident, Message, SupportNeed
from pharos.queries import hearing
from pharos.queries.hearing import Said

BATCH: Final = 200  # messages that one pass takes
MOST_CHARACTERS: Final = 100_000  # that one pass takes, beyond its first message
MOST_ALIKE: Final = 5  # open cues of one contact with one meaning
# Words to a contact that waits in another's place are heard for that one.
_IS_MERGED: Final = Q(contact__merged_into__isnull=False)
_WHOSE: Final = {
    f"top_{name}": Case(When(_IS_MERGED, then=F(f"contact__merged_into__{name}")), default=F(f"contact__{name}"))
    for name in ("id", "state", "agent_id", "accepted_at")
}
COLUMNS: Final = (
    *("pk", "top_id", "top_state", "top_agent_id", "top_accepted_at", "created_at"),
    *("subject", "body", "language", "channel", "sort", "organisation_id"),
)
READ: Final = timedelta(hours=1)  # words that somebody has had before them this long are not heard any more
UNREAD: Final = timedelta(days=1)  # nor those of somebody who left this long ago, before anybody had them


class Due(NamedTuple):
    """A message whose signals were not looked for yet."""

    pk: int
    contact_id: int
    state: str
    agent_id: int | None
    accepted_at: datetime | None
    created_at: datetime
    subject: str
    body: str
    language: str
    channel: str
    sort: str
    organisation_id: int


def hear_due(*, now: datetime) -> bool:
    """Look for signals in the newest messages that nobody has heard yet; True while there may be more."""
    rows = Message.objects.filter(direction=Message.Direction.IN, is_heard=False).order_by("-pk")
    due = [Due(*row) for row in rows.annotate(**_WHOSE).values_list(*COLUMNS)[:BATCH]]
    if not due:
        return False
    taken = _within_bounds(due)
    found = hearing.hear(_said(taken, now=now))
    dangerous = [one for one in taken if any(cue.sort == DANGER for cue in found.get(one.pk, ()))]
    for one in dangerous:
        _keep([one], found, now=now)
    quiet = [one for one in taken if one not in dangerous]
    if quiet:
        _keep(quiet, found, now=now)
    return len(due) == BATCH or len(taken) < len(due)


def _within_bounds(due: Sequence[Due]) -> list[Due]:
    """As many as may be read in one go, however long they are."""
    taken, characters = list(due[:1]), 0
    for one in due[1:]:
        characters += len(one.body)
        if characters > MOST_CHARACTERS:
            break
        taken.append(one)
    return taken


def _said(taken: Iterable[Due], *, now: datetime) -> list[Said]:
    wanted = [one for one in taken if not _is_past(one, now=now)]
    hazards = _hazards({one.organisation_id for one in wanted}) if wanted else frozenset()
    return [
        Said(
            one.pk,
            hearing.words_of(one.subject, one.body),
            one.language,
            one.channel == Channel.VOICE and one.sort == Message.Sort.REQUEST,
            one.organisation_id in hazards,
        )
        for one in wanted
    ]


def _is_past(one: Due, *, now: datetime) -> bool:
    """Whether hearing these words now would call people about what others have dealt with long ago."""
    age = now - one.created_at
    if one.state == Contact.State.CLOSED:
        return age > (READ if one.agent_id else UNREAD)
    is_in_hand = one.state in (Contact.State.ACTIVE, Contact.State.WRAP_UP, Contact.State.PENDING)
    return is_in_hand and age > READ and (one.accepted_at is None or one.created_at <= one.accepted_at)


def _hazards(organisations: Collection[int]) -> frozenset[int]:
    """The organisations with an open incident in which people are hurt or enclosed."""
    rows = Incident.objects.filter(organisation__in=organisations, people_in_danger=True, is_drill=False)
    return frozenset(rows.exclude(state=Incident.State.CLOSED).values_list("organisation_id", flat=True))


def _keep(due: Sequence[Due], found: Mapping[int, list[Found]], *, now: datetime) -> None:
    """Keep what was found, once: whoever comes second to a contact finds its messages heard already."""
    with transaction.atomic():
        held = _locked({one.contact_id for one in due if found.get(one.pk)})
        contacts = {pk: row for pk, row in held.items() if row.state != Contact.State.CLOSED}
        # What was joined to another meanwhile is heard for that one, the next time.
        mine = [one.pk for one in due if not _is_joined(held.get(one.contact_id))]
        unheard = Message.objects.filter(pk__in=mine, is_heard=False)
        still = set(holds.in_order(unheard))
        known, told = _known(contacts), _told(due, found, contacts)
        rows = [
            _cue(one, cue, now=now)
            for one in due
            if one.pk in still and one.contact_id in contacts
            for cue in found.get(one.pk, ())
            if (one.contact_id, cue.code) not in told
            and _is_wanted(cue, contacts[one.contact_id], known.get((one.contact_id, cue.sort, cue.code), ()))
        ]
        Cue.objects.bulk_create(rows, ignore_conflicts=True)
        unheard.update(is_heard=True)
        for contact_id in {row.contact_id for row in rows if row.sort == DANGER}:
            _call(contact_id, now=now)
        for contact_id in _in_danger(due, found, still) & (held.keys() - contacts.keys()):
            _call_about_closed(held[contact_id], now=now)
        _tell(rows, contacts, now=now)


def _locked(ids: Collection[int]) -> dict[int, Contact]:
    """These contacts, held against a close at this moment."""
    if not ids:
        return {}
    rows = Contact.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    wanted = ("organisation_id", "agent_id", "person_id", "state", "request_type", "merged_into_id")
    return {row.pk: row for row in rows.only(*wanted)}


def _is_joined(held: Contact | None) -> bool:
    return held is not None and held.merged_into_id is not None


def _in_danger(due: Iterable[Due], found: Mapping[int, list[Found]], still: Collection[int]) -> set[int]:
    """The contacts whose words, heard just now, may mean danger to life."""
    heard = (one for one in due if one.pk in still)
    return {one.contact_id for one in heard if any(cue.sort == DANGER for cue in found.get(one.pk, ()))}


def _known(contacts: Collection[int]) -> dict[tuple[int, str, str], list[str]]:
    """The states of the cues there are, by contact and meaning."""
    states: dict[tuple[int, str, str], list[str]] = {}
    rows = Cue.objects.filter(contact__in=contacts) if contacts else Cue.objects.none()
    for contact, sort, code, state in rows.values_list("contact_id", "sort", "code", "state"):
        states.setdefault((contact, sort, code), []).append(state)
    return states


def _told(
    due: Iterable[Due], found: Mapping[int, list[Found]], contacts: Mapping[int, Contact]
) -> set[tuple[int, str]]:
    """The needs that people have told us of already, by contact: words that say so again are no news."""
    asked = [one.contact_id for one in due if any(cue.sort == Cue.Sort.NEED for cue in found.get(one.pk, ()))]
    people = {contacts[contact].person_id: contact for contact in asked if contact in contacts}
    rows = SupportNeed.objects.filter(person__in=people, ended_at__isnull=True) if people else ()
    try:
        return {(people[row.person_id], row.code) for row in rows}
    except InvalidToken:  # what cannot be opened must not keep danger from being heard
        return set()


def _is_wanted(found: Found, contact: Contact, states: Sequence[str]) -> bool:
    """Danger is told anew each time. Anything else a person answers once, and what we know already is no news."""
    if found.sort == DANGER:
        return True
    if len(states) >= MOST_ALIKE or any(state != Cue.State.OPEN for state in states):
        return False
    if found.sort == Cue.Sort.REQUEST and contact.request_type:
        return found.code != contact.request_type and found.score >= LIKELY
    return True


def _cue(one: Due, found: Found, *, now: datetime) -> Cue:
    return Cue(
        contact_id=one.contact_id,
        message_id=one.pk,
        sort=found.sort,
        code=found.code,
        score=found.score,
        places=[list(place) for place in found.places],
        kinds=list(found.kinds),
        language=found.language or one.language,
        source=found.source,
        found_at=now,
    )


def _call(contact_id: int, *, now: datetime) -> None:
    """To the head of band 1, and an alarm: a person must look now."""
    contact = Contact.objects.select_related("organisation", "lane__queue", "raised_by").get(pk=contact_id)
    lanes.regrade(contact, now=now)
    trail.record(contact, "danger_read", now=now)
    if contact.lane.band:
        alarms.raise_anew(contact, Alarm.Sort.DANGER_WORDS, now=now)
    trail.tell(contact, now=now, topics=["queue", "alarms"])


def _call_about_closed(contact: Contact, *, now: datetime) -> None:
    """The contact closed before its last words were heard: an alarm, and nothing is kept of the words."""
    trail.record(contact, "danger_read", now=now)
    alarms.raise_anew(contact, Alarm.Sort.DANGER_WORDS, now=now)
    trail.tell(contact, now=now, topics=["alarms"])


def _tell(rows: Iterable[Cue], contacts: Mapping[int, Contact], *, now: datetime) -> None:
    """Let the desks know whose contacts these are."""
    told: dict[int, list[str]] = {}
    for contact_id in {row.contact_id for row in rows if row.sort != DANGER}:
        contact = contacts[contact_id]
        if contact.agent_id:
            told.setdefault(contact.organisation_id, []).append(f"contact:{contact_id}")
    for organisation, topics in told.items():
        live.nudge(organisation_id=organisation, topics=topics, now=now)


def forget(contact: Contact) -> None:
    """The contact is closed: what its words suggested goes, and the places of the words with it."""
    Cue.objects.filter(contact=contact).delete()
