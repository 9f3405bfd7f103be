"""What words suggest, in words for staff; no page of the public draws any of it."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from django.http import Http404
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.content.calendars import local_digits
from pharos.models import Cue
from pharos.queries.cues import Quotation, Suggestion

NAMES: Final[dict[str, LazyText]] = {
    Cue.Sort.DANGER: _("May be danger to life"),
    Cue.Sort.DISTRESS: _("Distress"),
    Cue.Sort.FRUSTRATION: _("Frustration"),
    Cue.Sort.HOSTILITY: _("Hostile words"),
    Cue.Sort.CONFUSION: _("Something is unclear to them"),
    Cue.Sort.URGENCY: _("It is pressing"),
}
LONGEST: Final = 19  # digits of a number that a table can hold, and one


class CueShown(NamedTuple):
    """One suggestion as a page shows it. `score`: of 100, in the reader's digits."""

    sort: str
    code: str
    name: str
    likelihood: str
    score: str
    quotations: Sequence[Quotation]
    kinds: tuple[str, ...]
    is_open: bool
    is_danger: bool
    last: str
    more: int


def shown(suggestions: Iterable[Suggestion], language: str) -> list[CueShown]:
    """Suggestions in the reader's language, in their order."""
    return [
        CueShown(
            sort=one.sort,
            code=one.code,
            name=_name(one, language),
            likelihood=gettext("likely") if one.is_likely else gettext("possible"),
            score=local_digits(round(one.score * 100), language),
            quotations=one.quotations,
            kinds=one.kinds,
            is_open=one.is_open,
            is_danger=one.is_danger,
            last=str(one.last),
            more=one.more,
        )
        for one in suggestions
    ]


def seen_in(text: str) -> int:
    """The number up to which suggestions were on the page that was answered; 404 for anything else."""
    if not (text.isascii() and text.isdecimal() and len(text) < LONGEST):
        raise Http404
    return int(text)


def _name(one: Suggestion, language: str) -> str:
    if one.sort == Cue.Sort.REQUEST and (known := content.request_types().get(one.code)):
        return gettext("It is about: %(what)s") % {"what": content.pick(known.name, language).text}
    if one.sort == Cue.Sort.NEED and (names := content.staff_need_names().get(one.code)):
        return gettext("They may need: %(what)s") % {"what": content.pick(names, language).text}
    if one.sort == Cue.Sort.STYLE and (style := content.styles().get(one.code)):
        return gettext("Way of talking: %(what)s") % {"what": content.pick(style.name, language).text}
    return str(NAMES.get(one.sort, one.code))
