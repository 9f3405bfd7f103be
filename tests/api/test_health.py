"""What machines are told: enough to act on, and nothing about anybody."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from pharos.actions import entries, loops
from pharos.actions.loops import Fared
from pharos.api import health as views
from pharos.jobs.loops import LOOPS
from pharos.models import Channel
from pharos.queries import health, hearing, signals
from tests.factories import make_agent, make_contact, make_entry, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(views, "_kept", (-views.KEPT_S, None))


def run_all(*, failures=0, ago=timedelta(0)):
    loops.enter(names=LOOPS, known=LOOPS)
    at = timezone.now() - ago
    failure = "ValueError at actions/routing.py:1" if failures else ""
    loops.report(fared=[Fared(name, at, at + timedelta(seconds=1), failures, failure) for name in LOOPS])


def without_database(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OperationalError

    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", refuse)


def test_healthz_answers_without_a_database(client, monkeypatch):
    without_database(monkeypatch)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer.headers["Cache-Control"]


def test_readyz_when_all_of_it_works(client):
    run_all()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "ready"
    assert answer.json()["reasons"] == {}
    assert {"database", "migrations", "disk", "loop offers"} <= set(answer.json()["checks"])


@pytest.mark.parametrize(
    ("state", "name", "reason"),
    [
        ({"ago": timedelta(seconds=60)}, "loop offers", "last ran 60 seconds ago"),
        ({"failures": 3}, "loop offers", "failed 3 times in a row: ValueError at actions/routing.py:1"),
    ],
)
def test_readyz_names_the_loop_that_does_not_run(client, state, name, reason):
    run_all(**state)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reasons"][name] == reason


def test_readyz_before_any_worker_ran(client):
    assert client.get("/readyz").json()["reasons"] == {"worker": "no worker has ever run: start `pharos work`"}
    loops.enter(names=LOOPS, known=LOOPS)
    assert client.get("/readyz").json()["reasons"]["loop offers"] == "has not run yet"


def test_readyz_without_a_database_says_so(client, monkeypatch):
    without_database(monkeypatch)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["reasons"] == {"database": "the database cannot be reached"}


def test_readyz_with_a_database_older_than_the_program_says_so(client, monkeypatch):
    from django.db.migrations.recorder import MigrationRecorder

    run_all()
    monkeypatch.setattr(health, "_migrated", False)
    MigrationRecorder.Migration.objects.filter(app="pharos").delete()
    assert list(client.get("/readyz").json()["reasons"]) == ["migrations"]


def test_readyz_with_a_full_disk_says_so(client, monkeypatch):
    run_all()
    monkeypatch.setattr(views, "DISK_LEAST", 2**62)
    reasons = client.get("/readyz").json()["reasons"]
    assert list(reasons) == ["disk"]
    assert reasons["disk"].endswith("MB are free in the data folder")


def test_metrics_count_and_name_nobody(client):
    run_all()
    organisation = make_organisation("secret-lines", name={"en": "Secret Lines"})
    make_agent(organisation, "secret-agent")
    contact = make_contact(organisation, name="Ani Secret", text="secret", danger=True)
    client.get(f"/en/r/{contact.page_token}/", headers={"host": "secret-lines.example.org"})
    text = client.get("/metrics").content.decode()
    assert 'pharos_contacts{band="0",state="waiting"} 1.0' in text
    assert 'pharos_oldest_waiting_seconds{band="0"}' in text
    assert 'pharos_outgoing{kind="message",state="queued"} 1.0' in text
    assert 'pharos_loop_age_seconds{loop="offers"}' in text
    assert "pharos_database_up 1.0" in text
    assert "secret" not in text.lower()
    assert contact.page_token not in text


def test_metrics_ask_the_database_seldom(client, django_assert_num_queries):
    run_all()
    client.get("/metrics")
    with django_assert_num_queries(0):
        client.get("/metrics")


def test_metrics_cost_the_same_with_many_contacts(client, django_assert_num_queries):
    organisation = make_organisation()
    counts = []
    for number in (1, 2):
        for _ in range(number):
            make_contact(organisation)
        with django_assert_num_queries(18) as queries:
            health.numbers(now=timezone.now())
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_metrics_without_a_database_still_answer(client, monkeypatch):
    without_database(monkeypatch)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "pharos_database_up 0.0" in answer.content.decode()


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/metrics"])
def test_health_is_only_read(client, address):
    assert client.post(address).status_code == 405


def test_a_damaged_model_is_said_and_the_centre_is_ready(client, monkeypatch, tmp_path):
    run_all()
    assert client.get("/readyz").json()["notes"] == {}
    assert "pharos_signals_model 1.0" in client.get("/metrics").content.decode()
    damaged = tmp_path / "model"
    damaged.write_bytes(b"nothing")
    monkeypatch.setattr(signals, "MODEL", damaged)
    hearing.model_fault.cache_clear()
    try:
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert "lexicon only" in answer.json()["notes"]["signals"]
    finally:
        hearing.model_fault.cache_clear()


def test_mailbox_out_of_reach_is_noted_and_counted_without_its_address(client):
    run_all()
    entry = make_entry(make_organisation(), Channel.EMAIL, "hush@example.org")
    for _ in range(2):
        entries.failed(entry=entry, reason="hush", now=timezone.now() - timedelta(seconds=60))
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["notes"] == {"channels": f"email {entry.pk} failed 2 times in a row"}
    counted = {one.labels: one.value for one in health.numbers(now=timezone.now()) if one.metric == "not_reached"}
    assert counted == {("email",): 1}
    assert "hush" not in answer.text
