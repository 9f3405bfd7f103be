"""Putting the desk together: the whole page, or only the parts that an action or an event has changed."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from pharos.desktop import chat, own, same, side, suggested, talk
from pharos.desktop.forms import CloseForm
from pharos.desktop.reach import Reach
from pharos.http.reader import Reader
from pharos.live.log import cursor
from pharos.models import Agent
from pharos.queries import desk


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a page shows besides the state of things: an open form, words that were not taken, a notice."""

    panel: talk.Opened | None = None
    closing: CloseForm | None = None
    typed: str | None = None
    notice: str = ""
    status: int = 200


NOTHING = Shown()


def by_script(request: HttpRequest) -> bool:
    """Whether a script asks for the changed parts; a browser without one gets pages."""
    return bool(getattr(request, "htmx", False))


def home(request: HttpRequest, agent: Agent, reader: Reader) -> HttpResponse:
    """The desk with no contact open."""
    context = {
        **own.column(agent, reader),
        "live_url": _live_url([f"agent:{agent.pk}"], reader),
        "is_home": True,
    }
    return render(request, "desktop/home.html", context)


def page(request: HttpRequest, reached: Reach, reader: Reader, shown: Shown = NOTHING) -> HttpResponse:
    """The whole desk with one contact open."""
    contact = reached.contact
    topics = [f"agent:{reached.agent.pk}", f"contact:{contact.pk}", *chat.topics(contact)]
    if contact.incident_id:
        topics.append(f"incident:{contact.incident_id}")
    context = {
        "live_url": _live_url(topics, reader),  # first: what changes while the rest is read is told again
        **parts(reached, reader, shown),
        **side.guide(contact.incident, contact, reader),
        "drills": suggested.drills(suggested.COMPANIONS, reader.language),
    }
    return render(request, "desktop/contact.html", context, status=shown.status)


def parts(reached: Reach, reader: Reader, shown: Shown = NOTHING) -> dict[str, Any]:
    """Everything on the page that an action may change."""
    drafts = desk.drafts(reached.contact, reached.agent)
    return {
        **own.column(reached.agent, reader, open_reference=reached.contact.reference),
        **talk.head(reached, reader),
        **talk.log(reached, reader),
        **chat.shown(reached, reader),
        **talk.composer(reached, reader, drafts, typed=shown.typed),
        **side.column(reached, reader),
        **same.column(reached, reader),
        "panel": shown.panel,
        "closing": shown.closing or talk.closing(reached, reader, drafts),
        "notice": shown.notice,
    }


def gone(request: HttpRequest, reached: Reach, reader: Reader, *, status: int = 200) -> HttpResponse:
    """The contact has moved on: nothing of it is shown but what this agent had typed."""
    context = {
        **own.column(reached.agent, reader),
        "live_url": _live_url([f"agent:{reached.agent.pk}"], reader),
        "reference": reached.contact.reference,
        "kept": list(desk.drafts(reached.contact, reached.agent).values()),
    }
    template = "desktop/gone_parts.html" if by_script(request) else "desktop/gone.html"
    return render(request, template, context, status=status)


def answer(
    request: HttpRequest,
    reached: Reach,
    reader: Reader,
    shown: Shown = NOTHING,
    *,
    said: str = "",
    with_write: bool = True,
    with_panel: bool = True,
) -> HttpResponse:
    """After an action: the changed parts to a script, a page to a browser without one. `said`: what was done.

    Without `with_write` the words being written stay as they are in the reader's hands, without `with_panel` the form
    that stands open above the conversation does.
    """
    if not by_script(request):
        if shown is not NOTHING:
            return page(request, reached, reader, shown)
        if said:
            messages.success(request, said)
        return redirect("desk_contact", reference=reached.contact.reference)
    context = {**parts(reached, reader, shown), "said": said, "with_own": True}
    context |= {"with_write": with_write, "with_panel": with_panel}
    return render(request, "desktop/answer.html", context, status=shown.status)


def leave(request: HttpRequest, said: str) -> HttpResponse:
    """The contact has left the desk: back to the list."""
    messages.success(request, said)
    if by_script(request):
        return HttpResponseClientRedirect(reverse("desk"))
    return redirect("desk")


def _live_url(topics: list[str], reader: Reader) -> str:
    return f"{reverse('live-staff')}?topics={','.join(topics)}&after={cursor(now=reader.now)}"
