"""The example organisation: made once, brought back, never in another's way."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings

from pharos import content
from pharos.actions import demo, incidents
from pharos.actions.errors import Refused
from pharos.models import Agent, ApiToken, HostName, Incident, Organisation, Role, User
from pharos.queries.api import token_of
from tests.factories import make_agent, make_organisation, make_user

pytestmark = pytest.mark.django_db


def test_ensure_makes_a_centre_that_can_work(now: datetime) -> None:
    made = demo.ensure(now=now)
    organisation = Organisation.objects.get()
    assert (organisation.is_demo, organisation.is_set_up, organisation.slug) == (True, True, made.organisation)
    assert made.url == settings.PUBLIC_URL
    incident = Incident.objects.get(slug=made.incident)
    assert incident.is_open
    assert incident.advisories.filter(state="published").count() == 2
    assert incident.sections.exists()
    assert len(made.agents) == len(content.demo().agents)
    assert set(organisation.users.values_list("role", flat=True)) == set(Role.values)
    assert not any(user.has_usable_password() for user in User.objects.all())
    system = token_of(made.api_token)
    assert system is not None
    assert (system.organisation, system.agent) == (organisation, None)
    for agent in made.agents:
        token = token_of(agent.token)
        assert token is not None
        assert token.agent is not None
        assert token.agent.user.username == agent.user


def test_ensure_serves_every_queue_in_every_language(now: datetime) -> None:
    demo.ensure(now=now)
    for queue in Organisation.objects.get().queues.all():
        agents = Agent.objects.filter(skills__skill=queue.skill)
        assert {language for agent in agents for language in agent.languages} == set(content.LANGUAGES)


def test_ensure_again_changes_nothing_but_the_tokens(now: datetime) -> None:
    first = demo.ensure(now=now)
    counted = [model.objects.count() for model in (Organisation, User, Agent, Incident, HostName)]
    again = demo.ensure(now=now + timedelta(hours=1))
    assert [model.objects.count() for model in (Organisation, User, Agent, Incident, HostName)] == counted
    assert first.api_token != again.api_token
    assert {**first.as_dict(), "api_token": "", "agents": ""} == {**again.as_dict(), "api_token": "", "agents": ""}
    assert [agent.user for agent in first.agents] == [agent.user for agent in again.agents]


def test_ensure_lets_tokens_of_earlier_calls_end_after_a_day(now: datetime) -> None:
    first = demo.ensure(now=now)
    demo.ensure(now=now + timedelta(hours=23))
    assert token_of(first.api_token) is not None
    demo.ensure(now=now + timedelta(hours=25))
    assert token_of(first.api_token) is None


def test_ensure_opens_an_incident_that_was_closed(now: datetime) -> None:
    demo.ensure(now=now)
    lead = User.objects.get(role=Role.LEAD)
    incidents.close(incident=Incident.objects.get(), by=lead, now=now)
    demo.ensure(now=now + timedelta(hours=1))
    assert Incident.objects.get().is_open


def test_ensure_names_helpers_who_can_take_everything(now: datetime) -> None:
    made = demo.ensure(now=now, agents=3)
    assert [agent.user for agent in made.agents] == ["helper-001", "helper-002", "helper-003"]
    helper = Agent.objects.get(user__username="helper-001")
    assert set(helper.languages) == set(content.LANGUAGES)
    assert set(helper.skills.values_list("skill__code", flat=True)) == set(content.queue_names())
    assert len(demo.ensure(now=now, agents=5).agents) == 5
    assert Agent.objects.filter(user__username__startswith="helper-").count() == 5


def test_ensure_leaves_the_loopback_to_whom_it_belongs(now: datetime) -> None:
    real = make_organisation(host="127.0.0.1")
    made = demo.ensure(now=now)
    assert HostName.objects.get(host="127.0.0.1").organisation == real
    assert made.url == settings.PUBLIC_URL.replace("127.0.0.1", "demo.localhost")
    assert HostName.objects.get(host="demo.localhost").organisation.is_demo


def test_ensure_does_not_touch_colleagues_of_others(now: datetime) -> None:
    real = make_organisation(host="127.0.0.1")
    theirs = make_user(real, "maryam")
    made = demo.ensure(now=now)
    theirs.refresh_from_db()
    assert theirs.organisation == real
    assert "maryam-demo" in {agent.user for agent in made.agents}


def test_ensure_refuses_to_turn_a_real_organisation_into_an_example(now: datetime) -> None:
    make_organisation(content.demo().organisation.slug)
    with pytest.raises(Refused):
        demo.ensure(now=now)
    assert not ApiToken.objects.exists()
    assert not Organisation.objects.filter(is_demo=True).exists()


def test_ensure_forgets_no_token_that_is_not_its_own(now: datetime) -> None:
    other = make_agent(make_organisation())
    token = ApiToken.objects.create(
        organisation=other.organisation, name="demo", digest="0" * 64, created_at=now - timedelta(days=9)
    )
    demo.ensure(now=now)
    token.refresh_from_db()
    assert token.revoked_at is None
