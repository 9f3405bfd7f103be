import json
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from pharos.models import Channel, Contact, Role, SupportNeed
from tests.desktop.conftest import Desk, client_of
from tests.factories import make_incident, make_organisation, make_user

WORDS = {"language": ["fa"], "how": ["paper"], "text": ["کشتی من لغو شد."], "name": ["Maryam"]}


def record(**values: Any) -> dict[str, Any]:
    kept_at = values.pop("kept_at", timezone.now())
    given = {name: many if isinstance(many, list) else [many] for name, many in values.items()}
    return {"key": str(uuid4()), "kept_at": kept_at.isoformat(), "values": {**WORDS, **given}}


def send(desk: Desk, *records: dict[str, Any], agent: int = 0, client: Client | None = None) -> Any:
    body = {"agent": agent or desk.agent.user_id, "sent_at": timezone.now().isoformat(), "records": list(records)}
    return (client or desk.client).post("/desk/intake/sync/", json.dumps(body), content_type="application/json")


def results(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_form_without_a_script_takes_a_request_down(desk: Desk) -> None:
    page = desk.client.get("/desk/intake/")
    key = re.search(r'name="key" value="([^"]+)"', page.content.decode())
    assert key
    sent = {"key": key[1], "language": "hy", "how": "call", "text": "Նավը չեկավ", "phone": "091 234567"}
    assert desk.client.post("/desk/intake/", sent).status_code == 302
    assert desk.client.post("/desk/intake/", sent).status_code == 302
    contact = Contact.objects.get()
    assert (contact.channel, contact.language) == (Channel.STAFF, "hy")
    assert contact.person.identities.get().value == "+37491234567"
    event = contact.events.get(code="received")
    assert event.user == desk.agent.user
    assert event.data["how"] == "call"


def test_form_that_cannot_be_used_is_shown_again_with_all_words(desk: Desk) -> None:
    sent = {"key": str(uuid4()), "language": "en", "how": "call", "text": "Storm", "email": "nobody"}
    answer = desk.client.post("/desk/intake/", sent)
    assert answer.status_code == 422
    assert "Storm" in answer.content.decode()
    assert not Contact.objects.exists()


def test_record_keeps_the_place_of_when_they_spoke_and_is_promised_from_now(desk: Desk) -> None:
    now = timezone.now()
    one = record(kept_at=now - timedelta(hours=5))
    reference = results(send(desk, one))[0]["reference"]
    contact = Contact.objects.get(reference=reference)
    assert abs(contact.arrived_at - (now - timedelta(hours=5))) < timedelta(seconds=20)
    assert contact.virtual_arrival == contact.last_inbound_at == contact.arrived_at
    assert contact.promises.get().told_at >= now
    assert contact.events.get(code="received").data["taken_at"] == contact.arrived_at.isoformat()
    trail = desk.client.get("/desk/intake/")
    assert trail.status_code == 200


def test_record_that_comes_again_is_taken_once(desk: Desk) -> None:
    one = record(kept_at=timezone.now() - timedelta(minutes=9))
    first, again = results(send(desk, one)), results(send(desk, one))
    assert first == again
    assert Contact.objects.count() == 1


def test_record_that_comes_again_with_other_words_is_refused(desk: Desk) -> None:
    one = record()
    send(desk, one)
    [said] = results(send(desk, {**one, "values": {**one["values"], "text": ["else"]}}))
    assert said["state"] == "refused"
    assert said["reasons"][0]["text"] == "This was sent before with other words."
    assert Contact.objects.count() == 1


def test_record_that_is_refused_stops_no_other_and_says_why(desk: Desk) -> None:
    good, bad = record(), record(email="nobody", needed_by="sometime")
    first, second, third = results(send(desk, good, bad, record()))
    assert (first["state"], third["state"]) == ("taken", "taken")
    assert second["state"] == "refused"
    assert {one["field"] for one in second["reasons"]} == {"email", "needed_by"}
    assert Contact.objects.count() == 2


def test_two_hundred_records_that_waited_come_in_order(desk: Desk) -> None:
    now = timezone.now()
    waited = [record(kept_at=now - timedelta(minutes=200 - number), text=f"no {number}") for number in range(200)]
    for begin in range(0, 200, 50):
        assert all(one["state"] == "taken" for one in results(send(desk, *waited[begin : begin + 50])))
    stored = Contact.objects.order_by("virtual_arrival")
    assert [contact.messages.get(sort="request").body for contact in stored[:3]] == ["no 0", "no 1", "no 2"]
    assert stored.count() == 200


def test_moment_that_has_not_come_is_refused(desk: Desk) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    [said] = results(send(desk, record(taken_day=f"{tomorrow:%Y-%m-%d}")))
    assert [one["field"] for one in said["reasons"]] == ["taken_day"]


def test_moment_that_is_too_old_is_asked_about_and_a_device_that_slept_is_not(desk: Desk) -> None:
    old = timezone.now() - timedelta(days=30)
    said, slept = results(send(desk, record(taken_day=f"{old:%Y-%m-%d}"), record(kept_at=old)))
    assert [one["field"] for one in said["reasons"]] == ["taken_day"]
    contact = Contact.objects.get(reference=slept["reference"])
    assert abs(timezone.now() - timedelta(days=14) - contact.arrived_at) < timedelta(seconds=20)


def test_day_is_read_in_the_persons_calendar(desk: Desk) -> None:
    [said] = results(send(desk, record(needed_by="۱۴۰۵/۰۹/۱۰")))
    assert Contact.objects.get(reference=said["reference"]).needed_by.isoformat() == "2026-12-01"  # type: ignore[union-attr]


def test_needs_are_kept_only_with_a_yes(desk: Desk) -> None:
    [no] = results(send(desk, record(needs=["hearing"])))
    assert [one["field"] for one in no["reasons"]] == ["needs_consent"]
    [yes] = results(send(desk, record(needs=["hearing"], needs_consent="on")))
    assert yes["state"] == "taken"
    need = SupportNeed.objects.get()
    assert (need.source, need.basis, need.consent_way) == ("recorded", "consent", "written")
    assert need.noted_by == desk.agent.user
    assert need.notice_version


def test_incident_that_closed_meanwhile_still_takes_its_records(desk: Desk) -> None:
    storm = make_incident(desk.organisation, state="closed")
    [said] = results(send(desk, record(incident="storm")))
    assert Contact.objects.get(reference=said["reference"]).incident == storm
    [said] = results(send(desk, record(incident="nowhere")))
    assert [one["field"] for one in said["reasons"]] == ["incident"]


def test_records_of_another_colleague_are_not_taken_in_this_ones_name(desk: Desk) -> None:
    other = make_user(desk.organisation)
    assert send(desk, record(), agent=other.pk).status_code == 409
    assert not Contact.objects.exists()


def test_nobody_signed_in_gets_nothing(desk: Desk) -> None:
    stranger = Client(headers={"host": desk.organisation.hosts.get().host})
    assert send(desk, record(), client=stranger).status_code == 302
    assert stranger.get("/desk/intake/who/?device=a").status_code == 302
    assert stranger.get("/desk/intake/shell/").status_code == 302
    elsewhere = client_of(make_user(make_organisation()), desk.organisation)
    assert send(desk, record(), client=elsewhere).status_code == 403
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"agent": 1, "sent_at": "x", "records": []}', '{"records": [1]}', '{"records": 7}']
)
def test_what_cannot_be_read_is_refused_as_a_whole(desk: Desk, body: str) -> None:
    assert desk.client.post("/desk/intake/sync/", body, content_type="application/json").status_code == 400


