"""What an agent says of what the words suggest, with one key; what follows is an ordinary act of theirs."""

import re
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from pharos import content
from pharos.actions import verdicts
from pharos.actions.errors import Refused
from pharos.desktop import frame, talk
from pharos.desktop.acts import again, change_type, refused, working
from pharos.desktop.frame import Shown
from pharos.desktop.reach import Reach
from pharos.http.cues import seen_in
from pharos.http.reader import Reader
from pharos.models import Cue
from pharos.queries import cues

CODE: Final = re.compile(r"[a-z0-9_-]{1,32}")
ANSWERS: Final = {"yes": True, "no": False}


@working
def say(request: HttpRequest, reached: Reach, reader: Reader) -> HttpResponse:
    """Right, or not. A kind of request is set, a need is asked about first, danger calls the duty lead."""
    answer, _colon, about = request.POST.get("say", "").partition(":")
    sort, _colon, about = about.partition(":")
    code, _colon, last = about.partition(":")
    if answer not in ANSWERS or sort not in Cue.Sort.values or not CODE.fullmatch(code):
        raise Http404
    is_right, seen = ANSWERS[answer], seen_in(last)
    contact, user = reached.contact, reached.agent.user
    try:
        is_new = verdicts.settle(
            contact=contact, sort=sort, code=code, is_right=is_right, seen=seen, by=user, now=reader.now
        )
    except Refused as reason:
        return refused(request, contact.reference, reason)
    if sort == Cue.Sort.DANGER and not is_right and cues.danger_is_open(contact):
        return again(request, reached, _("New words came meanwhile. Please read them."), with_panel=False)
    if not is_new:
        return again(request, reached, _("This was answered before."), with_panel=False)
    if is_right and sort == Cue.Sort.NEED:
        shown = Shown(panel=talk.opened("need", reached, reader, {"at": "0", "code": code}))
        return frame.answer(request, reached, reader, shown, said=_("Noted."), with_write=False)
    if is_right and sort == Cue.Sort.REQUEST and code in content.request_types():
        why = _("Confirmed from what was written.")
        return change_type(request, reached, reader, request_type=code, reason=why, with_panel=False)
    return again(request, reached, _done(sort, is_right=is_right), with_panel=False)


def _done(sort: str, *, is_right: bool) -> str:
    if sort == Cue.Sort.DANGER:
        return _("The duty lead has been asked to come.") if is_right else _("Noted: no danger. The alarm is over.")
    return _("Noted.") if is_right else _("Noted: not so.")
