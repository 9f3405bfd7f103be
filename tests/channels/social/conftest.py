"""A Mastodon account of ours, on a server of the tests' own."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import settings as django_settings

from pharos.channels.delivery import deliver_messages
from pharos.channels.social import inbox
from pharos.channels.social.posting import deliver_posts
from pharos.models import EntryPoint, Organisation
from tests.channels.mastodon_server import TOKEN, Mastodon, mastodon_server
from tests.factories import NOW, make_organisation


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The administrator lets us reach servers on this machine."""
    monkeypatch.setattr(django_settings.ENVIRONMENT, "webhook_networks", [ip_network("127.0.0.0/8")])


@pytest.fixture
def site(inside: None) -> Iterator[Mastodon]:
    with mastodon_server() as one:
        one.now = NOW
        yield one
    inbox._resting.clear()


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation(emergency_phone="112")


@pytest.fixture
def entry(organisation: Organisation, site: Mastodon) -> EntryPoint:
    return make_account(organisation, site)


def make_account(organisation: Organisation, site: Mastodon, **fields: Any) -> EntryPoint:
    values: dict[str, Any] = {
        "organisation": organisation,
        "channel": "social",
        "adapter": "mastodon",
        "address": "@help@lines.example",
        "token": f"token-{organisation.pk}-{len(fields)}",
        "options": {"url": site.url},
        "secret": {"token": TOKEN},
        "created_at": NOW - timedelta(hours=1),
    }
    return EntryPoint.objects.create(**values | fields)


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def always() -> bool:
    return True


def read(moment: datetime = NOW) -> int:
    return inbox.read_due(clock=at(moment), going=always)


def send(moment: datetime = NOW) -> None:
    """Everything that is due goes out."""
    deliver_messages(clock=at(moment), going=always)
    deliver_posts(clock=at(moment), going=always)
