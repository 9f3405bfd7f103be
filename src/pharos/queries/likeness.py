"""Who else may be the person of a contact: looked for under a few keys, then compared one by one.

Contacts that were closed more than `RECENT` ago are over; those of a drill meet no others.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Left

from pharos.engine.identity import WITHIN, Likeness, Record, Seen, compare, could_be, held, is_certain
from pharos.engine.identity_keys import keys, name_keys
from pharos.models import Contact, Identity, Incident, Message, NotSame, Organisation
from pharos.queries import family, identities

RECENT: Final = timedelta(hours=72)
CROWD: Final = 200  # people who share a key, beyond which it finds nobody
MOST_PEOPLE: Final = 30  # who are compared, those with the most keys in common first
MOST_CONTACTS: Final = 60
WORDS: Final = 1_000  # letters of each message that are compared
MESSAGES: Final = 400
COUNTED: Final = 5_000  # people; more than that change little
BY_KEY_AT_ONCE: Final = """
    SELECT k.key, p.person_id FROM unnest(%s::bigint[]) AS k(key) CROSS JOIN LATERAL (SELECT person_id
    FROM pharos_personkey WHERE organisation_id = %s AND key = k.key AND person_id <> %s
    ORDER BY person_id DESC LIMIT %s) AS p
"""
BY_KEY: Final = """
    SELECT * FROM (SELECT key, person_id FROM pharos_personkey
    WHERE organisation_id = %s AND key = %s AND person_id <> %s ORDER BY person_id DESC LIMIT %s) AS k{}
"""
BY_VALUE: Final = """
    SELECT * FROM (SELECT sort, value, person_id FROM pharos_identity
    WHERE organisation_id = %s AND sort = %s AND value = %s AND person_id <> %s ORDER BY id DESC LIMIT %s) AS v{}
