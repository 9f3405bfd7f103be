"""What bridges to other networks bring us."""

import hashlib
import json
from typing import Annotated, Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from pharos.actions import arrivals, entries, posts
from pharos.actions.errors import KeyReused
from pharos.channels.social import bridge, plain
from pharos.http.problems import problem
from pharos.models import Channel, EntryPoint
from pharos.queries.posts import contact_of, message_of

MOST_BYTES: Final = 256 * 1024
TEXT_MAX: Final = 50_000

Line = Annotated[str, AfterValidator(lambda text: " ".join(plain.clean(text).split()))]
Text = Annotated[str, AfterValidator(plain.clean)]


class Writer(BaseModel):
    """Who wrote."""

    handle: Line = Field(min_length=1, max_length=250)
    name: Line = Field(default="", max_length=200)


class Mention(BaseModel):
    """One mention or private message, as docs/social.md has it."""

    model_config = ConfigDict(populate_by_name=True)

    id: Line = Field(min_length=1, max_length=bridge.ID_MAX)
    network: str = Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")
    writer: Writer = Field(alias="from")
    text: Text = Field(default="", max_length=TEXT_MAX)
    public: bool
    in_reply_to: Line = Field(default="", max_length=bridge.ID_MAX)
    language: str = Field(default="", max_length=8)
    automatic: bool = False
    edited_at: Line = Field(default="", max_length=40)
    deleted: bool = False

    @property
    def sender(self) -> str:
        """The handle with its network."""
        return f"{self.network}:@{self.writer.handle.lstrip('@')}"


@csrf_exempt
@never_cache
@require_POST
def bridge_in(request: HttpRequest, token: str) -> HttpResponse:
    """Take one signed mention; the same again changes nothing."""
    now = timezone.now()
    rows = EntryPoint.objects.select_related("organisation", "incident")
    entry = rows.filter(token=token, adapter=bridge.ADAPTER, is_on=True).first()
    if entry is None:
        return problem(request, "not-found")
    payload = request.read(MOST_BYTES + 1)
    if len(payload) > MOST_BYTES:
        return problem(request, "too-large")
    if not bridge.is_signed(entry.secret, request.headers, payload, now=now):
        return problem(request, "unauthorized", detail=_("The signature does not fit."))
    try:
        given = Mention.model_validate_json(payload)
    except ValidationError as error:
        return problem(request, "invalid", errors=[_fault(one) for one in error.errors(include_input=False)])
    if given.deleted:
        return _deleted(entry, given)
    return _take(request, entry, given)


def _take(request: HttpRequest, entry: EntryPoint, given: Mention) -> HttpResponse:
    now = timezone.now()
    known = contact_of(entry, sender=given.sender, answers=given.in_reply_to)
    arrival = arrivals.Arrival(
        organisation=entry.organisation,
        entry=entry,
        channel=Channel.SOCIAL,
        door=entries.door(entry),
        key=f"{given.id}/{given.edited_at}" if given.edited_at else given.id,
        digest=hashlib.sha256(json.dumps([given.sender, given.text, given.public]).encode()).hexdigest(),
        sender=given.sender,
        name=given.writer.name,
        text=f"✎ {given.text}" if given.edited_at else given.text,
        language=plain.language_of(given.language),
        thread=(given.in_reply_to,) if given.in_reply_to else (),
        contact_id=known.pk if known else None,
        is_automatic=given.automatic,
        is_public=given.public,
        carrier_id=given.id,
    )
    try:
        took = arrivals.take(arrival, now=now)
    except KeyReused as reused:
        return problem(request, "key-reused", detail=str(reused.message))
    if given.public and not given.automatic:
        posts.answer(contact=took.contact, entry=entry, mention=given.id, to=given.sender, now=now)
    return JsonResponse({"taken": took.how}, status=200 if took.how == "again" else 202)


def _deleted(entry: EntryPoint, given: Mention) -> HttpResponse:
    message = message_of(entry, given.id, sender=given.sender)
    if message:
        posts.deleted(message=message, now=timezone.now())
    return JsonResponse({"taken": "deleted" if message else "unknown"})


def _fault(error: Any) -> dict[str, str]:
    return {"pointer": "/" + "/".join(str(part) for part in error["loc"]), "detail": str(error["msg"])}
