"""The people who work here, and what nobody here can answer."""

from datetime import timedelta

import pytest

from pharos.actions import staff
from pharos.models import Organisation
from pharos.queries.staff import colleagues, gaps, usernames_taken
from tests.factories import make_agent, make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre() -> Organisation:
    return make_organisation()


def test_colleagues_active_first_with_skills_and_invitation(centre, now):
    make_user(centre, "gone", name="Aa", is_active=False)
    agent = make_agent(centre, "zoe", skills={"refunds": 4, "care": 2})
    staff.invite(users=[agent.user], now=now)
    make_user(make_organisation(), "stranger")
    rows = colleagues(organisation=centre, now=now)
    assert [row.user.username for row in rows] == ["zoe", "gone"]
    assert [(one.skill.code, one.level) for one in rows[0].skills] == [("care", 2), ("refunds", 4)]
    assert rows[0].invited_until == now + timedelta(days=7)
    assert (rows[1].agent, rows[1].invited_until) == (None, None)
    assert colleagues(organisation=centre, now=now + timedelta(days=7))[0].invited_until is None


def test_gaps_count_only_those_who_work_and_take_contacts(centre):
    assert (gaps(organisation=centre).languages, len(gaps(organisation=centre).skills)) == (centre.languages, 3)
    make_agent(centre, skills={"general": 3}, languages=("en", "fa"))
    make_agent(centre, skills={}, languages=("hy",))
    left = make_agent(centre, skills={"care": 3}, languages=("zh-hans",)).user
    left.is_active = False
    left.save()
    found = gaps(organisation=centre)
    assert found.languages == ["hy", "zh-hans"]
    assert [skill.code for skill in found.skills] == ["care", "refunds"]


def test_usernames_taken_in_any_organisation(centre):
    make_user(make_organisation(), "ani")
    assert usernames_taken(["ani", "sara"]) == {"ani"}