"""
SORTS: Final = {"emails": "email", "phones": "phone", "handles": "handle", "bookings": "booking"}


class Match(NamedTuple):
    """A contact that may be of the same person, how likely and why, and whether it is about the same matter."""

    contact: Contact
    likeness: Likeness
    same_matter: bool


def likely(contact: Contact, *, now: datetime) -> list[Match]:
    """The contacts that a colleague should look at beside this one, the likeliest first.

    One that was merged is looked at too, and stands for the one in whose place it waits. Those of whom a colleague said
    that they are of somebody else are left out.
    """
    own = _record(_one(contact), _identities([contact.person_id])[contact.person_id])
    found = _candidates(contact, own)
    ones = _ones(_contacts(contact, found.people, now=now))
    known = _identities({one.person_id for one in ones})
    records = {one.pk: _record(one, known[one.person_id]) for one in ones}
    worth = [pk for pk, record in records.items() if could_be(own, record, seen=found.seen)]
    said = _said([contact.pk, *worth])
    own = replace(own, text=said[contact.pk])
    place = {one.pk: one.merged_into_id or one.pk for one in ones}
    alike: dict[int, Likeness] = {}
    for pk in worth:
        likeness = compare(own, replace(records[pk], text=said[pk]), seen=found.seen)
        known_as = alike.get(place[pk])
        if likeness.verdict != "none" and (known_as is None or likeness.probability > known_as.probability):
            alike[place[pk]] = likeness
    contacts = Contact.objects.select_related("person", "organisation").in_bulk(list(alike))
    matches = [Match(one, alike[pk], alike[pk].same_matter) for pk, one in contacts.items()]
    return sorted(matches, key=lambda match: (-match.likeness.probability, match.contact.pk))


def certain(
    *,
    organisation: Organisation,
    sender: identities.Known,
    text: str,
    now: datetime,
    name: str = "",
    incident: Incident | None = None,
) -> Contact | None:
    """The contact that words belong to without anybody's look: it is their sender's, whose verified address this is.

    None when two people hold the address, and when a name, a booking or the time since then speaks against it. A
    request that was typed on a page is in the hands of whoever typed it, also when the address answered our mail.
    """
    if sender.sort == Identity.Sort.PHONE:
        return None
    rows = Identity.objects.filter(organisation=organisation, sort=sender.sort, value=sender.value)
    people = set(rows.filter(verified_at__isnull=False).values_list("person_id", flat=True)[:2])
    if len(people) != 1:
        return None
    contacts = _ones(
        _open_or_recent(organisation, now=now)
        .filter(_is_senders(sender), person__in=people, last_inbound_at__gte=now - WITHIN)
        .filter(Q(incident__isnull=True) | Q(incident__is_drill=False) | Q(incident=incident))
        .order_by("-last_inbound_at", "-id")[:MOST_CONTACTS]
    )
    known, said = _identities(people), _said([one.pk for one in contacts])
    own = replace(_person(name, [(sender.sort, sender.value, False)]), text=text, at=now)
    for one in contacts:
        record = _record(one, known[one.person_id])
        if is_certain(own, replace(record, at=one.last_inbound_at, text=said[one.pk])):
            return Contact.objects.select_related("organisation").get(pk=one.pk)
    return None


def _is_senders(sender: identities.Known) -> Q:
    """Contacts that began with words from this address, or on whose page it was proven."""
    began = Message.objects.filter(contact=OuterRef("pk"), sort=Message.Sort.REQUEST, address__iexact=sender.value)
    known = Identity.objects.filter(person=OuterRef("person"), sort=sender.sort, value=sender.value)
    proven = known.filter(verified_at__isnull=False).exclude(verified_by=Identity.Proof.THREAD)
    return Q(Exists(began)) | Q(Exists(proven))


def keys_of(name: str, known: Iterable[tuple[str, str]]) -> set[int]:
    """The keys of a person as numbers, from their name and their identities (sort, value)."""
    return {_number(key) for key in keys(_person(name, [(sort, value, False) for sort, value in known]))}


def _number(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


Known = tuple[str, str, bool]  # sort, value, whether verified


class _One(NamedTuple):
    """What is compared of a contact: of many, most are dropped at once."""

    pk: int
    person_id: int
    name: str
    spoken: str
    language: str
    booking: str
    request_type: str
    arrived_at: datetime
    last_inbound_at: datetime
    merged_into_id: int | None


def _one(contact: Contact) -> _One:
    return _One(
        pk=contact.pk,
        person_id=contact.person_id,
        name=contact.person.name,
        spoken=contact.person.language,
        language=contact.language,
        booking=contact.booking,
        request_type=contact.request_type,
        arrived_at=contact.arrived_at,
        last_inbound_at=contact.last_inbound_at,
        merged_into_id=contact.merged_into_id,
    )


def _ones(rows: "QuerySet[Contact]") -> list[_One]:
    beside = ("person_id", "person__name", "person__language", "language", "booking", "request_type")
    return [_One(*row) for row in rows.values_list("pk", *beside, "arrived_at", "last_inbound_at", "merged_into_id")]


class _Found(NamedTuple):
    people: list[int]
    seen: Seen


def _identities(people: Collection[int]) -> defaultdict[int, list[Known]]:
    found: defaultdict[int, list[Known]] = defaultdict(list)
    rows = Identity.objects.filter(person__in=people).order_by("id")
    for person, sort, value, verified_at in rows.values_list("person_id", "sort", "value", "verified_at"):
        found[person].append((sort, value, verified_at is not None))
    return found


def _person(name: str, known: Sequence[Known]) -> Record:
    values = {field: tuple(value for sort, value, _ in known if sort == of) for field, of in SORTS.items()}
    return Record(
        emails=values["emails"],
        phones=values["phones"],
        handles=values["handles"],
        bookings=values["bookings"],
        names=(name,) if name.strip() else (),
        verified=frozenset(value for _sort, value, verified in known if verified),
    )


def _record(one: _One, known: Sequence[Known]) -> Record:
    """All that is known of a contact but its words."""
    person = _person(one.name, known)
    booking = identities.booking(one.booking) if one.booking else None
    return replace(
        person,
        key=one.pk,
        bookings=(booking.value,) if booking else person.bookings,
        languages=tuple({one.language, one.spoken} - {""}),
        kind=one.request_type,
        at=one.arrived_at,
    )


def _candidates(contact: Contact, own: Record) -> _Found:
    """The people with most in common, and how many hold what the contact holds."""
    by_value = _by_value(contact, own)
    by_key = _by_key(contact, sorted(keys_of_record(own)))
    common: Counter[int] = Counter()
    for people in [*by_value.values(), *by_key.values()]:
        if len(people) <= CROWD:
            common.update(people)
    others = {(sort, held(sort, value)): len(people) - 1 for (sort, value), people in by_value.items()}
    for name in own.names:
        counts = [len(by_key[_number(key)]) for key in name_keys(name)]
        others["name", held("name", name)] = max(0, max(counts, default=1) - 1)
    ranked = sorted(common, key=lambda person: (-common[person], -person))
    return _Found(ranked[:MOST_PEOPLE], Seen(people=_people(contact.organisation_id), others=others))


def keys_of_record(record: Record) -> set[int]:
    """Its keys as numbers."""
    return {_number(key) for key in keys(record)}


def _by_key(contact: Contact, numbers: Sequence[int]) -> defaultdict[int, set[int]]:
    if settings.SQLITE:
        rows = _rows(BY_KEY, [(contact.organisation_id, number, contact.person_id, CROWD + 1) for number in numbers])
    else:
        rows = _rows(BY_KEY_AT_ONCE, [(list(numbers), contact.organisation_id, contact.person_id, CROWD + 1)])
    found: defaultdict[int, set[int]] = defaultdict(set)
    for key, person in rows:
        found[key].add(person)
    return found


def _by_value(contact: Contact, own: Record) -> Mapping[tuple[str, str], set[int]]:
    values = [(of, value) for field, of in SORTS.items() for value in getattr(own, field)]
    asked = [(contact.organisation_id, of, value, contact.person_id, CROWD + 1) for of, value in values]
    found: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for sort, value, person in _rows(BY_VALUE, asked):
        found[sort, value].add(person)
    return found


def _rows(text: str, asked: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """The rows of several bounded questions, asked at once."""
    if not asked:
        return []
    with connection.cursor() as sql:
        parts = " UNION ALL ".join(text.format(number) for number in range(len(asked)))
        sql.execute(parts, [value for one in asked for value in one])
        return list(sql.fetchall())


def _people(organisation_id: int) -> int:
    with connection.cursor() as sql:
        sql.execute(
            "SELECT count(*) FROM (SELECT 1 FROM pharos_person WHERE organisation_id = %s LIMIT %s) AS people",
            [organisation_id, COUNTED],
        )
        return int(sql.fetchone()[0])


def _contacts(contact: Contact, people: Sequence[int], *, now: datetime) -> "QuerySet[Contact]":
    rows = _open_or_recent(contact.organisation, now=now).filter(person__in=[*people, contact.person_id])
    if contact.incident and contact.incident.is_drill:
        rows = rows.filter(incident=contact.incident)
    else:
        rows = rows.filter(Q(incident__isnull=True) | Q(incident__is_drill=False))
    place = contact.merged_into_id or contact.pk
    rows = rows.exclude(Q(pk=place) | Q(merged_into=place)).exclude(_told_apart(contact.pk))
    return rows.exclude(pk=contact.pk).order_by("-arrived_at", "-id")[:MOST_CONTACTS]


def _told_apart(pk: int) -> Q:
    pairs = NotSame.objects.filter(Q(first=pk) | Q(second=pk)).values_list("first", "second")
    others = {one for pair in pairs for one in pair} - {pk}
    return Q(pk__in=others) | Q(merged_into__in=others)


def _open_or_recent(organisation: Organisation, *, now: datetime) -> "QuerySet[Contact]":
    return Contact.objects.filter(family.open_or_closed_since(now - RECENT), organisation=organisation)


def _said(contacts: Sequence[int]) -> defaultdict[int, str]:
    """The beginning of what was written in each, in its order."""
    rows = Message.objects.filter(contact__in=contacts, direction=Message.Direction.IN)
    rows = rows.exclude(sort=Message.Sort.AUTOMATIC).annotate(begin=Left(F("body"), WORDS)).order_by("id")
    said: defaultdict[int, str] = defaultdict(str)
    for contact, subject, begin in rows.values_list("contact_id", "subject", "begin")[:MESSAGES]:
        if len(said[contact]) < WORDS:
            said[contact] = f"{said[contact]}\n{subject}\n{begin}".strip()
    return said
