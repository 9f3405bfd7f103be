"""Agents at work over the API: what the desk does, call by call."""

import hashlib
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from ninja import Header, Router

from pharos.actions import codes, conversation, further, identity, routing
from pharos.api import answers, samples, schemas_agents, schemas_contacts
from pharos.api.auth import AgentToken, agent_of, caller
from pharos.api.contacts import WITH_ALL, contact_or_404, detail, short
from pharos.api.respond import BODY_PROBLEMS, PROBLEMS, STATE_PROBLEMS, examples, respond
from pharos.models import Agent, ApiToken, Contact, Offer
from pharos.queries import checks

router = Router(tags=["agents"], auth=AgentToken())
ReplyKey = Annotated[
    str | None,
    Header(
        None,
        alias="Idempotency-Key",
        max_length=1000,
        description="Your own key of this reply; the same key again, with the same words, is the same message.",
    ),
]
WITH_CONTACT = tuple(f"contact__{name}" for name in WITH_ALL)


@router.post(
    "/agents/me/status",
    operation_id="set_status",
    summary="Available, on a break, or offline",
    response={200: schemas_agents.AgentOut, **BODY_PROBLEMS},
    openapi_extra=examples(body=samples.STATUS, answer=samples.AGENT),
)
def status(request: HttpRequest, payload: schemas_agents.StatusIn) -> HttpResponse:
    """Only available agents are offered contacts. An open offer goes back to its old place when the agent steps out."""
    agent, now = agent_of(request), timezone.now()
    routing.set_status(agent=agent, status=Agent.Status(payload.status), now=now)
    agent.refresh_from_db(fields=["status", "status_since"])
    return respond(answers.agent(agent))


@router.get(
    "/agents/me",
    operation_id="read_me",
    summary="The agent's status and contacts",
    response={200: schemas_agents.AgentOut, **PROBLEMS},
    openapi_extra=examples(answer=samples.AGENT),
)
def me(request: HttpRequest) -> HttpResponse:
    """Someone whose offer went unanswered finds out here that they are on a break now."""
    return respond(answers.agent(agent_of(request)))


@router.get(
    "/agents/me/offer",
    operation_id="read_offer",
    summary="The contact that is put before the agent, if any",
    response={200: schemas_agents.OfferOut, 204: None, **PROBLEMS},
    openapi_extra=examples(answer=samples.OFFER),
)
def offer(request: HttpRequest) -> HttpResponse:
    """200 with the offer and why it is next; 204 when there is none."""
    agent = agent_of(request)
    open_offers = Offer.objects.select_related(*WITH_CONTACT).filter(agent=agent, state=Offer.State.OPEN)
    row = open_offers.first()
    if row is None:
        return HttpResponse(status=204)
    return respond(answers.offer(row, language=get_language() or "en", now=timezone.now()))


@router.post(
    "/offers/{int:offer_id}/accept",
    operation_id="accept_offer",
    summary="Take the contact",
    response={200: schemas_contacts.ContactDetailOut, **STATE_PROBLEMS},
    openapi_extra=examples(answer=samples.DETAIL),
)
def accept(request: HttpRequest, offer_id: int) -> HttpResponse:
    """The contact with all that was said. 409 when the offer is over: the person has kept their place."""
    agent, now = agent_of(request), timezone.now()
    contact = routing.accept(offer=_offer_or_404(agent, offer_id), agent=agent, now=now)
    return respond(detail(caller(request), contact, now=now))


@router.post(
    "/offers/{int:offer_id}/decline",
    operation_id="decline_offer",
    summary="Give the contact back",
    response={200: schemas_agents.AgentOut, **STATE_PROBLEMS},
    openapi_extra=examples(answer=samples.AGENT),
)
def decline(request: HttpRequest, offer_id: int) -> HttpResponse:
    """The person keeps their place, and the agent is on a break."""
    agent, now = agent_of(request), timezone.now()
    routing.decline(offer=_offer_or_404(agent, offer_id), agent=agent, now=now)
    agent.refresh_from_db(fields=["status", "status_since"])
    return respond(answers.agent(agent))


