"""The pages of the desk and their parts, and the two things an agent does without a contact: status and offers."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from pharos.actions import routing
from pharos.actions.errors import Refused
from pharos.desktop import frame, own, side, talk
from pharos.desktop.reach import Standing, reach
from pharos.engine.references import normal_reference
from pharos.http.as_sent import mail_as_sent
from pharos.http.downloads import download
from pharos.http.guards import agent_of, agent_required
from pharos.http.reader import reader_of
from pharos.models import Agent, Attachment, Contact, Offer
from pharos.queries import family


@never_cache
@require_safe
@agent_required
def desk(request: HttpRequest) -> HttpResponse:
    """The desk without an open contact."""
    return frame.home(request, agent_of(request), reader_of(request))


@never_cache
@require_safe
@agent_required
def contact(request: HttpRequest, reference: str) -> HttpResponse:
    """The desk with one contact; `?open=` names a form to be filled in."""
    reached, reader = reach(request, reference), reader_of(request)
    if reached.standing == Standing.OFFERED:
        return redirect("desk")
    if reached.standing == Standing.GONE:
        return frame.gone(request, reached, reader)
    panel = talk.opened(request.GET.get("open", ""), reached, reader)
    return frame.page(request, reached, reader, frame.Shown(panel=panel))


@never_cache
@require_GET
@agent_required
def own_part(request: HttpRequest) -> HttpResponse:
    """The own column, fetched again when something changed for this agent."""
    context = own.column(agent_of(request), reader_of(request), open_reference=_open(request.GET.get("open", "")))
    return render(request, "desktop/own.html", context)


@never_cache
@require_GET
@agent_required
def contact_part(request: HttpRequest, reference: str) -> HttpResponse:
    """Head, messages and side of a contact, fetched again when it changed; never the words being written."""
    reached, reader = reach(request, reference), reader_of(request)
    if reached.standing == Standing.OFFERED:
        raise Http404
    if reached.standing == Standing.GONE:
        return frame.gone(request, reached, reader)
    return render(request, "desktop/answer.html", frame.parts(reached, reader))


@never_cache
@require_GET
@agent_required
def guide_part(request: HttpRequest, reference: str) -> HttpResponse:
    """What the public page says, fetched again when it changed."""
    reached, reader = reach(request, reference), reader_of(request)
    context = side.guide(reached.contact.incident, reached.contact, reader) | {"can_write": reached.is_mine}
    return render(request, "desktop/guide.html", context)


@never_cache
@require_safe
@agent_required
def file(request: HttpRequest, reference: str, token: str) -> HttpResponseBase:
    """A file of a contact that the agent may see, as a download only."""
    reached = reach(request, reference)
    if reached.standing in {Standing.GONE, Standing.OFFERED}:
        raise Http404
    return download(get_object_or_404(Attachment, token=token, message__contact__in=family.ids(reached.contact)))


@never_cache
@require_safe
@agent_required
def mail(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """A mail of a contact that the agent may see, as it was sent."""
    reached = reach(request, reference)
    if reached.standing in {Standing.GONE, Standing.OFFERED}:
        raise Http404
    return mail_as_sent(request, pk, contacts=family.ids(reached.contact))


@require_POST
@agent_required
def status(request: HttpRequest) -> HttpResponse:
    """Available, on a break or offline, at once."""
    agent, reader = agent_of(request), reader_of(request)
    wanted = request.POST.get("status", "")
    if wanted not in Agent.Status.values:
        return HttpResponse(status=400)
    routing.set_status(agent=agent, status=Agent.Status(wanted), now=reader.now)
    return _own(request, agent)


@require_POST
@agent_required
def take(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Take the offered contact and open it; a lost race says so and changes nothing."""
    agent, reader = agent_of(request), reader_of(request)
    offer = get_object_or_404(Offer, pk=offer_id, agent=agent)
    try:
        taken = routing.accept(offer=offer, agent=agent, now=reader.now)
    except Refused as refused:
        taken = Contact.objects.get(pk=offer.contact_id)
        if taken.agent_id != agent.pk or taken.state == Contact.State.OFFERED:
            messages.warning(request, str(refused.message))
            return redirect(_back(request))
    return redirect("desk_contact", reference=taken.reference)


@require_POST
@agent_required
def decline(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Not now: the contact keeps its place and the agent is on a break."""
    agent, reader = agent_of(request), reader_of(request)
    offer = get_object_or_404(Offer, pk=offer_id, agent=agent)
    try:
        routing.decline(offer=offer, agent=agent, now=reader.now)
    except Refused as refused:
        if offer.state != Offer.State.DECLINED:
            messages.warning(request, str(refused.message))
    return _own(request, agent)


def _own(request: HttpRequest, agent: Agent) -> HttpResponse:
    """The own column after a change of status."""
    if frame.by_script(request):
        context = own.column(agent, reader_of(request), open_reference=_open(request.POST.get("open", "")))
        return render(request, "desktop/own.html", context)
    return redirect(_back(request))


def _open(typed: str) -> str:
    """The reference of the contact that stands open; blank for none."""
    return normal_reference(typed) or ""


def _back(request: HttpRequest) -> str:
    """Where the button was pressed, so that a half-written answer is still there."""
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return back if is_ours and back.startswith("/desk/") else "/desk/"
