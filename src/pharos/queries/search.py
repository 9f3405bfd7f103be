"""Lists of contacts, the newest first: narrowed by where they are, or found by whatever a person can name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import OuterRef, Q, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Left
from django.db.models.query import QuerySet

from pharos.engine.references import normal_reference
from pharos.engine.words import asked
from pharos.models import Contact, Identity, Lane, Message, Organisation
from pharos.queries import identities

PAGE: Final = 50
GIST: Final = 140  # characters of the first words
TERMS_MAX: Final = 12  # words of a question that are looked at
NAMESAKES: Final = 1000  # equal identities that are looked at; a booking may be everybody's
FEW: Final = 1000  # contacts that are found by words are read one by one, of more only the first
ON_POSTGRESQL: Final = "SELECT contact_id FROM pharos_contactwords WHERE vector @@ %s::tsquery"
ON_SQLITE: Final = "SELECT rowid FROM pharos_contact_fts WHERE pharos_contact_fts MATCH %s"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What to list: `text` may be a reference, name, address, phone number, booking or words; empty fields ask nothing.

    `before`, `after`: the contact (its id) that the page follows, towards the older or towards the newer.
    """

    text: str = ""
    state: str = ""
    queue: int | None = None
    band: int | None = None
    incident: int | None = None
    before: int | None = None
    after: int | None = None


class Found(NamedTuple):
    """One page; `older` and `newer` say from which contact there is more on that side."""

    contacts: list[Contact]
    older: int | None
    newer: int | None


def page(*, organisation: Organisation, wanted: Wanted, limit: int = PAGE) -> Found:
    """One page of the contacts of an organisation, the newest first; each has its first words as `gist`."""
    upwards = wanted.after is not None
    ids = _ids(organisation, wanted, limit + 1)
    more = len(ids) > limit
    ids = sorted(ids[:limit], reverse=True)
    has_older = bool(ids) if upwards else more
    has_newer = more if upwards else bool(ids) and wanted.before is not None
    return Found(
        contacts=_whole(ids),
        older=ids[-1] if has_older else None,
        newer=ids[0] if has_newer else None,
    )


def _ids(organisation: Organisation, wanted: Wanted, limit: int) -> list[int]:
    """The ids of the first `limit`, from the side that the page follows."""
    every = _narrowed(organisation, wanted)
    rows = every.order_by("-id") if wanted.after is None else every.filter(pk__gt=wanted.after).order_by("id")
    rows = rows if wanted.before is None else rows.filter(pk__lt=wanted.before)
    text = " ".join(wanted.text.replace("\0", " ").split())
    if not text:
        return list(rows.values_list("id", flat=True)[:limit])
    named = _named(organisation, text)
    if every.filter(named).exists():  # who names one exactly wants no other
        return list(rows.filter(named).values_list("id", flat=True)[:limit])
    terms = asked(text)[:TERMS_MAX]
    return list(rows.filter(pk__in=_with_words(terms)).values_list("id", flat=True)[:limit]) if terms else []


def _narrowed(organisation: Organisation, wanted: Wanted) -> "QuerySet[Contact]":
    rows = Contact.objects.filter(organisation=organisation)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.incident is not None:
        rows = rows.filter(incident=wanted.incident)
    if wanted.queue is not None or wanted.band is not None:
        lanes = Lane.objects.filter(organisation=organisation)
        lanes = lanes if wanted.queue is None else lanes.filter(queue=wanted.queue)
        lanes = lanes if wanted.band is None else lanes.filter(band=wanted.band)
        rows = rows.filter(lane__in=list(lanes.values_list("id", flat=True)))
    return rows


def _named(organisation: Organisation, text: str) -> Q:
    """By reference, mail address, number in any spelling or booking: true from the moment a contact is there."""
    known = _identities(organisation, text)
    people = Identity.objects.filter(known, organisation=organisation).order_by("-person").values_list("person")
    match = Q(person__in=[person for (person,) in people[:NAMESAKES]] if known else [])
    reference = normal_reference(text)
    return match | Q(reference=reference) if reference else match


def _identities(organisation: Organisation, text: str) -> Q:
    """Every identity that the text may be; empty when it can be none."""
    found = [identities.email(text), identities.booking(text)]
    found += [identities.phone(text, language) for language in organisation.languages or ["en"]]
    known = Q()
    for one in found:
        if one:
            known |= Q(sort=one.sort, value=one.value)
    return known


def _with_words(terms: Iterable[tuple[str, bool]]) -> list[int] | RawSQL:
    """The contacts that have all of these words: which they are if they are few, so that nothing has to be guessed."""
    asked, question = _question(terms)
    with connection.cursor() as sql:
        sql.execute(f"{asked} LIMIT {FEW + 1}", [question])
        found = [row[0] for row in sql.fetchall()]
    return found if len(found) <= FEW else RawSQL(asked, [question])  # noqa: S611 - no part of it is from outside


def _question(terms: Iterable[tuple[str, bool]]) -> tuple[str, str]:
    """The statement and its question. Words hold letters and digits only, so nothing needs an escape."""
    if settings.SQLITE:
        return ON_SQLITE, " AND ".join(f'"{word}"{"*" if goes_on else ""}' for word, goes_on in terms)
    return ON_POSTGRESQL, " & ".join(f"'{word}'{':*' if goes_on else ''}" for word, goes_on in terms)


def _whole(ids: list[int]) -> list[Contact]:
    first = Message.objects.filter(contact=OuterRef("pk"), direction=Message.Direction.IN).order_by("created_at", "id")
    rows: QuerySet[Contact, Any] = (
        Contact.objects.filter(pk__in=ids)
        .select_related("person", "lane__queue", "incident", "agent__user", "merged_into")
        .annotate(gist=Subquery(first.annotate(begin=Left("body", GIST)).values("begin")[:1]))
    )
    return list(rows.order_by("-id"))
