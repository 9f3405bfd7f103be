"""The first administrator's link and what it makes; describing the organisation."""

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connections

from pharos.actions import demo, setup
from pharos.actions.errors import Refused
from pharos.models import HostName, OneTimeLink, Organisation, Queue, Role, User
from pharos.queries import organisations
from tests.factories import make_incident, make_organisation, make_user

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def first_day(username: str = "ada", **fields) -> setup.FirstDay:
    given = {
        "username": username,
        "password": "Lantern-1912",
        "name": "Ada",
        "names": {"en": "Northern Ferries"},
        "languages": ("en", "hy"),
        "time_zone": "Asia/Yerevan",
        "host": "Ferries.example.org",
        **fields,
    }
    return setup.FirstDay(**given)


def token_of(link: str | None) -> str:
    assert link
    assert link.startswith(f"{settings.PUBLIC_URL}/set-up/")
    return link.rstrip("/").rpartition("/")[2]


def test_link_keeps_only_a_digest_and_replaces_the_one_before(now):
    first, second = (token_of(setup.first_administrator_link(now=now)) for _ in range(2))
    assert OneTimeLink.objects.count() == 1
    assert second not in str(list(OneTimeLink.objects.values()))
    assert not setup.first_administrator_link_works(token=first, now=now)
    assert setup.first_administrator_link_works(token=second, now=now)


def test_link_works_for_an_hour(now):
    token = token_of(setup.first_administrator_link(now=now))
    assert setup.first_administrator_link_works(token=token, now=now + HOUR - timedelta(seconds=1))
    assert not setup.first_administrator_link_works(token=token, now=now + HOUR)
    with pytest.raises(Refused):
        setup.make_first_administrator(token=token, first_day=first_day(), language="en", now=now + HOUR)
    assert not User.objects.exists()


def test_link_is_none_and_dead_once_there_is_an_administrator(now):
    token = token_of(setup.first_administrator_link(now=now))
    make_user(make_organisation(), role=Role.ADMIN)
    assert setup.first_administrator_link(now=now) is None
    with pytest.raises(Refused):
        setup.make_first_administrator(token=token, first_day=first_day(), language="en", now=now)


def test_first_administrator_brings_queues_with_skills_and_routes(now):
    token = token_of(setup.first_administrator_link(now=now))
    user = setup.make_first_administrator(token=token, first_day=first_day(), language="hy", now=now)
    assert (user.role, user.language, user.check_password("Lantern-1912")) == ("admin", "hy", True)
    organisation = user.organisation
    assert (organisation.slug, organisation.is_set_up, organisation.is_demo) == ("northern-ferries", False, False)
    assert HostName.objects.get().host == "ferries.example.org"
    queues = {queue.code: queue for queue in Queue.objects.filter(organisation=organisation).select_related("skill")}
    assert set(queues) == {"general", "refunds", "care"}
    assert queues["general"].is_default
    assert queues["refunds"].request_types == ["refund"]
    assert queues["care"].skill.code == "care"
    assert set(queues["care"].name) == {"en", "fa", "hy", "zh-hans"}
    assert not organisation.opening_hours.exists()


def test_first_administrator_name_without_latin_letters_and_slug_taken(now):
    make_organisation("organisation")
    token = token_of(setup.first_administrator_link(now=now))
    user = setup.make_first_administrator(
        token=token, first_day=first_day(names={"fa": "کشتی‌های شمال"}), language="fa", now=now
    )
    assert user.organisation.slug == "organisation-2"


def test_first_administrator_user_name_taken_leaves_nothing_and_the_link_alive(now):
    make_user(make_organisation(), "ada")
    token = token_of(setup.first_administrator_link(now=now))
    with pytest.raises(Refused) as refused:
        setup.make_first_administrator(token=token, first_day=first_day(), language="en", now=now)
    assert refused.value.code == "username_taken"
    assert Organisation.objects.count() == 1
    assert setup.first_administrator_link_works(token=token, now=now)


@pytest.mark.django_db(transaction=True)
def test_first_administrator_two_at_once_one_wins(now):
    token = token_of(setup.first_administrator_link(now=now))
    gate, outcomes = threading.Barrier(2), []

    def submit(username: str) -> None:
        gate.wait()
        try:
            setup.make_first_administrator(token=token, first_day=first_day(username), language="en", now=now)
            outcomes.append("made")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=submit, args=(name,)) for name in ("ada", "bea")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["link_over", "made"]
    assert (User.objects.count(), Organisation.objects.count()) == (1, 1)


def test_describe_changes_open_pages_too(now):
    organisation = make_organisation()
    opened, closed = make_incident(organisation), make_incident(organisation, "old", state="closed")
    details = setup.Details(
        names={"en": "New"},
        languages=("en",),
        time_zone="UTC",
        phone="1",
        emergency_phone="112",
        mail_from="a@example.org",
        quick_exit_url="https://example.org/",
    )
    setup.describe(organisation=organisation, details=details)
    for row in (organisation, opened, closed):
        row.refresh_from_db()
    assert (organisation.name, organisation.languages, organisation.phone) == ({"en": "New"}, ["en"], "1")
    assert (opened.page_version, closed.page_version) == (2, 1)


def test_finish_opens_the_centre():
    organisation = make_organisation(is_set_up=False)
    setup.finish(organisation=organisation)
    organisation.refresh_from_db()
    assert organisation.is_set_up


def test_the_example_does_not_stand_in_the_way_of_the_first_administrator(now):
    demo.ensure(now=now)
    token = token_of(setup.first_administrator_link(now=now))
    user = setup.make_first_administrator(token=token, first_day=first_day(host="127.0.0.1"), language="en", now=now)
    assert organisations.of_host("127.0.0.1") == user.organisation
    assert organisations.of_host("anything.example.org") == user.organisation
    example = organisations.of_host("demo.localhost")
    assert example is not None
    assert example.is_demo
