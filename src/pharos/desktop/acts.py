"""What an agent does with a contact. Words that were being typed are kept with every step, whatever becomes of it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pharos import content
from pharos.actions import behalf, contacts, conversation, delivery, drafts, hands, identity, lanes, needs, routing
from pharos.actions.errors import Refused
from pharos.desktop import frame, talk
from pharos.desktop.forms import CloseForm, SayForm
from pharos.desktop.frame import Shown
from pharos.desktop.reach import Reach, Standing, reach_to_work
from pharos.http.fields import clean_text
from pharos.http.guards import agent_required
from pharos.http.reader import Reader, reader_of
from pharos.models import Contact, Draft, Message
from pharos.queries import desk

State = Contact.State
CONFLICT: Final = 409
LOOK_AGAIN: Final = 422


def working(act: Callable[[HttpRequest, Reach, Reader], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """A change of a contact by the agent who has it. What was typed is kept first; one that moved on says so calmly."""

    def view(request: HttpRequest, reference: str) -> HttpResponse:
        reached, reader = reach_to_work(request, reference), reader_of(request)
        keep_typed(request, reached, reader)
        if reached.standing == Standing.GONE:
            return frame.gone(request, reached, reader, status=CONFLICT)
        return act(request, reached, reader)

    return require_POST(agent_required(view))  # type: ignore[return-value]


def keep_typed(request: HttpRequest, reached: Reach, reader: Reader) -> None:
    """Save the reply or the summary that came along with another button."""
    after = request.POST.get("after", "")
    said = int(after) if after.isdecimal() and len(after) < 19 else 0
    for name, sort in (("body", Draft.Sort.REPLY), ("summary", Draft.Sort.SUMMARY)):
        if name in request.POST:
            _keep(reached, sort, request.POST[name], after=said, reader=reader)


def _keep(reached: Reach, sort: Draft.Sort, words: str, *, after: int, reader: Reader) -> None:
    body = clean_text(words)[: drafts.MOST_CHARACTERS]
    drafts.keep(contact=reached.contact, agent=reached.agent, sort=sort, body=body, after=after, now=reader.now)


@working
def keep(request: HttpRequest, reached: Reach, reader: Reader) -> HttpResponse:
    """Nothing but the draft, which is kept already."""
    if "quiet" in request.POST:
        return HttpResponse(status=204)
    return frame.answer(request, reached, reader, said=_("Kept. It is here when you come back."))


@working
def say(request: HttpRequest, reached: Reach, reader: Reader) -> HttpResponse:
    """Send a reply, write a note, or only keep the words."""
    wish = request.POST.get("as", "reply")
    if wish == "keep":
        return frame.answer(request, reached, reader, said=_("Kept. It is here when you come back."))
    form = SayForm(request.POST)
    typed = request.POST.get("body", "")
    if not form.is_valid():
        notice = " ".join(str(error) for errors in form.errors.values() for error in errors)
        shown = Shown(typed=typed, notice=notice, status=LOOK_AGAIN)
        return frame.answer(request, reached, reader, shown, with_panel=False)
    said = {**form.cleaned_data, "contact": reached.contact, "by": reached.agent.user, "now": reader.now}
    try:
        if wish == "note":
            conversation.note(**said)
        else:
            conversation.reply(**said, to=_answered(request, reached.contact))
    except Refused as reason:
        return refused(request, reached.contact.reference, reason)
    done = _("Note kept.") if wish == "note" else _("Sent.")
    return again(request, reached, done, with_write=True, with_panel=False)


def _answered(request: HttpRequest, contact: Contact) -> Contact | None:
    """Of the requests that share this place, the one whose words are answered; None for its own."""
    wanted = request.POST.get("to", contact.reference)
    if wanted == contact.reference:
        return None
    found = Contact.objects.filter(organisation_id=contact.organisation_id, reference=wanted)
    other = found.select_related("organisation", "person", "incident", "lane__queue").first()
    if other is None:
        raise Http404
    return other


@working
def open_panel(request: HttpRequest, reached: Reach, reader: Reader) -> HttpResponse:
    """Open one of the forms above the conversation, or close it."""
    name = request.POST.get("open", "")
    if frame.by_script(request):
        shown = Shown(panel=talk.opened(name, reached, reader))
        return frame.answer(request, reached, reader, shown, with_write=False)
    address = reverse("desk_contact", kwargs={"reference": reached.contact.reference})
    return redirect(f"{address}?open={name}" if name in talk.PANELS else address)


def do(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """Send one of the forms above the conversation."""

    def act(request: HttpRequest, reached: Reach, reader: Reader) -> HttpResponse:
        panel = talk.opened(name, reached, reader, request.POST)
        if panel is None:
            return frame.answer(request, reached, reader, Shown(notice=_("Not possible now."), status=CONFLICT))
        given = panel.form.given()
        if given is None:
            return frame.answer(request, reached, reader, Shown(panel=panel, status=LOOK_AGAIN), with_write=False)
        try:
            return DOING[name](request, reached, reader, given)
        except Refused as reason:
            return refused(request, reference, reason, panel)

    return working(act)(request, reference)


Given = Mapping[str, Any]


def _aside(request: HttpRequest, reached: Reach, reader: Reader, given: Given) -> HttpResponse:
    conversation.pend(contact=reached.contact, by=reached.agent.user, now=reader.now, **given)
    return frame.leave(request, _("Set aside until %(time)s.") % {"time": reader.moment(given["until"])})


def _transfer(request: HttpRequest, reached: Reach, reader: Reader, given: Given) -> HttpResponse:
    routing.transfer(contact=reached.contact, by=reached.agent.user, now=reader.now, **given)
    name = content.pick(given["queue"].name, reader.language).text
    return frame.leave(request, _("Passed on to %(queue)s. The place in line is kept.") % {"queue": name})


def _hand(request: HttpRequest, reached: Reach, reader: Reader, given: Given) -> HttpResponse:
    hands.raise_hand(contact=reached.contact, by=reached.agent.user, now=reader.now, **given)
    return again(request, reached, _("The duty lead has been asked to come."))


def _type(request: HttpRequest, reached: Reach, reader: Reader, given: Given) -> HttpResponse:
    return change_type(request, reached, reader, **given)


def _date(request: HttpRequest, reached: Reach, reader: Reader, given: Given) -> HttpResponse:
    contacts.correct_date(contact=reached.contact, by=reached.agent.user, now=reader.now, **given)
    return again(request, reached, _("The date is saved."))


def _need(request: HttpRequest, reached: Reach, reader: Reader, given: Given) -> HttpResponse:
    """The drill goes on, or ends: with a no nothing is kept but that we asked."""
    contact, user = reached.contact, reached.agent.user
    if given.get("answer") == "no":
        needs.asked_in_vain(contact=contact, by=user, now=reader.now)
        return again(request, reached, _("Nothing was noted. Everything goes on as before."))
    if "at" in given:
        data = request.POST.copy()
        for name in ("at", "consent"):
            if name in given:
                data[name] = str(given[name])
        shown = Shown(panel=talk.opened("need", reached, reader, data))
        return frame.answer(request, reached, reader, shown, with_write=False)
    answer, said = given["answer"], {name: given[name] for name in ("code", "words", "may_pass_on")}
    needs.record(contact=contact, consent=answer == "yes", by=user, now=reader.now, **said)
    return again(request, reached, _("Noted, with the person's yes."))


def _observe(request: HttpRequest, reached: Reach, reader: Reader, given: Given) -> HttpResponse:
    needs.observe(contact=reached.contact, by=reached.agent.user, now=reader.now, **given)
    return again(request, reached, _("Kept for a while. Ask the person when there is a good moment."))


def _needs(request: HttpRequest, reached: Reach, reader: Reader, given: Given) -> HttpResponse:
    """A button beside one of the needs."""
    contact, user, need = reached.contact, reached.agent.user, given["need"]
    if given["act"] == "withdraw":
        needs.withdraw(contact=contact, need=need, by=user, now=reader.now)
        return again(request, reached, _("Taken back. It is gone everywhere."))
    if given["act"] == "yes":
        needs.confirm(contact=contact, need=need, consent=True, by=user, now=reader.now)
    else:
        needs.still_right(contact=contact, need=need, by=user, now=reader.now)
    return again(request, reached, _("Noted, with the person's yes."))


def _who(request: HttpRequest, reached: Reach, reader: Reader, given: Given) -> HttpResponse:
    """Send a code, take the one that was told, or note how else it is known."""
    contact, user, now = reached.contact, reached.agent.user, reader.now
    if "send" in given:
        identity.ask(contact=contact, by=user, now=now)
        shown = Shown(panel=talk.opened("who", reached, reader), notice=_("The code is on its way."))
        return frame.answer(request, reached, reader, shown, with_write=False)
    if "way" in given:
        identity.vouch(contact=contact, way=given["way"], by=user, now=now)
    else:
        identity.told(contact=contact, code=given["code"], by=user, now=now)
    return again(request, reached, _("It is them. That is noted."))


def _behalf(request: HttpRequest, reached: Reach, reader: Reader, given: Given) -> HttpResponse:
    behalf.record(contact=reached.contact, by=reached.agent.user, now=reader.now, **given)
    return again(request, reached, _("Noted: who writes for whom."))


DOING: Final[Mapping[str, Callable[[HttpRequest, Reach, Reader, Given], HttpResponse]]] = {
    "aside": _aside,
    "transfer": _transfer,
    "hand": _hand,
    "type": _type,
    "date": _date,
    "need": _need,
    "observe": _observe,
    "needs": _needs,
    "who": _who,
    "behalf": _behalf,
}


@working
def finish(request: HttpRequest, reached: Reach, reader: Reader) -> HttpResponse:
    """The conversation is over; now it is written up."""
    contact = reached.contact
    try:
        conversation.finish(contact=contact, by=reached.agent.user, now=reader.now)
    except Refused as reason:
        if contact.state != State.WRAP_UP:
            return refused(request, contact.reference, reason)
    return again(request, reached, with_write=True)


@working
def resume(request: HttpRequest, reached: Reach, reader: Reader) -> HttpResponse:
    """Go on with the conversation."""
    contact = reached.contact
    try:
        conversation.resume(contact=contact, by=reached.agent.user, now=reader.now)
    except Refused as reason:
        if contact.state != State.ACTIVE:
            return refused(request, contact.reference, reason)
    return again(request, reached, with_write=True)


@working
def close(request: HttpRequest, reached: Reach, reader: Reader) -> HttpResponse:
    """Close with how it ended and the summary."""
    contact = reached.contact
    form = CloseForm(request.POST, language=reader.language)
    if contact.state != State.CLOSED:
        if not form.is_valid():
            return frame.answer(request, reached, reader, Shown(closing=form, status=LOOK_AGAIN))
        try:
            conversation.close(contact=contact, by=reached.agent.user, now=reader.now, **form.cleaned_data)
        except Refused as reason:
            panel = talk.opened("who", reached, reader) if reason.code == "identity" else None
            return refused(request, contact.reference, reason, panel, closing=form)
    return frame.leave(
        request, _("%(reference)s is closed. The person gets the summary.") % {"reference": contact.reference}
    )


@working
def lower(request: HttpRequest, reached: Reach, reader: Reader) -> HttpResponse:
    """The duty lead need not come any more."""
    hands.lower_hand(contact=reached.contact, by=reached.agent.user, now=reader.now)
    return again(request, reached, with_panel=False)


@working
def revoke(request: HttpRequest, reached: Reach, reader: Reader) -> HttpResponse:
    """The link to the person's page stops working."""
    contacts.revoke_page(contact=reached.contact, by=reached.agent.user, now=reader.now)
    return again(request, reached, _("The link no longer works."), with_panel=False)