def test_more_than_a_portion_is_refused_as_a_whole(desk: Desk) -> None:
    assert send(desk, *(record() for _ in range(51))).status_code == 400
    assert not Contact.objects.exists()


def test_key_is_of_one_colleague_and_one_device(desk: Desk) -> None:
    def key(client: Client, device: str) -> str:
        return str(client.get(f"/desk/intake/who/?device={device}").json()["key"])

    lead = client_of(make_user(desk.organisation, role=Role.LEAD), desk.organisation)
    keys = {key(desk.client, "a"), key(desk.client, "b"), key(lead, "a"), key(lead, "b")}
    assert len(keys) == 4
    assert key(desk.client, "a") in keys
    assert all(re.fullmatch(r"[0-9a-f]{64}", one) for one in keys)
    assert desk.client.get("/desk/intake/who/").status_code == 400


def test_page_that_a_device_keeps_names_nobody(desk: Desk) -> None:
    user = desk.agent.user
    user.name = "Samuel Beispiel"
    user.save()
    cache.clear()
    page = desk.client.get("/desk/intake/shell/").content.decode()
    assert "Samuel" in desk.client.get("/desk/intake/").content.decode()
    for own in ("Samuel", user.username, "csrf", 'name="key"'):
        assert own not in page


def test_worker_names_its_files_and_version(desk: Desk) -> None:
    answer = Client(headers={"host": desk.organisation.hosts.get().host}).get("/desk/intake/worker.js")
    assert answer.headers["Content-Type"] == "text/javascript"
    told = json.loads(answer.content.decode().partition("= ")[2].partition(";\n")[0])
    assert re.fullmatch(r"[0-9a-f]{16}", told["version"])
    assert "/static/js/intake/vault.js" in told["files"]
