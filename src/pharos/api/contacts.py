"""Contacts in, and where they stand."""

import hashlib
import secrets
from datetime import datetime
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from ninja import Header, Router
from ninja.errors import ValidationError

from pharos.actions import intake, needs
from pharos.actions.inbound import Inbound, Looked, OnBehalf
from pharos.api import answers, faults, samples, schemas_contacts, schemas_queue
from pharos.api.auth import AnyToken, SystemToken, caller
from pharos.api.respond import BODY_PROBLEMS, PROBLEMS, examples, respond
from pharos.engine.references import normal_reference
from pharos.models import ApiToken, Channel, Contact, Incident, SupportNeed
from pharos.queries import doors, floor, identities
from pharos.queries import needs as register
from pharos.queries.explanation import explain

router = Router(tags=["contacts"])
KEY_MAX = 180  # what a submission's key has room for, after its prefix
WITH_ALL = ("organisation", "person", "lane__queue", "incident")
IdempotencyKey = Annotated[
    str | None,
    Header(
        None,
        alias="Idempotency-Key",
        max_length=1000,
        description="Your own key of this delivery; the same key again, with the same body, is the same contact.",
    ),
]


@router.post(
    "/contacts",
    auth=SystemToken(),
    operation_id="create_contact",
    summary="Hand in a request for help",
    response={201: schemas_contacts.ContactOut, 200: schemas_contacts.ContactOut, **BODY_PROBLEMS},
    openapi_extra=examples(body=samples.CONTACT, answer=samples.KEPT, status=201),
)
def create(
    request: HttpRequest, payload: schemas_contacts.ContactIn, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Kept when this answers: 201 with its reference, place, wait and promise.

    The same `Idempotency-Key` or `carrier_id` again with the same token is the same contact, answered with 200; with
    another body it is refused (422, `key-reused`). Without either, every call is a new contact.
    """
    token, now = caller(request), timezone.now()
    inbound = _inbound(token, payload, idempotency_key or "", now=now)
    contact, created = intake.receive(inbound, now=now)
    body = answers.contact(
        contact,
        language=get_language() or "en",
        now=now,
        place_of=doors.place_of if created else floor.place,
        warnings=_warnings(payload, inbound.incident),
    )
    return respond(body, status=201 if created else 200)


@router.get(
    "/contacts/{reference}",
    auth=AnyToken(),
    operation_id="read_contact",
    summary="Where a contact stands, with its messages and events",
    response={200: schemas_contacts.ContactDetailOut, **PROBLEMS},
    openapi_extra=examples(answer=samples.DETAIL),
)
def read(request: HttpRequest, reference: str) -> HttpResponse:
    """An agent's token reads the contacts that the agent holds or closed; another system's token reads all."""
    token = caller(request)
    return respond(detail(token, contact_or_404(token, reference), now=timezone.now()))


@router.get(
    "/contacts/{reference}/why",
    auth=SystemToken(),
    operation_id="explain_contact",
    summary="Why a contact is where it is",
    response={200: schemas_queue.WhyOut, **PROBLEMS},
    openapi_extra=examples(answer=samples.WHY),
)
def why(request: HttpRequest, reference: str) -> HttpResponse:
    """In every state: reasons, index now, who goes before it, how it was picked, what was promised or moved by hand."""
    contact = contact_or_404(caller(request), reference)
    return respond(answers.why(explain(contact, now=timezone.now()), language=get_language() or "en"))


def detail(token: ApiToken, contact: Contact, *, now: datetime) -> schemas_contacts.ContactDetailOut:
    """A contact with all that this caller may read; that they read what the person needs is kept."""
    held = list(register.holding(contact.person_id, now=now))
    found: list[SupportNeed] = []
    if held and token.agent is None:
        found = needs.look_from_outside(contact=contact, name=token.name, now=now)
    elif held and token.agent and register.may_open(token.agent.user, contact):
        found = needs.look(contact=contact, by=token.agent.user, now=now)
    return answers.detail(
        contact,
        needs=[need.code for need in found if need.code != register.OTHER],
        helps=[one.code for one in register.effects(held)],
        language=get_language() or "en",
        now=now,
    )


def contact_or_404(token: ApiToken, reference: str, *, in_house: bool = False) -> Contact:
    """A contact of the token's organisation, and of its agent when it has one; `in_house`: whoever has it."""
    contacts = Contact.objects.select_related(*WITH_ALL).filter(organisation=token.organisation_id)
    if token.agent_id is not None and not in_house:
        contacts = contacts.filter(agent=token.agent_id)
    contact = contacts.filter(reference=normal_reference(reference)).first()
    if contact is None:
        raise Http404
    return contact


def _inbound(token: ApiToken, payload: schemas_contacts.ContactIn, idempotency_key: str, *, now: datetime) -> Inbound:
    organisation = token.organisation
    key, other_key = _keys(payload.carrier_id, idempotency_key)
    return Inbound(
        organisation=organisation,
        door=f"api:{token.pk}",
        key=key,
        other_key=other_key,
        digest=hashlib.sha256(payload.model_dump_json().encode()).hexdigest(),
        incident=incident_named(token, payload.incident, now=now),
        channel=Channel(payload.channel),
        language=payload.language or next(iter(organisation.languages), "en"),
        text=payload.text,
        name=payload.person.name,
        email=payload.person.email,
        phone=payload.person.phone,
        booking=payload.booking,
        request_type=payload.request_type,
        needed_by=payload.needed_by,
        time_zone=payload.time_zone,
        danger=payload.danger,
        needs=tuple(dict.fromkeys(payload.needs)),
        needs_basis=SupportNeed.Basis.CARE if _of_another(payload) else payload.needs_basis,
        behalf=OnBehalf(**payload.on_behalf.model_dump()) if payload.on_behalf else None,
        looked_for=Looked(**payload.looking_for.model_dump()) if payload.looking_for else None,
        needs_way=SupportNeed.Way.OTHER_SYSTEM,
    )


def _of_another(payload: schemas_contacts.ContactIn) -> bool:
    """Whether needs are told by somebody without a ground: that is not the person's yes."""
    behalf = payload.on_behalf
    return bool(behalf and behalf.authority == "none" and payload.needs_basis == "consent")


def _keys(carrier_id: str, idempotency_key: str) -> tuple[str, str]:
    """Either names the delivery; without both, nothing does."""
    given = [("key:", idempotency_key), ("carrier:", carrier_id)]
    keys = [prefix + short(value) for prefix, value in given if value] or ["once:" + secrets.token_hex(16)]
    return keys[0], keys[-1] if len(keys) > 1 else ""


def short(key: str) -> str:
    """A key as it is kept: itself, or a digest of one that is long."""
    return key if len(key) <= KEY_MAX else "sha256:" + hashlib.sha256(key.encode()).hexdigest()


def incident_named(token: ApiToken, slug: str, *, now: datetime) -> Incident | None:
    """The incident of this slug; None for a blank one."""
    if not slug:
        return None
    incident = doors.incident_of(token.organisation, slug, now=now)
    if incident is None:
        raise ValidationError([{"type": "unknown_incident", "loc": ("body", "payload", "incident")}])
    return incident


def _warnings(payload: schemas_contacts.ContactIn, incident: Incident | None) -> list[schemas_contacts.WarningOut]:
    unknown = [(name,) for name in payload.unknown] + [("person", name) for name in payload.person.unknown]
    warnings = [
        schemas_contacts.WarningOut(pointer=faults.pointer(path), detail=_("There is no such field; it was left out."))
        for path in unknown
    ]
    if incident and not incident.is_open:
        words = _("This incident is closed. The request is kept and will be answered.")
        warnings.append(schemas_contacts.WarningOut(pointer="#/incident", detail=words))
    if payload.person.phone and identities.phone(payload.person.phone, payload.language) is None:
        words = _(
            "This is no phone number we understand; it is kept as it came. Write one with + and the country code."
        )
        warnings.append(schemas_contacts.WarningOut(pointer="#/person/phone", detail=words))
    return warnings
