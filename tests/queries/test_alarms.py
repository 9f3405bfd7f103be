"""Alarms in words, the loudest first."""

from datetime import timedelta

import pytest
from django.utils import translation

from pharos.models import Alarm, Organisation
from pharos.queries.alarms import LOUDEST, groups, language_name, sentence, titles, untaken
from tests.factories import make_contact, make_incident, make_organisation, make_user

pytestmark = pytest.mark.django_db
LANGUAGES = ["en", "fa", "hy", "zh-hans"]


@pytest.fixture
def centre() -> Organisation:
    return make_organisation(time_zone="Asia/Tehran")


def make_alarm(organisation: Organisation, sort: str, now, *, subject: str = "x", **fields) -> Alarm:
    return Alarm.objects.create(organisation=organisation, sort=sort, subject=subject, raised_at=now, **fields)


def every_sort(centre: Organisation, now) -> list[Alarm]:
    contact, incident = make_contact(centre, now=now), make_incident(centre)
    moment = now.isoformat()
    place = {"entry": 1, "address": "help@example.org", "since": moment}
    lost = {"queue": {"en": "Refunds"}, "language": "hy", "waiting": 3}
    return [
        make_alarm(centre, "danger", now, contact=contact),
        make_alarm(centre, "urgent_unanswered", now, contact=contact),
        make_alarm(centre, "urgent_soon_unanswered", now, contact=contact),
        make_alarm(centre, "promise_at_risk", now, contact=contact, data={"by": moment}),
        make_alarm(centre, "promise_broken", now, contact=contact, data={"by": moment}),
        make_alarm(centre, "oldest", now, subject="oldest:live", data={"kind": "live", "since": moment}),
        make_alarm(centre, "oldest", now, subject="oldest:written", data={"kind": "written", "since": moment}),
        make_alarm(centre, "update_overdue", now, incident=incident, data={"due": moment}),
        make_alarm(centre, "nobody_can_serve", now, subject="a", data={**lost, "why": "language"}),
        make_alarm(centre, "nobody_can_serve", now, subject="b", data={**lost, "why": "skill"}),
        make_alarm(centre, "nobody_can_serve", now, subject="c", data={**lost, "why": "level"}),
        make_alarm(centre, "nobody_can_serve", now, subject="d", data={**lost, "why": "training"}),
        make_alarm(centre, "delivery_failed", now, contact=contact),
        make_alarm(centre, "not_reached", now, subject="d", data={**place, "channel": "email"}),
        make_alarm(centre, "not_reached", now, subject="e", data={**place, "channel": "sms"}),
    ]


def test_every_sort_has_a_title_and_a_rank():
    assert set(LOUDEST) == set(titles()) == set(Alarm.Sort)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentence_of_every_sort_is_whole_in_every_language(language, centre, now):
    with translation.override(language):
        for alarm in every_sort(centre, now):
            said = sentence(alarm, organisation=centre, language=language, now=now)
            assert said
            assert "%" not in said


def test_sentence_tells_times_on_the_organisations_clock(centre, now):
    alarm = make_alarm(
        centre, "promise_broken", now, contact=make_contact(centre, now=now), data={"by": now.isoformat()}
    )
    assert "15:30" in sentence(alarm, organisation=centre, language="en", now=now)


def test_groups_loudest_first_untaken_before_taken_and_the_rest_as_a_number(centre, now):
    lead = make_user(centre, name="Lena")
    for number in range(5):
        make_alarm(centre, "promise_broken", now + timedelta(minutes=number), subject=str(number))
    Alarm.objects.filter(subject="0").update(acknowledged_at=now, acknowledged_by=lead)
    make_alarm(centre, "danger", now)
    make_alarm(centre, "oldest", now, cleared_at=now)
    make_alarm(make_organisation(), "danger", now)
    found = groups(organisation=centre, language="en", now=now)
    assert [(group.sort, group.open, group.untaken, group.more) for group in found] == [
        ("danger", 1, 1, 0),
        ("promise_broken", 5, 4, 2),
    ]
    assert [one.alarm.subject for one in found[1].shown] == ["1", "2", "3"]
    assert untaken(centre) == 5


def test_groups_say_who_took_it_and_what_was_escalated(centre, now):
    lead = make_user(centre, name="Lena")
    make_alarm(centre, "danger", now, acknowledged_at=now, acknowledged_by=lead, escalated_at=now)
    make_alarm(centre, "oldest", now, escalated_at=now)
    danger, oldest = groups(organisation=centre, language="en", now=now)
    assert (danger.shown[0].by, danger.escalated, oldest.escalated) == ("Lena", False, True)


def test_groups_in_a_fixed_number_of_queries(centre, now, django_assert_num_queries):
    with django_assert_num_queries(1):
        groups(organisation=centre, language="en", now=now)
    every_sort(centre, now)
    with django_assert_num_queries(3):
        groups(organisation=centre, language="en", now=now)


def test_language_name_in_the_readers_language():
    with translation.override("en"):
        assert language_name("hy") == "Armenian"
        assert language_name("xx") == "xx"
