"""A centre with one of each role, and a browserless client for each."""

from collections.abc import Callable

import pytest
from django.test import Client

from pharos.models import Agent, Organisation, Role, User
from tests.factories import make_agent, make_organisation, make_user

HOST = "centre.example.org"


@pytest.fixture
def centre(db: None) -> Organisation:
    return make_organisation("centre", host=HOST)


@pytest.fixture
def agent(centre: Organisation) -> Agent:
    return make_agent(centre, "agent", status=Agent.Status.OFFLINE)


@pytest.fixture
def lead(centre: Organisation) -> User:
    return make_user(centre, "lead", role=Role.LEAD, name="Lena Lead", email="lead@example.org")


@pytest.fixture
def admin(centre: Organisation) -> User:
    return make_user(centre, "admin", role=Role.ADMIN, name="Ada Admin", email="admin@example.org")


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client(headers={"host": HOST})
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def as_lead(lead: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(lead)


@pytest.fixture
def as_admin(admin: User, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(admin)
