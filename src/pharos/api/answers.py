"""Rows as what goes over the wire."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from pharos.api import schemas_agents, schemas_contacts, schemas_queue
from pharos.models import Agent, Contact, ContactEvent, Message, Offer, Promise
from pharos.queries import contacts
from pharos.queries.explanation import Explanation
from pharos.queries.floor import Place, Summary, place
from pharos.queries.honesty import Honesty

ROOT = "/api/v1"
IN_HAND = (Contact.State.ACTIVE, Contact.State.WRAP_UP)


def contact(
    row: Contact,
    *,
    language: str,
    now: datetime,
    place_of: contacts.PlaceOf = place,
    warnings: Iterable[schemas_contacts.WarningOut] = (),
) -> schemas_contacts.ContactOut:
    """Where a contact stands, with its reasons in the caller's language."""
    standing = _standing(row, language=language, now=now, place_of=place_of)
    return schemas_contacts.ContactOut(**standing, warnings=list(warnings))


def detail(
    row: Contact, *, needs: Iterable[str], helps: Iterable[str], language: str, now: datetime
) -> schemas_contacts.ContactDetailOut:
    """A contact with its messages and events. `needs`: what the caller may read; `helps`: what follows from all."""
    identities = {one.sort: one.typed for one in row.person.identities.all()}
    return schemas_contacts.ContactDetailOut(
        **_standing(row, language=language, now=now),
        person={
            "name": row.person.name,
            "email": identities.get("email", ""),
            "phone": identities.get("phone") or identities.get("handle", ""),
        },
        booking=row.booking,
        needs=list(needs),
        helps=list(helps),
        danger=row.danger,
        disposition=row.disposition,
        summary=row.summary,
        merged=[one.reference for one in row.members.order_by("id")],
        promises=[_told(one) for one in row.promises.order_by("id")],
        messages=[message(one) for one in row.messages.exclude(sort=Message.Sort.CODE).select_related("author")],
        events=[_event(one) for one in row.events.select_related("user")],
    )


def _standing(row: Contact, *, language: str, now: datetime, place_of: contacts.PlaceOf = place) -> dict[str, object]:
    told = contacts.told(row, language=language, now=now, audience="staff", place_of=place_of)
    return {
        "reference": row.reference,
        "state": row.state,
        "band": row.lane.band,
        "reasons": _reasons(row, language),
        "wait": schemas_contacts.WaitOut(low_s=told.wait_low_s, high_s=told.wait_high_s),
        "promise": _promise(row),
        "position": told.position,
        "links": schemas_contacts.LinksOut(page=told.page_url, self=self_url(row.reference)),
        "incident": row.incident.slug if row.incident else None,
        "channel": row.channel,
        "language": row.language,
        "request_type": row.request_type,
        "needed_by": row.needed_by,
        "arrived_at": row.arrived_at,
        "first_answered_at": row.first_answered_at,
        "closed_at": row.closed_at,
        "merged_into": row.merged_into.reference if row.merged_into else None,
    }


def self_url(reference: str) -> str:
    """The address of a contact in this API."""
    return f"{settings.PUBLIC_URL}{ROOT}/contacts/{reference}"


def _promise(row: Contact) -> schemas_contacts.PromiseOut:
    return schemas_contacts.PromiseOut(by=row.promise_by, broken_at=row.promise_broken_at)


def _reasons(row: Contact, language: str) -> list[schemas_contacts.ReasonOut]:
    staff = contacts.reason_texts(row.reasons, language=language, audience="staff")
    public = contacts.reason_texts(row.reasons, language=language, audience="public")
    return [
        schemas_contacts.ReasonOut(code=one.code, text=one.text, public_text=other.text, params=dict(one.params))
        for one, other in zip(staff, public, strict=True)
    ]


def message(row: Message) -> schemas_contacts.MessageOut:
    """One message, with the name of the colleague who wrote it."""
    return schemas_contacts.MessageOut(
        id=row.pk,
        direction=row.direction,
        sort=row.sort,
        channel=row.channel,
        state=row.state,
        language=row.language,
        subject=row.subject,
        text=row.body,
        author=row.author.get_full_name() if row.author else None,
        created_at=row.created_at,
        settled_at=row.settled_at,
    )


