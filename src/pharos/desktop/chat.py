"""What the desk knows of a chat: whether the person is there, has read the answer, is writing just now."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from pharos.desktop.reach import Reach, Standing, reach, reach_to_work
from pharos.http.guards import agent_required
from pharos.http.reader import Reader, reader_of
from pharos.live import hub
from pharos.models import Channel, Contact
from pharos.queries import chat


def shown(reached: Reach, reader: Reader) -> dict[str, Any]:
    """How the chat stands; `chat` is None for a contact that is none."""
    contact = reached.contact
    found = chat.presence(contact, now=reader.now) if contact.channel == Channel.CHAT else None
    if found is None:
        return {"chat": None}
    return {"chat": found, "chat_stands": _stands(found, reader), "contact": contact}


def _stands(found: chat.Presence, reader: Reader) -> str:
    if found.is_open:
        return gettext("In the chat now")
    if found.is_handed_over:
        return gettext("Has left the chat, last seen %(time)s") % {"time": reader.moment(found.since)}
    return gettext("Not in the chat since %(time)s") % {"time": reader.moment(found.since)}


def topics(contact: Contact) -> list[str]:
    """What the open desk follows beside the contact itself."""
    return [f"chat:{contact.pk}", f"types:{contact.pk}"] if contact.channel == Channel.CHAT else []


@never_cache
@require_GET
@agent_required
def part(request: HttpRequest, reference: str) -> HttpResponse:
    """How the chat stands now."""
    reached = reach(request, reference)
    if reached.standing not in {Standing.MINE, Standing.LOOKING}:
        raise Http404
    return render(request, "desktop/chat.html", shown(reached, reader_of(request)))


@require_POST
@agent_required
def typing(request: HttpRequest, reference: str) -> HttpResponse:
    """The agent writes: the person's chat says so for a moment. Not a word of it is told."""
    reached = reach_to_work(request, reference)
    contact = reached.contact
    if reached.is_mine and contact.channel == Channel.CHAT:
        hub.whisper(organisation_id=contact.organisation_id, topic=f"answers:{contact.pk}")
    return HttpResponse(status=204)
