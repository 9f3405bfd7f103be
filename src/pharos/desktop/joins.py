"""Joining requests of one person with one key, and taking them apart again."""

from collections.abc import Mapping
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pharos.actions import merging
from pharos.actions.errors import Refused
from pharos.desktop import frame
from pharos.desktop.acts import again, refused, working
from pharos.desktop.reach import Reach
from pharos.http.reader import Reader
from pharos.models import Contact
from pharos.queries import family
from pharos.queries.suggested import matches


@working
def do(request: HttpRequest, reached: Reach, reader: Reader) -> HttpResponse:
    """Join, say that it is somebody else, take a join back, or confirm that both are one person."""
    act, _colon, reference = request.POST.get("same", "").partition(":")
    contact, user, now = reached.contact, reached.agent.user, reader.now
    other = Contact.objects.filter(organisation_id=contact.organisation_id, reference=reference).first()
    if other is None or act not in DONE:
        raise Http404
    try:
        if act == "join":
            return _join(request, reached, reader, other)
        if act == "apart":
            merging.not_same(contact=contact, other=other, by=user, now=now)
        else:
            merge = next((one for one in family.all_merges(contact) if one.join_id == other.pk), None)
            if merge is None:
                raise Refused("not_merged", _("This was taken back already."))
            change = merging.undo if act == "undo" else merging.confirm
            change(merge=merge, by=user, now=now)
    except Refused as reason:
        return refused(request, contact.reference, reason)
    return again(request, reached, str(DONE[act]), with_write=True, with_panel=False)


def _join(request: HttpRequest, reached: Reach, reader: Reader, other: Contact) -> HttpResponse:
    contact = reached.contact
    match = next((one for one in matches(contact, now=reader.now) if one.contact.pk == other.pk), None)
    reasons = [one._asdict() | {"params": dict(one.params)} for one in match.likeness.reasons] if match else []
    done = merging.join_to(mine=contact, other=other, by=reached.agent.user, reasons=reasons, now=reader.now)
    if done.keep_id != contact.pk:
        told = {"name": done.keep.agent, "reference": done.keep.reference}
        return frame.leave(request, _("Joined to %(reference)s, which %(name)s has. It is with them now.") % told)
    return again(request, reached, str(DONE["join"]), with_write=True, with_panel=False)


DONE: Final[Mapping[str, LazyText]] = {
    "join": gettext_lazy("Joined: one place in line, and every message stays. U takes it back."),
    "apart": gettext_lazy("Noted: not the same person. It is not asked again."),
    "undo": gettext_lazy("Taken back: both stand by themselves again."),
    "confirm": gettext_lazy("Confirmed: each page shows the whole conversation now."),
}
