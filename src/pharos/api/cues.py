"""What the words of a contact suggest, what agents say of it, and how often it was right."""

from datetime import date
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from pharos.actions import verdicts
from pharos.api import samples, schemas, schemas_cues
from pharos.api.auth import AgentToken, AnyToken, LeadToken, SystemToken, agent_of, caller
from pharos.api.contacts import contact_or_404
from pharos.api.respond import BODY_PROBLEMS, PROBLEMS, STATE_PROBLEMS, examples, respond
from pharos.models import Contact, Cue
from pharos.queries import cues

router = Router(tags=["cues"])
Since = Annotated[date | None, Query(None, description="The first day, in UTC; empty: from the beginning.")]
Until = Annotated[date | None, Query(None, description="The last day, in UTC; empty: to the end.")]


@router.get(
    "/contacts/{reference}/cues",
    auth=AnyToken(),
    operation_id="read_cues",
    summary="What the words of a contact suggest",
    response={200: schemas_cues.CuesOut, **PROBLEMS},
    openapi_extra=examples(answer=samples.CUES),
)
def read(request: HttpRequest, reference: str) -> HttpResponse:
    """Found in what the person wrote; it decides nothing. Danger first; empty once the contact is closed."""
    return _told(contact_or_404(caller(request), reference))


@router.post(
    "/contacts/{reference}/cues/verdict",
    auth=AgentToken(),
    operation_id="give_verdict",
    summary="Say whether a suggestion is right",
    response={200: schemas_cues.CuesOut, **STATE_PROBLEMS, **BODY_PROBLEMS},
    openapi_extra=examples(body=samples.VERDICT, answer=samples.CUES),
)
def give(request: HttpRequest, reference: str, payload: schemas_cues.VerdictIn) -> HttpResponse:
    """By the agent who has the contact, once: what was said before stands.

    That danger is so calls the duty lead by name; that it is not so ends the alarm. A need that is right goes from
    the list: it is kept only once the person was asked and said yes. Nothing else follows by itself.
    Cues after `seen` stay open, and of danger the alarm with them.
    """
    contact = contact_or_404(caller(request), reference)
    meaning = {"sort": payload.sort, "code": payload.code or payload.sort}
    if not Cue.objects.filter(contact=contact, **meaning).exists():
        raise Http404
    by, now = agent_of(request).user, timezone.now()
    verdicts.settle(contact=contact, **meaning, is_right=payload.is_right, seen=payload.seen, by=by, now=now)
    return _told(contact)


@router.post(
    "/contacts/{reference}/cues/verdict/put-right",
    auth=LeadToken(),
    operation_id="put_verdict_right",
    summary="Set right what was answered about danger to life",
    response={200: schemas_cues.CuesOut, **STATE_PROBLEMS, **BODY_PROBLEMS},
    openapi_extra=examples(body=samples.PUT_RIGHT, answer=samples.CUES),
)
def put_right(request: HttpRequest, reference: str, payload: schemas_cues.PutRightIn) -> HttpResponse:
    """By a lead, while the contact is open, whoever has it: the agent's desk shows it at once, with name and reason.

    It counts for all cues that were answered together with this one. That it is danger brings the contact to the head
    of band 1; that it is not takes back what followed from it. Saying again what holds already changes nothing.
    """
    contact = contact_or_404(caller(request), reference, in_house=True)
    if contact.state != Contact.State.CLOSED and not contact.cues.filter(pk=payload.id, sort=Cue.Sort.DANGER).exists():
        raise Http404
    said = payload.model_dump(include={"is_right", "reason"})
    verdicts.put_right(contact=contact, cue=payload.id, **said, by=agent_of(request).user, now=timezone.now())
    return _told(contact)


@router.get(
    "/cues/verdicts",
    auth=SystemToken(),
    operation_id="read_verdicts",
    summary="How often suggestions were right",
    response={200: schemas_cues.VerdictsOut, 422: schemas.ProblemOut, **PROBLEMS},
    openapi_extra=examples(answer=samples.VERDICTS),
)
def read_verdicts(request: HttpRequest, since: Since = None, until: Until = None) -> HttpResponse:
    """Counted by meaning, language and what found it. Of whom, by whom and in which words is not kept."""
    counts = cues.verdict_counts(caller(request).organisation, since=since, until=until)
    return respond(schemas_cues.VerdictsOut(items=[schemas_cues.VerdictCountOut(**one._asdict()) for one in counts]))


def _told(contact: Contact) -> HttpResponse:
    return respond(schemas_cues.CuesOut(items=[_told_one(row) for row in cues.in_order(contact)]))


def _told_one(row: Cue) -> schemas_cues.CueOut:
    return schemas_cues.CueOut(
        id=row.pk,
        message=row.message_id,
        sort=row.sort,
        code=row.code,
        score=round(row.score, 3),
        places=row.places,
        kinds=row.kinds,
        language=row.language,
        source=row.source,
        state=row.state,
        found_at=row.found_at,
    )
