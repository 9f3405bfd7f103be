"""Public updates: drafted, published with the time of the next, corrected, withdrawn."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connections

from pharos import content
from pharos.actions import advisories, incidents
from pharos.actions.errors import Refused
from pharos.models import Advisory, Incident, IncidentEvent, Organisation, Role, User
from pharos.queries.incidents import bulletins
from tests.factories import make_incident, make_organisation, make_user
from tests.meeting import meet

pytestmark = pytest.mark.django_db
WORDS: dict[str, Any] = {"title": {"en": "All safe"}, "body": {"en": "All passengers are safe."}}


@pytest.fixture
def incident() -> Incident:
    return make_incident(make_organisation("ferry"))


@pytest.fixture
def lead(incident: Incident) -> User:
    return make_user(incident.organisation, "lead", role=Role.LEAD)


def published(incident: Incident, lead: User, now: datetime, **words: Any) -> Advisory:
    row = advisories.draft(incident=incident, by=lead, now=now, **{**WORDS, **words})
    advisories.publish(advisory=row, next_update_at=now + timedelta(hours=1), by=lead, now=now)
    row.refresh_from_db()
    return row


def test_a_draft_is_no_news_to_the_public(incident, lead, now) -> None:
    row = advisories.draft(incident=incident, by=lead, now=now, **WORDS)
    assert (row.number, row.version, row.state, row.author) == (1, 1, "draft", lead)
    incident.refresh_from_db()
    assert (incident.page_version, incident.next_update_at) == (1, None)


def test_publishing_names_the_next_update_and_moves_the_clock(incident, lead, now) -> None:
    row = published(incident, lead, now)
    due = now + timedelta(hours=1)
    assert (row.state, row.published_at, row.next_update_at, row.approved_by) == ("published", now, due, lead)
    incident.refresh_from_db()
    assert (incident.next_update_at, incident.page_version, incident.changed_at) == (due, 2, now)
    codes = list(IncidentEvent.objects.order_by("id").values_list("code", flat=True))
    assert codes == ["advisory_drafted", "advisory_published"]


@pytest.mark.parametrize("ahead", [None, timedelta(), timedelta(minutes=-1)])
def test_no_update_without_the_time_of_the_next(incident, lead, now, ahead) -> None:
    row = advisories.draft(incident=incident, by=lead, now=now, **WORDS)
    following = None if ahead is None else now + ahead
    with pytest.raises(Refused, match="next_update"):
        advisories.publish(advisory=row, next_update_at=following, by=lead, now=now)
    row.refresh_from_db()
    assert row.state == "draft"


def test_two_leads_who_publish_one_draft_publish_it_once(incident, lead, now) -> None:
    row = advisories.draft(incident=incident, by=lead, now=now, **WORDS)
    due = now + timedelta(hours=1)
    advisories.publish(advisory=row, next_update_at=due, by=lead, now=now)
    with pytest.raises(Refused, match="stale"):
        advisories.publish(advisory=row, next_update_at=due + timedelta(hours=9), by=lead, now=now)
    incident.refresh_from_db()
    assert incident.next_update_at == due


def test_only_a_draft_can_be_rewritten(incident, lead, now) -> None:
    row = advisories.draft(incident=incident, by=lead, now=now, **WORDS)
    advisories.write(advisory=row, title={}, body={"en": "Better"}, by=lead, now=now)
    row.refresh_from_db()
    assert (row.title, row.body) == ({}, {"en": "Better"})
    advisories.publish(advisory=row, next_update_at=now + timedelta(hours=1), by=lead, now=now)
    with pytest.raises(Refused, match="stale"):
        advisories.write(advisory=row, title={}, body={"en": "Quietly changed"}, by=lead, now=now)
    row.refresh_from_db()
    assert row.body == {"en": "Better"}


def test_a_correction_is_a_new_version_and_the_old_one_stays_readable(incident, lead, now) -> None:
    first = published(incident, lead, now)
    second = advisories.correct(advisory=first, title={}, body={"en": "All but one"}, by=lead, now=now)
    assert (second.number, second.version, second.state) == (1, 2, "draft")
    assert bulletins(incident)[0].shown == first
    advisories.publish(advisory=second, next_update_at=now + timedelta(hours=2), by=lead, now=now)
    bulletin = bulletins(incident)[0]
    assert bulletin.shown == second
    assert [row.body["en"] for row in bulletin.released] == ["All but one", "All passengers are safe."]


def test_one_correction_at_a_time(incident, lead, now) -> None:
    first = published(incident, lead, now)
    advisories.correct(advisory=first, by=lead, now=now, **WORDS)
    with pytest.raises(Refused, match="draft"):
        advisories.correct(advisory=first, by=lead, now=now, **WORDS)
    assert incident.advisories.count() == 2


def test_withdrawing_takes_all_versions_back_and_keeps_them(incident, lead, now) -> None:
    first = published(incident, lead, now)
    second = advisories.correct(advisory=first, title={}, body={"en": "Two"}, by=lead, now=now)
    advisories.publish(advisory=second, next_update_at=now + timedelta(hours=2), by=lead, now=now)
    later = now + timedelta(minutes=9)
    advisories.withdraw(advisory=first, by=lead, now=later)
    bulletin = bulletins(incident)[0]
    assert bulletin.shown is None
    assert [(row.state, row.withdrawn_at, row.body["en"]) for row in bulletin.released] == [
        ("withdrawn", later, "Two"),
        ("withdrawn", later, "All passengers are safe."),
    ]
    with pytest.raises(Refused, match="stale"):
        advisories.withdraw(advisory=first, by=lead, now=later)


def test_what_was_withdrawn_can_be_put_right(incident, lead, now) -> None:
    first = published(incident, lead, now)
    advisories.withdraw(advisory=first, by=lead, now=now)
    second = advisories.correct(advisory=first, title={}, body={"en": "Right now"}, by=lead, now=now)
    advisories.publish(advisory=second, next_update_at=now + timedelta(hours=2), by=lead, now=now)
    assert bulletins(incident)[0].shown == second


def test_a_draft_can_be_dropped_but_nothing_that_was_public(incident, lead, now) -> None:
    row = advisories.draft(incident=incident, by=lead, now=now, **WORDS)
    advisories.discard(advisory=row, by=lead, now=now)
    assert not incident.advisories.exists()
    public = published(incident, lead, now)
    with pytest.raises(Refused, match="stale"):
        advisories.discard(advisory=public, by=lead, now=now)
    assert incident.advisories.get() == public


def test_the_no_news_draft_speaks_every_language_and_the_incidents_own_words(incident, lead, now) -> None:
    row = advisories.no_news(incident=incident, by=lead, now=now)
    assert row.body == dict(content.template("no_news", "web").body)
    incident.texts.create(code="no_news", channel="web", body={"en": "Still nothing new."})
    assert advisories.no_news(incident=incident, by=lead, now=now).body == {"en": "Still nothing new."}


def test_the_same_form_sent_twice_is_one_update(incident, lead, now) -> None:
    first = advisories.draft(incident=incident, key="a", by=lead, now=now, **WORDS)
    advisories.publish(advisory=first, next_update_at=now + timedelta(hours=1), by=lead, now=now)
    assert advisories.draft(incident=incident, key="a", by=lead, now=now, **WORDS) == first
    second = advisories.correct(advisory=first, key="b", by=lead, now=now, **WORDS)
    assert advisories.correct(advisory=first, key="b", by=lead, now=now, **WORDS) == second
    assert advisories.no_news(incident=incident, key="c", by=lead, now=now) == advisories.no_news(
        incident=incident, key="c", by=lead, now=now
    )
    assert incident.advisories.count() == 3


def test_a_closed_incident_takes_no_update_but_can_withdraw(incident, lead, now) -> None:
    public = published(incident, lead, now)
    waiting = advisories.draft(incident=incident, by=lead, now=now, **WORDS)
    incidents.close(incident=incident, by=lead, now=now)
    with pytest.raises(Refused, match="closed"):
        advisories.draft(incident=incident, by=lead, now=now, **WORDS)
    with pytest.raises(Refused, match="stale"):
        advisories.publish(advisory=waiting, next_update_at=now + timedelta(hours=1), by=lead, now=now)
    advisories.withdraw(advisory=public, by=lead, now=now)
    waiting.refresh_from_db()
    assert waiting.state == "draft"


def test_another_role_publishes_nothing(incident, lead, now) -> None:
    row = advisories.draft(incident=incident, by=lead, now=now, **WORDS)
    agent = make_user(incident.organisation, "agent")
    theirs = make_user(make_organisation("rail"), "their-lead", role=Role.LEAD)
    before = list(Advisory.objects.values()), IncidentEvent.objects.count()
    for by in (agent, theirs):
        due = now + timedelta(hours=1)
        attempts: list[Callable[[], object]] = [
            partial(advisories.draft, incident=incident, by=by, now=now, **WORDS),
            partial(advisories.no_news, incident=incident, by=by, now=now),
            partial(advisories.write, advisory=row, by=by, now=now, **WORDS),
            partial(advisories.publish, advisory=row, next_update_at=due, by=by, now=now),
            partial(advisories.correct, advisory=row, by=by, now=now, **WORDS),
            partial(advisories.withdraw, advisory=row, by=by, now=now),
            partial(advisories.discard, advisory=row, by=by, now=now),
        ]
        for attempt in attempts:
            with pytest.raises(Refused, match="not_allowed"):
                attempt()
    assert (list(Advisory.objects.values()), IncidentEvent.objects.count()) == before


@pytest.mark.django_db(transaction=True)
def test_numbers_stay_apart_when_several_write_at_once(now: datetime) -> None:
    organisation: Organisation = make_organisation("ferry")
    incident = make_incident(organisation)
    lead = make_user(organisation, "lead", role=Role.LEAD)

    def write(number: int) -> int:
        try:
            body = {"en": f"Update {number}"}
            return advisories.draft(incident=incident, title={}, body=body, by=lead, now=now).number
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(write, range(6))) == [1, 2, 3, 4, 5, 6]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_leads_who_publish_at_once_publish_once(incident, lead, now) -> None:
    row = advisories.draft(incident=incident, by=lead, now=now, **WORDS)
    due = now + timedelta(hours=1)
    publish = partial(advisories.publish, advisory=row, by=lead, now=now)
    late = meet(partial(publish, next_update_at=due), partial(publish, next_update_at=due + timedelta(hours=9)))
    assert isinstance(late, Refused)
    row.refresh_from_db()
    incident.refresh_from_db()
    assert row.next_update_at == incident.next_update_at == due
    assert IncidentEvent.objects.filter(code="advisory_published").count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_an_incident_that_is_being_closed_takes_no_update(incident, lead, now) -> None:
    row = advisories.draft(incident=incident, by=lead, now=now, **WORDS)
    close = partial(incidents.close, incident=incident, by=lead, now=now)
    due = now + timedelta(hours=1)
    late = meet(close, partial(advisories.publish, advisory=row, next_update_at=due, by=lead, now=now))
    assert isinstance(late, Refused)
    row.refresh_from_db()
    assert row.state == "draft"
