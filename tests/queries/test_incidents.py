"""Incidents as staff and the doors see them."""

from datetime import datetime, timedelta

import pytest

from pharos import content
from pharos.models import Incident, IncidentText, Organisation
from pharos.queries import incidents
from tests.factories import make_incident, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation("ferry")


def test_the_public_sees_open_incidents_of_its_organisation_and_no_drill(organisation, now) -> None:
    for state in Incident.State.values:
        make_incident(organisation, state, state=state)
    make_incident(organisation, "drill", is_drill=True)
    make_incident(make_organisation("rail"), "theirs")
    later = make_incident(organisation, "later", declared_at=now + timedelta(hours=1))
    found = [one.slug for one in incidents.public(organisation)]
    assert found == [later.slug, "recovering", "contained", "declared"]


def test_open_incidents_come_before_closed_ones(organisation, now) -> None:
    make_incident(organisation, "over", state="closed", declared_at=now)
    make_incident(organisation, "old", declared_at=now - timedelta(days=9))
    assert [one.slug for one in incidents.of_organisation(organisation)] == ["old", "over"]


@pytest.mark.parametrize(
    ("minutes", "near", "late"),
    [(11, False, False), (10, True, False), (1, True, False), (0, True, False), (-1, True, True)],
)
def test_the_clock_warns_ten_minutes_before_and_is_late_after(organisation, now, minutes, near, late) -> None:
    due = now + timedelta(minutes=minutes)
    clock = incidents.clock(make_incident(organisation, next_update_at=due), now=now)
    assert clock is not None
    assert (clock.due_at, clock.is_near, clock.is_late) == (due, near, late)


def test_there_is_no_clock_without_an_announcement_or_after_the_end(organisation, now) -> None:
    assert incidents.clock(make_incident(organisation), now=now) is None
    over = make_incident(organisation, "over", state="closed", next_update_at=now)
    assert incidents.clock(over, now=now) is None


def test_an_open_incident_speaks_its_own_words_and_a_closed_one_the_shipped_ones(organisation) -> None:
    shipped = content.template("auto_ack", "sms")
    incident = make_incident(organisation)
    assert incidents.wording(None, "auto_ack", "sms") == shipped
    assert incidents.wording(incident, "auto_ack", "sms") == shipped
    IncidentText.objects.create(incident=incident, code="auto_ack", channel="sms", body={"en": "Yes"})
    assert incidents.wording(incident, "auto_ack", "sms").body == {"en": "Yes"}
    incident.state = Incident.State.CLOSED
    assert incidents.wording(incident, "auto_ack", "sms") == shipped


def test_the_console_holds_everything_at_a_constant_cost(
    organisation, now: datetime, django_assert_num_queries
) -> None:
    incident = make_incident(organisation)
    for rows in (1, 3):
        for number in range(rows):
            incident.sections.create(sort="question", order=number, body={"en": "Yes"}, changed_at=now)
            incident.advisories.create(number=10 * rows + number, body={"en": "News"}, created_at=now)
            incident.events.create(at=now, code="moved")
        with django_assert_num_queries(4):
            console = incidents.console(incident, now=now)
    assert (len(console.sections), len(console.bulletins), len(console.events)) == (4, 4, 4)
