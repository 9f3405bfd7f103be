"""What became of a message that a carrier handed over: for those who only know their own number of it."""

from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router

from pharos.api import samples, schemas_contacts
from pharos.api.auth import SystemToken, caller
from pharos.api.respond import BODY_PROBLEMS, examples, respond
from pharos.models import Submission

router = Router(tags=["contacts"])
Door = Annotated[
    str, Query(max_length=80, description="The entry point: mail, or sms, social or chat with its number.")
]
Key = Annotated[str, Query(max_length=200, description="The carrier's own id of the message; of mail, its Message-ID.")]


@router.get(
    "/deliveries",
    auth=SystemToken(),
    operation_id="find_delivery",
    summary="The contact that a delivered message became",
    response={200: schemas_contacts.DeliveryOut, **BODY_PROBLEMS},
    openapi_extra=examples(answer=samples.DELIVERED),
)
def find(request: HttpRequest, door: Door, key: Key) -> HttpResponse:
    """The message came in and is kept as this contact, or as words of it; 404 as long as it has not."""
    rows = Submission.objects.filter(organisation_id=caller(request).organisation_id, door=door, key=key)
    reference = rows.values_list("contact__reference", flat=True).first()
    if reference is None:
        raise Http404
    return respond(schemas_contacts.DeliveryOut(reference=reference))
