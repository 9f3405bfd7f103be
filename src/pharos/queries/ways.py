"""Which road fits which need of the people in an incident, with the wait that was measured on it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import F, Q

from pharos import content
from pharos.content import Picked
from pharos.engine.classes import Kind, kind_of
from pharos.engine.estimates import Wait
from pharos.models import Channel, EntryPoint, Incident, Queue, WaitEstimate
from pharos.queries.waits import told

CARRIERS: Final = {  # the roads that exist
    "form": Channel.WEB,
    "phone": Channel.VOICE,
    "email": Channel.EMAIL,
    "sms": Channel.SMS,
    "chat": Channel.CHAT,
}
# A need of the channel guide: its band, and the request type whose queue answers it.
NEEDS: Final[Mapping[str, tuple[int, str]]] = {
    "extra_help": (2, "assistance"),
    "travel_soon": (1, ""),
    "refund_change": (3, "refund"),
}
ORDINARY: Final = (3, "")
DANGER: Final = "danger"  # has its own place, before everything
SELDOM: Final = frozenset({"technical", "cover_rules", "media", "feedback"})


class Road(NamedTuple):
    """One way to reach us. `wait` None: we can't say yet; while it is closed the wait counts from its opening.

    `address`: what is called or written to; of the chat the path of its page.
    """

    channel: str
    address: str
    wait: Wait | None
    is_closed: bool


class Way(NamedTuple):
    """A need, what happens with it, and the roads that fit it, the best first."""

    code: str
    name: Picked
    response: Picked
    roads: tuple[Road, ...]
    is_seldom: bool


def ways(
    incident: Incident,
    estimates: Sequence[WaitEstimate],
    opens: Mapping[Kind, datetime | None],
    *,
    language: str,
) -> tuple[Way, ...]:
    """The needs of the channel guide and the roads of this organisation that fit each. `opens`: what is closed now."""
    queues = list(incident.organisation.queues.order_by("id"))
    by_class = {(row.queue_id, row.band, row.kind): told(row) for row in estimates}
    addresses = _addresses(incident, language)

    def road(channel: str, band: int, queue: Queue | None) -> Road:
        kind = kind_of(CARRIERS[channel])
        wait = by_class.get((queue.pk, band, kind)) if queue else None
        return Road(channel, addresses[channel], wait if isinstance(wait, Wait) else None, kind in opens)

    found = []
    for code, advice in content.channel_guide().items():
        if code == DANGER:
            continue
        band, request_type = NEEDS.get(code, ORDINARY)
        queue = _routed(queues, request_type)
        channels = [channel for channel in advice.preferred if addresses.get(channel)] or ["form"]
        found.append(
            Way(
                code,
                content.pick(advice.name, language),
                content.pick(advice.response, language),
                tuple(road(channel, band, queue) for channel in channels),
                code in SELDOM,
            )
        )
    return tuple(found)


def _addresses(incident: Incident, language: str) -> dict[str, str]:
    """Where each road leads: what was set up for this incident goes before what serves all."""
    organisation = incident.organisation
    rows = EntryPoint.objects.filter(organisation=organisation, is_on=True, channel__in=CARRIERS.values())
    here = rows.filter(Q(incident=None) | Q(incident=incident)).order_by(F("incident").desc(nulls_last=True), "id")
    entries: dict[str, EntryPoint] = {}
    for row in here:
        entries.setdefault(row.channel, row)
    mail, text, chat = (entries.get(one) for one in (Channel.EMAIL, Channel.SMS, Channel.CHAT))
    return {
        "form": "form",
        "phone": organisation.phone,
        "email": mail.address if mail and (mail.incident_id or not organisation.mail_from) else organisation.mail_from,
        "sms": text.address if text else "",
        "chat": f"/{language}/chat/{chat.token}/" if chat else "",
    }


def _routed(queues: Sequence[Queue], request_type: str) -> Queue | None:
    routed = [queue for queue in queues if request_type and request_type in queue.request_types]
    return next(iter(routed or [queue for queue in queues if queue.is_default]), None)