def _told(row: Promise) -> schemas_contacts.ToldOut:
    return schemas_contacts.ToldOut(
        told_at=row.told_at,
        by=row.by,
        low_s=row.low_s,
        high_s=row.high_s,
        settled_at=row.settled_at,
        kept=row.kept,
    )


def _event(row: ContactEvent) -> schemas_contacts.EventOut:
    return schemas_contacts.EventOut(
        at=row.at, code=row.code, by=row.user.get_full_name() if row.user else None, data=row.data
    )


def queued(place: Place, *, language: str) -> schemas_queue.QueuedOut:
    """One place of the serving order."""
    return schemas_queue.QueuedOut(
        reference=place.contact.reference,
        band=place.band,
        class_=f"{place.band}-{place.kind}",
        index=round(place.index, 6),
        guard=place.guard,
        promise=_promise(place.contact),
        reasons=_reasons(place.contact, language),
    )


def why(found: Explanation, *, language: str) -> schemas_queue.WhyOut:
    """Why a contact is where it is."""
    row = found.contact
    return schemas_queue.WhyOut(
        reference=row.reference,
        state=row.state,
        band=row.lane.band,
        reasons=_reasons(row, language),
        index=None if found.index is None else round(found.index, 6),
        counts_since=row.virtual_arrival,
        position=found.place,
        ahead=[
            schemas_queue.AheadOut(
                reference=one.contact.reference, band=one.band, index=round(one.index, 6), why=one.reason
            )
            for one in found.near
        ],
        picks=[_pick(one) for one in found.picks],
        promises=[_told(one) for one in found.promises],
        overrides=[
            schemas_queue.OverrideOut(
                at=one.at,
                by=one.by.get_full_name() if one.by else None,
                band=one.band,
                reason=one.reason,
                undone_at=one.undone_at,
            )
            for one in found.overrides
        ],
    )


def _pick(row: Offer) -> schemas_queue.PickOut:
    return schemas_queue.PickOut(
        at=row.offered_at,
        agent=row.agent.user.username,
        why=row.reason,
        index=row.index,
        guard=row.guard,
        fit=row.fit,
        runner_up=row.runner_up,
        state=row.state,
    )


def summary(rows: list[Summary]) -> schemas_queue.SummaryOut:
    """What waits, in all and by queue, band and kind."""
    oldest = [row.oldest for row in rows if row.oldest]
    return schemas_queue.SummaryOut(
        waiting=sum(row.waiting for row in rows),
        oldest=min(oldest) if oldest else None,
        items=[schemas_queue.WaitingOut(**row._asdict()) for row in rows],
    )


def honest(row: Honesty) -> schemas_queue.HonestOut:
    """What was told in one class against what came."""
    names = ("coverage", "coverage_low", "coverage_high", "mean_s", "rmse_share", "mae_share", "bias_share")
    return schemas_queue.HonestOut(
        band=row.band,
        kind=row.kind,
        due=row.kept.due,
        kept=row.kept.kept,
        told=row.score.told if row.score else 0,
        **{name: getattr(row.score, name, None) for name in names},
    )


def offer(row: Offer, *, language: str, now: datetime) -> schemas_agents.OfferOut:
    """An offer with the contact it is about."""
    return schemas_agents.OfferOut(
        id=row.pk,
        reason=row.reason,
        index=row.index,
        guard=row.guard,
        offered_at=row.offered_at,
        expires_at=row.expires_at,
        contact=contact(row.contact, language=language, now=now),
    )


def agent(row: Agent) -> schemas_agents.AgentOut:
    """An agent's status and the contacts in its hands, the oldest first."""
    held = row.contacts.filter(state__in=IN_HAND).order_by("accepted_at", "id")
    return schemas_agents.AgentOut(
        user=row.user.username,
        status=row.status,
        since=row.status_since,
        contacts=list(held.values_list("reference", flat=True)),
    )
