"""The board's numbers, in a fixed number of queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pharos.actions import conversation, further, routing
from pharos.models import Agent, Channel, Contact, Offer, Organisation, Promise, WaitEstimate
from pharos.queries.board import Cell, board
from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def centre() -> Organisation:
    return make_organisation()


def promised(contact: Contact, by, now) -> None:
    Contact.objects.filter(pk=contact.pk).update(promise_by=by, guard_at=by)
    Promise.objects.filter(contact=contact).delete()
    Promise.objects.create(contact=contact, told_at=now, band=3, kind="written", low_s=60, high_s=3600, by=by)


def test_board_empty_centre(centre, now):
    found = board(organisation=centre, now=now)
    assert (found.waiting, found.at_risk, found.broken, found.oldest) == (0, 0, 0, None)
    assert [row.total for row in found.bands] == [Cell(0, None)] * 4
    assert found.arrivals == [0] * 60
    assert (found.score.settled, found.score.kept, found.score.covered) == (0, None, None)
    assert found.agents == []


def test_board_waiting_by_band_and_queue_with_the_oldest(centre, now):
    make_contact(centre, now=now - 9 * MINUTE, request_type="refund")
    make_contact(centre, now=now - 5 * MINUTE, request_type="refund", language="fa")
    make_contact(centre, now=now - 7 * MINUTE, danger=True)
    make_contact(make_organisation(), now=now - 30 * MINUTE)
    found = board(organisation=centre, now=now)
    assert [queue.code for queue in found.queues] == ["general", "refunds", "care"]
    assert found.danger == Cell(1, now - 7 * MINUTE)
    assert found.bands[3].cells == [Cell(0, None), Cell(2, now - 9 * MINUTE), Cell(0, None)]
    assert (found.waiting, found.oldest) == (3, now - 9 * MINUTE)


def test_board_promises_at_risk_by_kind_and_broken(centre, now):
    for channel, minutes in ((Channel.WEB, 29), (Channel.WEB, 31), (Channel.CHAT, 4), (Channel.CHAT, 6)):
        promised(make_contact(centre, now=now, channel=channel), now + minutes * MINUTE, now)
    promised(make_contact(centre, now=now), now - MINUTE, now)
    moved = make_contact(centre, now=now)
    promised(moved, now + 5 * MINUTE, now)
    Contact.objects.filter(pk=moved.pk).update(promise_broken_at=now)
    found = board(organisation=centre, now=now)
    assert (found.at_risk, found.broken) == (2, 2)


def test_board_waits_span_languages_and_go_stale(centre, now):
    queue = centre.queues.get(code="general")
    for language, low, high, age in (
        ("en", 60, 300, 0),
        ("fa", 120, 900, 0),
        ("hy", 1, 9999, 2),
        ("en", None, None, 0),
    ):
        WaitEstimate.objects.create(
            organisation=centre,
            queue=queue,
            language=language,
            band=1 if low is None else 3,
            kind="written",
            low_s=low,
            median_s=low,
            high_s=high,
            at=now - age * MINUTE,
        )
    rows = {(row.queue.code, row.kind): row.ranges for row in board(organisation=centre, now=now).waits}
    assert rows["general", "written"] == [None, None, None, (60.0, 900.0)]
    assert rows["general", "live"] == [None] * 4


def test_board_agents_with_status_and_what_they_hold(centre, now):
    busy = make_agent(centre, "busy", skills={"general": 3})
    make_agent(centre, "asleep", status=Agent.Status.OFFLINE)
    gone = make_agent(centre, "gone", status=Agent.Status.OFFLINE).user
    gone.is_active = False
    gone.save()
    for _ in range(2):
        make_contact(centre, now=now)
    routing.dispatch(organisation=centre, now=now)
    routing.accept(offer=Offer.objects.get(), agent=busy, now=now)
    routing.dispatch(organisation=centre, now=now)
    found = board(organisation=centre, now=now)
    assert [(str(row.agent), row.offered, row.live, row.written, row.wrap_up) for row in found.agents] == [
        ("busy", 1, 0, 1, 0),
        ("asleep", 0, 0, 0, 0),
    ]
    assert found.statuses == {"available": 1, "break": 0, "offline": 1}


def test_board_arrivals_by_minute_of_any_state(centre, now):
    for back in (0, 0, 1, 59, 60):
        make_contact(centre, now=now - back * MINUTE)
    Contact.objects.filter(arrived_at=now - MINUTE).update(state="closed")
    arrivals = board(organisation=centre, now=now + 30 * MINUTE / 60).arrivals
    assert (arrivals[-1], arrivals[-2], arrivals[0], sum(arrivals)) == (2, 1, 1, 4)


def test_board_score_counts_kept_and_covered_of_the_last_day(centre, now):
    rows: list[dict[str, Any]] = [
        {"waited_s": 120, "kept": True},  # inside
        {"waited_s": 10, "kept": True},  # below the range
        {"waited_s": 5000, "kept": False},  # above
        {"waited_s": None, "kept": False},  # broken while waiting
        {"waited_s": None, "kept": None},  # the person left
    ]
    contact = make_contact(centre, now=now)
    for row in rows:
        Promise.objects.create(
            contact=contact, told_at=now, band=3, kind="written", low_s=60, high_s=3600, settled_at=now, **row
        )
    Promise.objects.create(
        contact=contact, told_at=now, band=3, kind="written", settled_at=now - timedelta(days=2), kept=False
    )
    score = board(organisation=centre, now=now).score
    assert (score.settled, score.kept, score.covered) == (4, 0.5, 0.25)


def test_board_queries_do_not_grow(centre, now):
    counts = []
    for step in range(3):
        agent = make_agent(centre)
        make_contact(centre, now=now, language=("en", "fa", "hy")[step])
        make_contact(centre, now=now, danger=True)
        routing.dispatch(organisation=centre, now=now)
        offer = Offer.objects.filter(agent=agent, state="open").first()
        if offer:
            routing.accept(offer=offer, agent=agent, now=now)
        with CaptureQueriesContext(connection) as queries:
            board(organisation=centre, now=now)
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2] <= 9


def test_board_reopened_contact_waits_since_its_new_words(centre, now):
    agent = make_agent(centre, "agent")
    contact = make_contact(centre, now=now)
    routing.dispatch(organisation=centre, now=now)
    routing.accept(offer=Offer.objects.get(), agent=agent, now=now)
    conversation.close(contact=contact, disposition="solved", summary="Done", by=agent.user, now=now)
    routing.set_status(agent=agent, status=Agent.Status.OFFLINE, now=now)
    later = now + timedelta(days=2)
    further.add_words(contact=contact, text="Again", door="page", key="k", digest="d", now=later)
    assert board(organisation=centre, now=later + MINUTE).oldest == later
