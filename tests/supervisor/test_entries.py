"""Where people reach us, in set-up: added, changed, switched, watched."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.urls import reverse

from pharos.actions import entries as actions
from pharos.channels import Adapter, Field
from pharos.channels.email import adapters as email_adapters
from pharos.models import Channel, EntryPoint
from pharos.supervisor import entries
from pharos.supervisor.forms.entries import EntryForm
from tests.factories import NOW, make_contact, make_entry, make_incident, make_organisation

pytestmark = pytest.mark.django_db
PIGEONS = Adapter(
    "pigeons",
    "sms",
    "Pigeons",
    Field("address", "Loft"),
    (Field("host", "Where", kind="url"), Field("password", "Password", secret=True)),
    how="Feed them.",
    paths=(("For the pigeons", "{site}/channels/pigeons/{token}/"),),
)
TYPED: Mapping[str, str] = {
    "address": "loft-1",
    "option_host": "https://pigeons.example.org",
    "option_password": "grain",
    "language": "hy",
    "incident": "",
}


@pytest.fixture(autouse=True)
def _pigeons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "ADAPTERS", {"pigeons": PIGEONS})


def test_one_is_added_and_its_secret_is_never_shown(centre, as_admin):
    assert "Pigeons" in as_admin.get(reverse("entries")).text
    incident = make_incident(centre)
    answer = as_admin.post(reverse("entry_add", args=["pigeons"]), {**TYPED, "incident": incident.pk})
    entry = EntryPoint.objects.get()
    assert answer.url == reverse("entry", args=[entry.pk])
    assert (entry.channel, entry.adapter, entry.address, entry.language) == ("sms", "pigeons", "loft-1", "hy")
    assert entry.options == {"host": "https://pigeons.example.org"}
    assert (entry.secret, entry.incident, entry.is_on) == ({"password": "grain"}, incident, True)
    page = as_admin.get(answer.url).text
    assert "grain" not in page
    assert f"/channels/pigeons/{entry.token}/" in page


def test_what_is_wrong_is_told_and_what_was_typed_stays(centre, as_admin):
    page = as_admin.post(reverse("entry_add", args=["pigeons"]), {**TYPED, "option_password": ""})
    assert page.status_code == 422
    assert "loft-1" in page.text
    make_entry(centre, Channel.SMS, "loft-1")
    again = as_admin.post(reverse("entry_add", args=["pigeons"]), TYPED)
    assert again.status_code == 422
    assert "You have this one already." in again.text
    assert EntryPoint.objects.count() == 1


def test_change_keeps_a_secret_that_was_left_empty(centre, as_admin):
    entry = make_entry(centre, Channel.SMS, "loft-1", adapter="pigeons", secret={"password": "grain"})
    actions.failed(entry=entry, reason="no pigeon came back", now=NOW)
    page = reverse("entry", args=[entry.pk])
    assert "no pigeon came back" in as_admin.get(page).text
    as_admin.post(page, {**TYPED, "address": "loft-2", "option_password": ""})
    entry.refresh_from_db()
    assert (entry.address, entry.secret, entry.failing_since) == ("loft-2", {"password": "grain"}, None)
    as_admin.post(page, {**TYPED, "option_password": "corn"})
    entry.refresh_from_db()
    assert entry.secret == {"password": "corn"}


def test_used_one_is_switched_off_not_removed(centre, as_admin):
    entry = make_entry(centre, Channel.SMS, "loft-1", adapter="pigeons")
    make_contact(centre, entry=entry, channel="sms", address="+37491555555")
    as_admin.post(reverse("entry_remove", args=[entry.pk]))
    as_admin.post(reverse("entry_switch", args=[entry.pk]))
    entry.refresh_from_db()
    assert not entry.is_on
    as_admin.post(reverse("entry_switch", args=[entry.pk]), {"on": "1"})
    assert EntryPoint.objects.get().is_on
    unused = make_entry(centre, Channel.SMS, "loft-2", adapter="pigeons")
    as_admin.post(reverse("entry_remove", args=[unused.pk]))
    assert list(EntryPoint.objects.all()) == [entry]


def test_first_failure_says_since_when_and_reading_ends_it(centre):
    entry = make_entry(centre, Channel.EMAIL, "help@example.org")
    actions.failed(entry=entry, reason="refused", now=NOW)
    actions.failed(entry=entry, reason="timed out", now=NOW + timedelta(minutes=1))
    entry.refresh_from_db()
    assert (entry.failing_since, entry.failure) == (NOW, "timed out")
    actions.read(entry=entry, cursor={"uid": 7}, now=NOW)
    entry.refresh_from_db()
    assert (entry.failing_since, entry.failure, entry.cursor, entry.read_at) == (None, "", {"uid": 7}, NOW)


def test_that_of_another_house_is_not_there(as_admin):
    other = make_entry(make_organisation(), Channel.SMS, "loft-1", adapter="pigeons")
    for name in ("entry", "entry_switch", "entry_remove"):
        assert as_admin.post(reverse(name, args=[other.pk]), TYPED).status_code == 404
    assert as_admin.get(reverse("entry_add", args=["carts"])).status_code == 404
    other.refresh_from_db()
    assert (other.is_on, other.address) == (True, "loft-1")


@pytest.mark.parametrize(("port", "good"), [("993", True), ("65535", True), ("65536", False), ("1" + "0" * 20, False)])
def test_port_that_no_system_knows_is_refused(centre, port, good):
    typed = {"address": "a@x.example", "option_host": "mail.x.example", "option_port": port, "option_tls": "implicit",
             "option_password": "x", "option_start": "all"}  # fmt: skip
    form = EntryForm(typed, adapter=email_adapters.ADAPTERS[0], organisation=centre, entry=None, reader="en")
    assert (form.is_valid(), "option_port" in form.errors) == (good, not good)
