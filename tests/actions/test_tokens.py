"""Bearer tokens: shown once, kept as a digest, ended at once."""

from datetime import datetime, timedelta

import pytest

from pharos.actions import tokens
from pharos.models import ApiToken, User
from pharos.queries.api import token_of
from tests.factories import make_agent, make_organisation

pytestmark = pytest.mark.django_db


def test_make_token_keeps_only_a_digest(now: datetime) -> None:
    made = tokens.make_token(organisation=make_organisation(), name="till", agent=None, now=now)
    assert made.plain.startswith("pharos_")
    assert len(made.plain) > 40
    row = ApiToken.objects.values().get()
    assert made.plain not in str(row)
    assert token_of(made.plain) == made.token


def test_make_token_makes_each_one_different(now: datetime) -> None:
    organisation = make_organisation()
    made = {tokens.make_token(organisation=organisation, name="till", agent=None, now=now).plain for _ in range(3)}
    assert len(made) == 3


@pytest.mark.parametrize("plain", ["", "pharos_", "\udcff", "x" * 10_000])
def test_token_of_nonsense_is_none(plain: str) -> None:
    assert token_of(plain) is None


def test_revoke_ends_a_token_once(now: datetime) -> None:
    made = tokens.make_token(organisation=make_organisation(), name="till", agent=None, now=now)
    assert tokens.revoke(token=made.token, now=now)
    assert token_of(made.plain) is None
    assert not tokens.revoke(token=made.token, now=now + timedelta(days=1))
    assert ApiToken.objects.get().revoked_at == now


def test_token_of_an_agent_ends_with_the_colleague(now: datetime) -> None:
    agent = make_agent(make_organisation())
    made = tokens.make_token(organisation=agent.organisation, name="desk", agent=agent, now=now)
    assert token_of(made.plain) == made.token
    User.objects.filter(pk=agent.user_id).update(is_active=False)
    assert token_of(made.plain) is None


def test_used_writes_at_most_once_a_minute(now: datetime) -> None:
    token = tokens.make_token(organisation=make_organisation(), name="till", agent=None, now=now).token
    for seconds, expected in ((0, 0), (59, 0), (61, 61), (62, 61)):
        tokens.used(token=ApiToken.objects.get(pk=token.pk), now=now + timedelta(seconds=seconds))
        assert ApiToken.objects.get().last_used_at == now + timedelta(seconds=expected)
