"""Declaring, moving on, keeping the page's words, closing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connections

from pharos import content
from pharos.actions import incidents
from pharos.actions.errors import Refused
from pharos.models import (
    Incident,
    IncidentEvent,
    IncidentText,
    LiveEvent,
    Organisation,
    PageSection,
    Role,
    User,
    Webhook,
    WebhookDelivery,
)
from pharos.queries.incidents import wording
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db
NAME = {"en": "Ferry “Aurora” cannot sail"}


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation("ferry")


@pytest.fixture
def lead(organisation: Organisation) -> User:
    return make_user(organisation, "lead", role=Role.LEAD)


@pytest.fixture
def declare(organisation: Organisation, lead: User, now: datetime) -> Callable[..., Incident]:
    def make(**fields: Any) -> Incident:
        values = {"crisis_type": "transport_incident", "name": NAME, "by": lead, "now": now, **fields}
        return incidents.declare(organisation=organisation, **values)

    return make


def reread(incident: Incident) -> Incident:
    return Incident.objects.select_related("organisation").get(pk=incident.pk)


def test_one_call_sets_up_page_texts_and_clock(declare, lead, now) -> None:
    incident = reread(declare())
    assert (incident.slug, incident.state, incident.severity) == ("ferry-aurora-cannot-sail", "declared", "severe")
    assert incident.next_update_at == now + timedelta(minutes=60)
    shipped = content.incident_pages()["transport_incident"]
    sections = list(incident.sections.order_by("order"))
    assert [row.sort for row in sections] == ["happened", *["to_do"] * len(shipped.what_to_do), "policy"] + [
        "question"
    ] * len(shipped.questions)
    assert sections[0].body == dict(shipped.what_happened)
    assert sections[-1].title == dict(shipped.questions[-1].question)
    acknowledgement = incident.texts.get(code="auto_ack", channel="email")
    assert acknowledgement.body == dict(content.template("auto_ack", "email").body)
    assert set(acknowledgement.subject) == set(content.LANGUAGES)
    assert {row.channel for row in incident.texts.filter(code="first_notice")} == {
        "email",
        "sms",
        "web",
        "social",
        "ivr",
    }
    assert [(one.code, one.user) for one in incident.events.all()] == [("declared", lead)]
    assert set(LiveEvent.objects.values_list("topic", flat=True)) == {f"incident:{incident.pk}", "board"}


def test_every_kind_of_crisis_can_be_declared(declare) -> None:
    for code, kind in content.crisis_types().items():
        incident = declare(crisis_type=code)
        assert (incident.severity, incident.sections.filter(sort="to_do").exists()) == (kind.default_severity, True)


def test_the_organisations_own_interval_sets_the_clock(declare, organisation, now) -> None:
    organisation.rules = {"update_interval_minutes_first_day": 15}
    assert declare().next_update_at == now + timedelta(minutes=15)


def test_the_same_form_sent_twice_is_one_incident(declare) -> None:
    first, second = declare(key="form-1"), declare(key="form-1")
    assert first.pk == second.pk
    assert Incident.objects.count() == 1
    assert IncidentEvent.objects.count() == 1
    assert PageSection.objects.count() == first.sections.count()


def test_two_incidents_of_one_name_have_two_addresses(declare) -> None:
    assert [declare(key="1").slug, declare(key="2").slug, declare().slug] == [
        "ferry-aurora-cannot-sail",
        "ferry-aurora-cannot-sail-2",
        "ferry-aurora-cannot-sail-3",
    ]


def test_a_name_without_latin_letters_is_addressed_by_its_kind(declare) -> None:
    assert declare(name={"fa": "توفان"}).slug == "transport-incident"


def test_a_drill_never_takes_the_address_of_the_real_thing(declare) -> None:
    assert declare(is_drill=True).slug == "drill-ferry-aurora-cannot-sail"
    assert declare().slug == "ferry-aurora-cannot-sail"


def test_no_incident_takes_a_page_of_the_console(declare) -> None:
    assert declare(name={"en": "Declare"}).slug == "declare-2"
    with pytest.raises(Refused, match="slug"):
        declare(slug="declare")


@pytest.mark.parametrize("slug", ["../etc", "Storm", "a b", "a/b", "طوفان"])
def test_an_address_that_is_no_address_is_refused(declare, slug) -> None:
    with pytest.raises(Refused, match="slug"):
        declare(slug=slug)
    assert not Incident.objects.exists()


def test_a_wished_address_that_is_taken_is_refused(declare) -> None:
    declare(slug="storm")
    with pytest.raises(Refused, match="slug"):
        declare(slug="storm")
    assert Incident.objects.count() == 1


def test_the_same_address_in_another_organisation_is_free(declare, now) -> None:
    other = make_organisation("rail")
    declare(slug="storm")
    by = make_user(other, "other-lead", role=Role.LEAD)
    assert (
        incidents.declare(
            organisation=other, crisis_type="outage", name=NAME, by=by, now=now, slug="storm"
        ).organisation
        == other
    )


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"crisis_type": "meteor"}, "crisis_type"),
        ({"severity": "mild"}, "severity"),
        ({"name": {"en": " "}}, "empty"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(declare, wrong, code) -> None:
    with pytest.raises(Refused) as refused:
        declare(**wrong)
    assert refused.value.code == code
    assert not Incident.objects.exists()


def test_only_leads_of_the_organisation_may_do_anything(declare, organisation, now) -> None:
    incident = declare()
    section, text = incident.sections.first(), incident.texts.first()
    strangers = [
        make_user(organisation, "agent"),
        make_user(organisation, "gone", role=Role.ADMIN, is_active=False),
        make_user(make_organisation("rail"), "their-admin", role=Role.ADMIN),
    ]
    before = _everything()
    for by in strangers:
        new = {"title": {}, "body": NAME, "by": by, "now": now}
        described = {"name": NAME, "severity": "severe", "time_zone": "", "by": by, "now": now}
        attempts: list[Callable[[], object]] = [
            partial(declare, by=by),
            partial(incidents.describe, incident=incident, **described),
            partial(incidents.move, incident=incident, state="contained", by=by, now=now),
            partial(incidents.close, incident=incident, by=by, now=now),
            partial(incidents.reopen, incident=incident, by=by, now=now),
            partial(incidents.add_section, incident=incident, sort="policy", **new),
            partial(incidents.write_section, section=section, seen=section.changed_at, **new),
            partial(incidents.remove_section, section=section, by=by, now=now),
            partial(incidents.write_text, text=text, subject={}, body=NAME, by=by, now=now),
        ]
        for attempt in attempts:
            with pytest.raises(Refused, match="not_allowed"):
                attempt()
    assert _everything() == before


def _everything() -> list[Any]:
    models = (Incident, PageSection, IncidentText, IncidentEvent)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_move_shows_on_the_page_and_in_the_trail(declare, lead, now) -> None:
    incident, later = declare(), now + timedelta(hours=2)
    incidents.move(incident=incident, state="contained", by=lead, now=later)
    after = reread(incident)
    assert (after.state, after.page_version, after.changed_at) == ("contained", incident.page_version + 1, later)
    newest = after.events.first()
    assert newest is not None
    assert (newest.code, newest.data) == ("moved", {"before": "declared", "after": "contained"})


def test_a_crisis_may_flare_up_again(declare, lead, now) -> None:
    incident = declare()
    incidents.move(incident=incident, state="recovering", by=lead, now=now)
    incidents.move(incident=reread(incident), state="declared", by=lead, now=now)
    assert reread(incident).state == "declared"


@pytest.mark.parametrize("state", ["closed", "watching", "", "over"])
def test_a_move_to_what_is_no_step_is_refused(declare, lead, now, state) -> None:
    incident = declare()
    with pytest.raises(Refused, match="state"):
        incidents.move(incident=incident, state=state, by=lead, now=now)
    assert reread(incident).state == "declared"


def test_of_two_leads_who_move_at_once_the_second_is_told(declare, lead, now) -> None:
    seen = declare()
    incidents.close(incident=reread(seen), by=lead, now=now)
    with pytest.raises(Refused, match="stale"):
        incidents.move(incident=seen, state="contained", by=lead, now=now)
    assert reread(seen).state == "closed"


def test_closing_reverts_all(declare, lead, now) -> None:
    incident = declare()
    own = incident.texts.get(code="auto_ack", channel="email")
    incidents.write_text(
        text=own, subject=own.subject, body={**own.body, "en": "We have it: {reference}"}, by=lead, now=now
    )
    assert wording(reread(incident), "auto_ack", "email").body["en"] == "We have it: {reference}"
    incidents.close(incident=reread(incident), by=lead, now=now + timedelta(days=1))
    closed = reread(incident)
    assert (closed.state, closed.is_open, closed.next_update_at) == ("closed", False, None)
    assert closed.closed_at == now + timedelta(days=1)
    assert wording(closed, "auto_ack", "email") == content.template("auto_ack", "email")
    with pytest.raises(Refused, match="closed"):
        incidents.move(incident=closed, state="contained", by=lead, now=now)
    with pytest.raises(Refused, match="state"):
        incidents.close(incident=closed, by=lead, now=now)


def test_what_was_closed_too_soon_opens_with_its_own_words_and_a_clock(declare, lead, now) -> None:
    incident, later = declare(), now + timedelta(hours=3)
    incidents.close(incident=incident, by=lead, now=now)
    incidents.reopen(incident=reread(incident), by=lead, now=later)
    after = reread(incident)
    assert (after.state, after.closed_at, after.next_update_at) == ("recovering", None, later + timedelta(hours=1))
    with pytest.raises(Refused, match="open"):
        incidents.reopen(incident=after, by=lead, now=later)


def test_other_systems_hear_of_it_but_never_of_a_drill(declare, lead, organisation, now) -> None:
    Webhook.objects.create(organisation=organisation, url="https://other.example/", secret="s", created_at=now)
    drill = declare(is_drill=True)
    incidents.close(incident=drill, by=lead, now=now)
    assert not WebhookDelivery.objects.exists()
    incidents.close(incident=declare(), by=lead, now=now)
    events = list(WebhookDelivery.objects.order_by("id").values_list("event", flat=True))
    assert events == ["incident.declared", "incident.closed"]


def test_a_section_is_written_only_over_what_its_writer_saw(declare, lead, now) -> None:
    incident, later = declare(), now + timedelta(minutes=5)
    section = incident.sections.get(sort="happened")
    seen = section.changed_at
    incidents.write_section(section=section, title={}, body={"en": "One"}, seen=seen, by=lead, now=later)
    with pytest.raises(Refused, match="stale"):
        incidents.write_section(section=section, title={}, body={"en": "Two"}, seen=seen, by=lead, now=later)
    section.refresh_from_db()
    assert (section.body, section.changed_at) == ({"en": "One"}, later)
    assert (reread(incident).page_version, reread(incident).changed_at) == (2, later)


def test_an_added_section_comes_last_of_its_sort_and_once(declare, lead, now) -> None:
    incident = declare()
    words = {"title": {"en": "Where is my dog?"}, "body": {"en": "Safe with us."}}
    first = incidents.add_section(incident=incident, sort="question", by=lead, now=now, **words)
    again = incidents.add_section(incident=incident, sort="question", by=lead, now=now, **words)
    assert first.pk == again.pk
    assert list(incident.sections.filter(sort="question").order_by("order"))[-1] == first
    with pytest.raises(Refused, match="sort"):
        incidents.add_section(incident=incident, sort="gossip", by=lead, now=now, **words)


def test_a_removed_section_is_gone_from_the_page_and_kept_in_the_trail(declare, lead, now) -> None:
    incident = declare()
    section = incident.sections.get(sort="policy")
    words = section.body
    incidents.remove_section(section=section, by=lead, now=now)
    assert not incident.sections.filter(sort="policy").exists()
    newest = incident.events.first()
    assert newest is not None
    assert newest.data["body"] == words
    section.pk = newest.data["section"]
    with pytest.raises(Refused, match="stale"):
        incidents.remove_section(section=section, by=lead, now=now)


def test_a_text_with_a_value_that_nobody_knows_is_refused(declare, lead, now) -> None:
    text = declare().texts.get(code="auto_ack", channel="sms")
    before = text.body
    with pytest.raises(Refused, match="placeholder"):
        incidents.write_text(text=text, subject={}, body={"en": "Hello {nmae}"}, by=lead, now=now)
    text.refresh_from_db()
    assert text.body == before


def test_a_new_name_and_clock_are_kept(declare, lead, now) -> None:
    incident = declare()
    name = {"en": "Storm", "hy": "Փոթորիկ"}
    incidents.describe(incident=incident, name=name, severity="extreme", time_zone="Asia/Yerevan", by=lead, now=now)
    after = reread(incident)
    assert (after.name, after.severity, after.time_zone, after.page_version) == (name, "extreme", "Asia/Yerevan", 2)
    assert after.slug == incident.slug


@pytest.mark.django_db(transaction=True)
def test_a_double_click_from_two_threads_declares_once(now: datetime) -> None:
    organisation = make_organisation("ferry")
    lead = make_user(organisation, "lead", role=Role.LEAD)

    def click(_number: int) -> int:
        try:
            return incidents.declare(
                organisation=organisation, crisis_type="outage", name=NAME, by=lead, now=now, key="form-1"
            ).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(click, range(8)))) == 1
    assert Incident.objects.count() == 1
    assert IncidentEvent.objects.count() == 1


def test_a_phone_window_opens_changes_and_ends_with_the_incident(declare, lead, now) -> None:
    incident = declare()
    incidents.set_phone_window(incident=incident, days=3, by=lead, now=now)
    incident = reread(incident)
    incidents.set_phone_window(incident=incident, days=3, by=lead, now=now)
    assert (reread(incident).phone_window_days, reread(incident).page_version) == (3, incident.page_version)
    for days in (0, 15):
        with pytest.raises(Refused):
            incidents.set_phone_window(incident=incident, days=days, by=lead, now=now)
    incidents.close(incident=incident, by=lead, now=now)
    incident = reread(incident)
    assert incident.phone_window_days is None
    with pytest.raises(Refused):
        incidents.set_phone_window(incident=incident, days=3, by=lead, now=now)
    codes = list(incident.events.order_by("id").values_list("code", "data"))
    assert [code for code, _data in codes] == ["declared", "phone_window", "closed"]
    assert codes[1][1] == {"before": None, "after": 3}