@working
def renew(request: HttpRequest, reached: Reach, reader: Reader) -> HttpResponse:
    """A new link to the person's page."""
    contacts.renew_page(contact=reached.contact, by=reached.agent.user, now=reader.now)
    said = _("There is a new link; the old one no longer works.")
    return again(request, reached, said, with_panel=False)


@working
def send_again(request: HttpRequest, reached: Reach, reader: Reader) -> HttpResponse:
    """Try once more what did not arrive."""
    pk = request.POST.get("message", "")
    known = pk.isdecimal() and len(pk) < 19
    message = reached.contact.messages.filter(pk=pk, direction=Message.Direction.OUT).first() if known else None
    if message is None:
        raise Http404
    message.contact = reached.contact
    if not delivery.send_again(mail=message, by=reached.agent.user, now=reader.now):
        return frame.answer(request, reached, reader, with_write=False, with_panel=False)
    return again(request, reached, _("It goes out again."), with_panel=False)


def change_type(
    request: HttpRequest, reached: Reach, reader: Reader, *, request_type: str, reason: str, with_panel: bool = True
) -> HttpResponse:
    """Another kind of request; if another team answers such, passing it on is offered."""
    contact, by = reached.contact, reached.agent.user
    routing.change_request_type(contact=contact, request_type=request_type, reason=reason, by=by, now=reader.now)
    queue = lanes.queue_for(contact.organisation, request_type)
    if queue.pk == contact.lane.queue_id:
        return again(request, reached, _("Changed."), with_panel=with_panel)
    name = content.pick(queue.name, reader.language).text
    notice = _("Changed. Such requests are answered by %(queue)s: pass it on?") % {"queue": name}
    shown = Shown(panel=talk.opened("transfer", reached, reader), notice=notice)
    return frame.answer(request, reached, reader, shown, with_write=False)


def again(
    request: HttpRequest, reached: Reach, said: str = "", *, with_write: bool = False, with_panel: bool = True
) -> HttpResponse:
    """The contact as it is after the change."""
    fresh = reach_to_work(request, reached.contact.reference)
    return frame.answer(request, fresh, reader_of(request), said=said, with_write=with_write, with_panel=with_panel)


def refused(
    request: HttpRequest,
    reference: str,
    reason: Refused,
    panel: talk.Opened | None = None,
    *,
    closing: CloseForm | None = None,
) -> HttpResponse:
    """Nothing was changed; say why, with everything that was typed still there."""
    reached, reader = reach_to_work(request, reference), reader_of(request)
    if reached.standing == Standing.GONE:
        return frame.gone(request, reached, reader, status=CONFLICT)
    typed = request.POST.get("body")
    if typed is not None:
        after = desk.last_said(reached.contact, by=reached.agent.user)
        _keep(reached, Draft.Sort.REPLY, typed, after=after, reader=reader)
    shown = Shown(typed=typed, panel=panel, closing=closing, notice=str(reason.message), status=CONFLICT)
    return frame.answer(request, reached, reader, shown, with_panel=panel is not None)
