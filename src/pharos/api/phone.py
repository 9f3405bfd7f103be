"""What a telephone system asks before it puts a caller into the line."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from pharos import content
from pharos.api import samples, schemas_phone
from pharos.api.auth import SystemToken, caller
from pharos.api.contacts import incident_named
from pharos.api.respond import BODY_PROBLEMS, examples, respond
from pharos.queries import phone
from pharos.queries.pages import phone_window

router = Router(tags=["phone"])
# What a caller may do instead of waiting; a person is always one of them.
INSTEAD: Final = ("news", "refund_or_change", "request_status", "callback", "text_link", "person")


@router.post(
    "/phone/window",
    auth=SystemToken(),
    operation_id="ask_phone_window",
    summary="Whether the phone window applies to a call",
    response={200: schemas_phone.WindowOut, **BODY_PROBLEMS},
    openapi_extra=examples(body=samples.CALL, answer=samples.WINDOW),
)
def window(request: HttpRequest, payload: schemas_phone.CallIn) -> HttpResponse:
    """It never applies to danger, a recorded need, extra help, or key 0. Nothing is kept of the call."""
    token, now = caller(request), timezone.now()
    organisation = token.organisation
    named = incident_named(token, payload.incident, now=now)
    incident = named or phone.incident_with_window(organisation)
    language = payload.language or next(iter(organisation.languages), "en")
    who = phone.Caller(
        language=language,
        phone=payload.phone,
        booking=payload.booking,
        pressed=payload.key,
        danger=payload.danger,
        needed_by=payload.needed_by,
        time_zone=payload.time_zone,
    )
    found = phone.window(organisation, incident, who, now=now)
    plays = found.announce and incident is not None
    return respond(
        schemas_phone.WindowOut(
            connect=found.connect,
            announce=found.announce,
            why=found.why,
            days=phone.days_of(incident),
            say=phone_window(incident, channel="ivr", language=language).text if incident and plays else "",
            offers=_offers(language) if plays else [],
        )
    )


def _offers(language: str) -> list[schemas_phone.KeyOut]:
    menu = {row.code: row for row in content.phone_menu().values()}
    return [
        schemas_phone.KeyOut(key=menu[code].key, code=code, say=content.pick(menu[code].say, language).text)
        for code in INSTEAD
    ]
