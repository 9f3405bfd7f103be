"""How honest the waits were that people were told, and how they are worked out."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pharos.content.calendars import duration
from pharos.http.guards import lead_required, organisation_of
from pharos.http.order import percent
from pharos.http.reader import Reader, reader_of
from pharos.queries import honesty
from pharos.supervisor.waiting import kind_name


@never_cache
@require_safe
@lead_required
def told_waits(request: HttpRequest) -> HttpResponse:
    """The score of the last week, class by class."""
    organisation, reader = organisation_of(request), reader_of(request)
    found = honesty.honesty(organisation=organisation, now=reader.now)
    look = honesty.look(organisation=organisation)
    context = {
        "rows": [_row(one, reader) for one in found],
        "look": look,
        "how": _how(look, reader) if look else [],
    }
    return render(request, "supervisor/told_waits.html", context)


def _row(one: honesty.Honesty, reader: Reader) -> dict[str, Any]:
    share, score = one.kept.share, one.score
    known: dict[str, Any] = {
        "band": one.band,
        "kind": kind_name(one.kind) if one.kind else "",
        "kept": "" if share is None else percent(share, reader.language),
        "due": one.kept.due,
    }
    if score:
        known |= {
            "covered": percent(score.coverage, reader.language),
            "low": percent(score.coverage_low, reader.language),
            "high": percent(score.coverage_high, reader.language),
            "told": score.told,
            "mean": duration(score.mean_s, reader.language),
            "off": percent(score.mae_share, reader.language) if score.mae_share is not None else "",
        }
    return known


def _how(look: honesty.Look, reader: Reader) -> list[str]:
    """How waits are worked out now, in sentences."""
    said = []
    if look.at:
        known = {"time": reader.moment(look.at), "number": reader.number(look.paths)}
        said.append(_("Last worked out at %(time)s, from %(number)s futures of the line as it stood.") % known)
        if look.without:
            said.append(
                _("The fast way is missing, so fewer futures are played: %(reason)s") % {"reason": look.without}
            )
    if look.learned_at is None:
        said.append(_("Nothing was learned from past waits yet; that happens at night."))
        return said
    known = {
        "time": reader.moment(look.learned_at),
        "number": reader.number(look.lessons),
        "percent": percent(max(look.gain or 0.0, 0.0), reader.language),
    }
    if look.is_believed:
        said.append(
            _("Learned from %(number)s past waits, %(time)s: this takes away %(percent)s of the error in others.")
            % known
        )
    else:
        said.append(_("%(number)s past waits were looked at, %(time)s: they taught nothing that helps others.") % known)
    return said
