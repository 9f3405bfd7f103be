"""The live board: what waits, what was promised, who works, what is wrong."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pharos.content.calendars import duration_range
from pharos.content.lists import joined
from pharos.http.guards import lead_required, organisation_of
from pharos.http.reader import Reader, reader_of
from pharos.models import Agent, Incident, Organisation
from pharos.queries import alarms, repeats
from pharos.queries import board as queries
from pharos.supervisor.waiting import kind_name, waiting_list

LISTED: Final = 12
STRIP: Final = {"width": 600, "height": 64, "step": 10, "bar": 8}
STATUSES: Final = {Agent.Status.AVAILABLE: "dot", Agent.Status.BREAK: "pause", Agent.Status.OFFLINE: "ring"}


class Bar(NamedTuple):
    """One minute of the strip, in the drawing's own units."""

    x: int
    y: float
    height: float


@never_cache
@require_safe
@lead_required
def board(request: HttpRequest) -> HttpResponse:
    """The whole board; with scripts it stays true by itself, without them there is a link to refresh."""
    organisation, reader = organisation_of(request), reader_of(request)
    incidents = Incident.objects.filter(organisation=organisation).exclude(state=Incident.State.CLOSED)
    context = {name: value for part in PARTS.values() for name, value in part(organisation, reader).items()}
    return render(request, "supervisor/board.html", {**context, "incidents": incidents.order_by("-declared_at")})


@never_cache
@require_safe
@lead_required
def board_part(request: HttpRequest, part: str) -> HttpResponse:
    """One part of the board, fetched again when something changed."""
    context = PARTS[part](organisation_of(request), reader_of(request))
    return render(request, f"supervisor/parts/{part}.html", context)


def figures(organisation: Organisation, reader: Reader) -> dict[str, Any]:
    """Everything that is counted."""
    found = queries.board(organisation=organisation, now=reader.now)
    return {
        "board": found,
        "at": reader.time(reader.now),
        "danger": _cell(found.danger, reader),
        "oldest": reader.ago(found.oldest),
        "bands": [
            {"band": row.band, "cells": [_cell(cell, reader) for cell in row.cells], "total": _cell(row.total, reader)}
            for row in found.bands
        ],
        "waits": [_wait(row, reader) for row in found.waits if any(row.ranges)],
        "agents": [_agent(row, reader) for row in found.agents],
        "statuses": [
            {"label": status_name(status), "shape": shape, "count": found.statuses[status]}
            for status, shape in STATUSES.items()
        ],
        "kept": _percent(found.score.kept, reader),
        "covered": _percent(found.score.covered, reader),
        "again": _again(organisation, reader),
        "strip": _strip(found.arrivals),
        "strip_box": STRIP,
        "arrived": sum(found.arrivals),
        "busiest": max(found.arrivals),
        "by_five": list(_by_five(found.arrivals, reader)),
    }


def alarm_list(organisation: Organisation, reader: Reader, *, shown: int = alarms.SHOWN) -> dict[str, Any]:
    """What is wrong now."""
    groups = alarms.groups(organisation=organisation, language=reader.language, now=reader.now, shown=shown)
    return {"alarm_groups": groups, "untaken": sum(group.untaken for group in groups)}


def _next_in_line(organisation: Organisation, reader: Reader) -> dict[str, Any]:
    return {"waiting": waiting_list(organisation, reader, limit=LISTED)}


PARTS: Final[Mapping[str, Callable[[Organisation, Reader], dict[str, Any]]]] = {
    "figures": figures,
    "alarms": alarm_list,
    "waiting": _next_in_line,
}


def _cell(cell: queries.Cell, reader: Reader) -> dict[str, object]:
    return {"waiting": cell.waiting, "oldest": reader.ago(cell.oldest)}


def _wait(row: queries.WaitRow, reader: Reader) -> dict[str, object]:
    said = [duration_range(*span, reader.language) if span else "" for span in row.ranges]
    return {"queue": row.queue, "kind": kind_name(row.kind), "ranges": said}


def _agent(row: queries.AgentRow, reader: Reader) -> dict[str, object]:
    return {
        "name": str(row.agent),
        "status": status_name(row.agent.status),
        "shape": STATUSES[Agent.Status(row.agent.status)],
        "since": reader.moment(row.agent.status_since),
        "held": _held(row, reader),
    }


def _held(row: queries.AgentRow, reader: Reader) -> str:
    named = (
        (row.offered, _("%(count)s offered")),
        (row.live, _("%(count)s live")),
        (row.written, _("%(count)s written")),
        (row.wrap_up, _("%(count)s wrapping up")),
    )
    return joined((text % {"count": reader.number(count)} for count, text in named if count), reader.language)


def status_name(status: str) -> str:
    """An agent's status in words."""
    return {
        Agent.Status.AVAILABLE: _("Available"),
        Agent.Status.BREAK: _("On a break"),
        Agent.Status.OFFLINE: _("Offline"),
    }[Agent.Status(status)]


def _again(organisation: Organisation, reader: Reader) -> dict[str, str]:
    """Who came again in the last day; blank while nobody came."""
    found = repeats.repeats(organisation=organisation, now=reader.now)
    if not found.contacts:
        return {}
    return {
        "contacts": reader.number(found.contacts),
        "repeats": reader.number(found.repeats),
        "after_silence": reader.number(found.after_silence),
        "per_issue": reader.number(f"{found.per_issue:.2f}") if found.per_issue else "",
    }


def _percent(share: float | None, reader: Reader) -> str:
    return "" if share is None else reader.number(f"{share * 100:.0f}")


def _strip(arrivals: Sequence[int]) -> list[Bar]:
    """The bars of the last hour; a minute without contacts has none."""
    most = max(arrivals) or 1
    height = STRIP["height"]
    bars = [(place * STRIP["step"], count / most * height) for place, count in enumerate(arrivals) if count]
    return [Bar(x, round(height - tall, 1), round(tall, 1)) for x, tall in bars]


def _by_five(arrivals: Sequence[int], reader: Reader) -> Iterable[Mapping[str, object]]:
    first = reader.now.replace(second=0, microsecond=0) - timedelta(minutes=len(arrivals) - 1)
    for start in range(0, len(arrivals), 5):
        yield {
            "from": reader.time(first + timedelta(minutes=start)),
            "count": sum(arrivals[start : start + 5]),
        }
