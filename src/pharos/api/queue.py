"""The waiting line, as it will be served."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from ninja import Query, Router

from pharos.api import answers, samples, schemas, schemas_queue
from pharos.api.auth import SystemToken, caller
from pharos.api.respond import PROBLEMS, examples, respond
from pharos.queries import floor, honesty

router = Router(tags=["queue"])
Limit = Annotated[int, Query(schemas.LISTED, ge=1, le=schemas.LISTED_MAX, description="How many at most.")]


@router.get(
    "/queue",
    auth=SystemToken(),
    operation_id="read_queue",
    summary="Who is next: the waiting contacts in serving order",
    response={200: schemas_queue.QueueOut, 422: schemas.ProblemOut, **PROBLEMS},
    openapi_extra=examples(answer=samples.QUEUE),
)
def read(request: HttpRequest, limit: Limit = schemas.LISTED) -> HttpResponse:
    """The order in which contacts would be served if agents became free one by one, from now."""
    places = floor.serving_order(organisation=caller(request).organisation, now=timezone.now(), limit=limit)
    language = get_language() or "en"
    return respond(schemas_queue.QueueOut(items=[answers.queued(place, language=language) for place in places]))


@router.get(
    "/queue/summary",
    auth=SystemToken(),
    operation_id="read_queue_summary",
    summary="How many wait, and since when",
    response={200: schemas_queue.SummaryOut, **PROBLEMS},
    openapi_extra=examples(answer=samples.SUMMARY),
)
def summary(request: HttpRequest) -> HttpResponse:
    """By queue, band and kind of channel."""
    return respond(answers.summary(floor.summary(organisation=caller(request).organisation, now=timezone.now())))


@router.get(
    "/waits/score",
    auth=SystemToken(),
    operation_id="read_waits_score",
    summary="How honest the waits were that people were told",
    response={200: schemas_queue.HonestyOut, **PROBLEMS},
    openapi_extra=examples(answer=samples.HONESTY),
)
def waits_score(request: HttpRequest) -> HttpResponse:
    """Promises and ranges of the last days against what came: all together first, then by band and kind of channel."""
    rows = honesty.honesty(organisation=caller(request).organisation, now=timezone.now())
    return respond(schemas_queue.HonestyOut(days=honesty.SEEN.days, items=[answers.honest(row) for row in rows]))
