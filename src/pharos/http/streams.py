"""Live pages: an event stream that names what changed; the page then pulls its own part by an ordinary request.

What is the same for thousands of pages, the news of an incident, is not pulled: it comes with the event.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncGenerator, Callable, Hashable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from pharos.http import metrics, news
from pharos.http.guards import RANK, agent_required, organisation_of, user_of
from pharos.live import hub
from pharos.models import Agent, Contact, Incident, Role, User

HEARTBEAT_S = 15.0
LIFE_S = 1800.0  # then the page comes back, and its rights are looked at again
TOPICS_MAX = 20
BOARD_S = 0.5
PLACE_S = 20.0  # everybody's place in line moves all the time; thousands of pages need not ask each time
MADE_WITHIN = timedelta(seconds=5)  # a page that opens its stream was made this long ago at most
logger = logging.getLogger(__name__)
_opened = count()


@dataclass(frozen=True)
class Wish:
    """A topic to follow, the event's name on the page, and the least time between two such events.

    `draw` makes the part of that name, which then comes with the event; pages that are the `same` share it.
    """

    topic: str
    name: str
    spacing_s: float = 0.0
    draw: Callable[[], str] | None = None
    same: Hashable = None


RESYNC = Wish(hub.EVERYTHING, "resync")


@require_GET
@agent_required
def staff(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """`?topics=board,agent:5`: an event for each change of what this member of staff may see.

    A topic may have been theirs when the page was made and no longer be: the page is then told to load all of it again.
    """
    topics = list(dict.fromkeys(filter(None, request.GET.get("topics", "").split(","))))
    if not 0 < len(topics) <= TOPICS_MAX:
        return HttpResponseBadRequest()
    user = user_of(request)
    allowed = [topic for topic in topics if _may_follow(user, topic)]
    if not allowed:
        raise PermissionDenied
    wishes = [Wish(topic, topic.replace(":", "-"), BOARD_S if topic == "board" else 0.0) for topic in allowed]
    return _stream(request, user.organisation_id, wishes, behind=allowed != topics)


@require_GET
def person(request: HttpRequest, token: str) -> StreamingHttpResponse:
    """`contact` when the contact that this page token opens changes; now and then `place` for its place in line.

    The news of its incident come whole, in the page's `?language=`.
    """
    contact = get_object_or_404(Contact, organisation=organisation_of(request), page_token=token)
    language = request.GET.get("language", "")
    if language not in dict(settings.LANGUAGES):
        language = contact.language
    wishes = [
        Wish(f"contact:{contact.pk}", "contact"),
        *([Wish(f"contact:{contact.merged_into_id}", "contact")] if contact.merged_into_id else []),
        Wish("queue", "place", PLACE_S),
        Wish("waits", "place", PLACE_S),
        *_news(contact.incident_id, language),
    ]
    return _stream(request, contact.organisation_id, wishes)


@require_GET
def chat(request: HttpRequest, token: str) -> StreamingHttpResponse:
    """The same for the chat of that contact, and `typing` while a colleague writes; `beat` when nothing else comes.

    The page may stand in a frame that has no origin: its address is all that opens it, no cookie is looked at.
    """
    contact = get_object_or_404(Contact, organisation=organisation_of(request), page_token=token)
    wishes = [
        Wish(f"contact:{contact.pk}", "contact"),
        *([Wish(f"contact:{contact.merged_into_id}", "contact")] if contact.merged_into_id else []),
        Wish(f"answers:{contact.pk}", "typing"),
        Wish("queue", "place", PLACE_S),
        Wish("waits", "place", PLACE_S),
    ]
    response = _stream(request, contact.organisation_id, wishes, beat="beat")
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _news(incident_id: int | None, language: str) -> list[Wish]:
    if incident_id is None:
        return []
    draw = partial(news.drawn, incident_id, language)
    return [Wish(f"incident:{incident_id}", "news", draw=draw, same=(incident_id, language))]


def _may_follow(user: User, topic: str) -> bool:
    leads = RANK[Role(user.role)] >= RANK[Role.LEAD]
    sort, _, key = topic.partition(":")
    if not key:
        return sort in {"queue", "waits"} or (leads and sort in {"board", "alarms"})
    if not key.isdecimal():
        return False
    if sort == "incident":
        return Incident.objects.filter(pk=key, organisation_id=user.organisation_id).exists()
    if sort in {"contact", "chat", "types"}:
        contacts = Contact.objects.filter(pk=key, organisation_id=user.organisation_id)
        return (contacts if leads else contacts.filter(agent__user=user)).exists()
    if sort == "agent":
        agents = Agent.objects.filter(pk=key, organisation_id=user.organisation_id)
        return (agents if leads else agents.filter(user=user)).exists()
    return False


def _stream(
    request: HttpRequest, organisation_id: int, wishes: Iterable[Wish], *, behind: bool = False, beat: str = ""
) -> StreamingHttpResponse:
    after = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    place = int(after) if after.isdecimal() and len(after) < 19 else None
    since = timezone.now() - MADE_WITHIN
    events = follow(
        organisation_id=organisation_id, wishes=list(wishes), after=place, since=since, behind=behind, beat=beat
    )
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(events, content_type="text/event-stream", headers=headers)


async def follow(
    *,
    organisation_id: int,
    wishes: list[Wish],
    after: int | None,
    since: datetime,
    behind: bool = False,
    beat: str = "",
) -> AsyncGenerator[bytes, None]:
    """The stream of one page, until it is left, is old, or the process stops; a page that is `behind` is told first.

    `beat`: the event that says we are here when nothing else does; without a name no script hears of it.
    """
    topics = [wish.topic for wish in wishes]
    pages = hub.current()
    page = await pages.subscribe(organisation_id=organisation_id, topics=topics, after=after, since=since)
    if behind:
        page.hear(hub.EVERYTHING, page.place)
    metrics.LIVE_PAGES.inc()
    number = next(_opened)
    last: dict[str, str] = {}
    begun = quiet_since = time.monotonic()
    told = {wish.name: begun - number * 7 % PLACE_S for wish in wishes}  # those opened together are not told together
    try:
        yield f"retry: {2000 + number * 397 % 3000}\nid: {page.place}\n\n".encode()
        while not page.over and time.monotonic() - begun < LIFE_S + number % 600:
            page.changed.clear()
            lines = "".join([await _event(pages, wish, page.place, last) for wish in _take(page, wishes, told)])
            if not lines and time.monotonic() - quiet_since >= HEARTBEAT_S:
                lines = _named(beat, page.place) if beat else f":\nid: {page.place}\n\n"
            if lines:
                yield lines.encode()
                quiet_since = time.monotonic()
            with suppress(TimeoutError):
                async with asyncio.timeout(_pause(page, wishes, told)):
                    await page.changed.wait()
    finally:
        metrics.LIVE_PAGES.dec()
        pages.unsubscribe(page)


def _take(page: hub.Subscription, wishes: Iterable[Wish], told: dict[str, float]) -> list[Wish]:
    """What is due, once for each name; it is then no longer pending."""
    now_s = time.monotonic()
    if hub.EVERYTHING in page.pending:
        page.pending.clear()
        return [RESYNC]
    due = [one for one in wishes if one.topic in page.pending and now_s - told[one.name] >= one.spacing_s]
    for wish in due:
        del page.pending[wish.topic]
        told[wish.name] = now_s
    return list({wish.name: wish for wish in due}.values())


async def _event(pages: hub.Hub, wish: Wish, place: int, last: dict[str, str]) -> str:
    """As text, blank when its part reads as the `last` time; one that cannot be drawn now is asked for by the page."""
    name, data = wish.name, dict[str, str]()
    if wish.draw is not None:
        try:
            html = await pages.drawn((wish.name, wish.same), wish.draw)
        except Error as error:
            logger.warning("no %s for live pages: %s", wish.name, type(error).__name__)
            name = RESYNC.name
        else:
            if last.get(name) == html:
                return ""
            last[name] = html
            data = {"html": html}
    return _named(name, place, data)


def _named(name: str, place: int, data: Mapping[str, str] | None = None) -> str:
    return f"event: {name}\nid: {place}\ndata: {json.dumps(data or {}, ensure_ascii=False)}\n\n"


def _pause(page: hub.Subscription, wishes: Iterable[Wish], told: dict[str, float]) -> float:
    """Seconds until the next event that waits for its spacing, or the next heartbeat."""
    now_s = time.monotonic()
    waiting = (told[one.name] + one.spacing_s - now_s for one in wishes if one.topic in page.pending)
    return max(0.0, min(HEARTBEAT_S, *waiting, HEARTBEAT_S))


urlpatterns = [
    path("staff/", staff, name="live-staff"),
    path("r/<str:token>/", person, name="live-person"),
    path("chat/<str:token>/", chat, name="live-chat"),
]