@router.post(
    "/contacts/{reference}/reply",
    operation_id="reply",
    summary="Answer the person",
    response={201: schemas_contacts.MessageOut, 200: schemas_contacts.MessageOut, **STATE_PROBLEMS, **BODY_PROBLEMS},
    openapi_extra=examples(body=samples.REPLY, answer=samples.MESSAGE, status=201),
)
def reply(
    request: HttpRequest, reference: str, payload: schemas_agents.ReplyIn, idempotency_key: ReplyKey = None
) -> HttpResponse:
    """By mail when there is an address, and on the person's page always.

    The same `Idempotency-Key` again with the same token is the same message, answered with 200; with other words or for
    another contact it is refused (422, `key-reused`). Without it, every call is a new message.
    """
    token, agent, now = caller(request), agent_of(request), timezone.now()
    contact = contact_or_404(token, reference)
    delivery = _delivery(token, idempotency_key, payload.text) if idempotency_key else None
    message = conversation.reply(contact=contact, body=payload.text, by=agent.user, delivery=delivery, now=now)
    return respond(answers.message(message), status=201 if message.created_at == now else 200)


def _delivery(token: ApiToken, key: str, text: str) -> further.Delivery:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return further.Delivery(f"api:{token.pk}", f"reply:{short(key)}", digest)


@router.post(
    "/contacts/{reference}/identity/code",
    operation_id="send_identity_code",
    summary="Send the person a code, to know who they are",
    response={200: schemas_agents.CodeSentOut, **STATE_PROBLEMS},
    openapi_extra=examples(answer=samples.CODE_SENT),
)
def send_code(request: HttpRequest, reference: str) -> HttpResponse:
    """To the address we have of them; they tell it to the agent. 409 without an address, or after several codes."""
    contact, now = contact_or_404(caller(request), reference), timezone.now()
    sent_to = identity.ask(contact=contact, by=agent_of(request).user, now=now)
    return respond(schemas_agents.CodeSentOut(sent_to=checks.hint(sent_to.typed), expires_at=now + codes.LIFETIME))


@router.post(
    "/contacts/{reference}/identity",
    operation_id="check_identity",
    summary="Check who the person is",
    response={200: schemas_agents.IdentityOut, **STATE_PROBLEMS, **BODY_PROBLEMS},
    openapi_extra=examples(body=samples.IDENTITY, answer=samples.CHECKED),
)
def check_identity(request: HttpRequest, reference: str, payload: schemas_agents.IdentityIn) -> HttpResponse:
    """By the code they told, or another way that the agent names. 409 (`wrong_code`) when it is not the code.

    A contact that ended with a change or a payment closes only while such a check holds (409, `identity`).
    """
    contact, user, now = contact_or_404(caller(request), reference), agent_of(request).user, timezone.now()
    if payload.code:
        identity.told(contact=contact, code=payload.code, by=user, now=now)
    else:
        identity.vouch(contact=contact, way=payload.way, by=user, now=now)
    found = checks.standing(contact, now=now)
    assert found is not None  # noqa: S101 - written just now
    return respond(
        schemas_agents.IdentityOut.model_validate({"way": found.way, "at": found.at, "holds_until": found.holds_until})
    )


@router.post(
    "/contacts/{reference}/finish",
    operation_id="finish",
    summary="End the conversation and wrap up",
    response={200: schemas_contacts.ContactOut, **STATE_PROBLEMS},
    openapi_extra=examples(answer=samples.KEPT),
)
def finish(request: HttpRequest, reference: str) -> HttpResponse:
    """From active to wrapping up."""
    contact = contact_or_404(caller(request), reference)
    conversation.finish(contact=contact, by=agent_of(request).user, now=timezone.now())
    return _standing(contact)


@router.post(
    "/contacts/{reference}/close",
    operation_id="close",
    summary="Close with how it ended and a summary",
    response={200: schemas_contacts.ContactOut, **STATE_PROBLEMS, **BODY_PROBLEMS},
    openapi_extra=examples(body=samples.CLOSE, answer=samples.KEPT),
)
def close(request: HttpRequest, reference: str, payload: schemas_agents.CloseIn) -> HttpResponse:
    """The person gets the summary too."""
    contact = contact_or_404(caller(request), reference)
    conversation.close(
        contact=contact,
        disposition=payload.disposition,
        summary=payload.summary,
        by=agent_of(request).user,
        now=timezone.now(),
    )
    return _standing(contact)


def _offer_or_404(agent: Agent, offer_id: int) -> Offer:
    row = Offer.objects.select_related("contact", "agent").filter(pk=offer_id, agent=agent).first()
    if row is None:
        raise Http404
    return row


def _standing(contact: Contact) -> HttpResponse:
    return respond(answers.contact(contact, language=get_language() or "en", now=timezone.now()))
