"""Any carrier over HTTP: the request as its manual wants it, and its signed webhooks."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from pharos.channels import DeliveryError
from pharos.channels.registry import CARRIERS
from pharos.channels.sms import generic
from pharos.channels.sms.incoming import Incoming
from pharos.models import Channel, EntryPoint
from tests.channels import sms_peer
from tests.channels.sms_peer import AUTH, OURS, PERSON

VALUES = {
    "to": PERSON,
    "from": OURS,
    "text": 'Say "{from}"\n\\ سلام',
    "key": "m1.1",
    "report_url": "u",
    "language": "fa",
}
URL = "https://carrier.example.org/send"


@pytest.fixture
def peer(db, settings, tmp_path):
    with sms_peer.opened("sms_http")(settings, tmp_path) as one:
        yield one


def send(peer, **fields) -> str:
    with CARRIERS[Channel.SMS].opened() as hand_over:
        return hand_over(peer.outbound(**fields))


def test_request_is_signed_in_and_its_id_is_found(peer):
    assert send(peer, body="We call you at six.") == "id-1"
    path, headers, body = peer.requests.seen[0]
    assert (path, headers["authorization"], headers["content-type"]) == ("/send", AUTH, "application/json")
    sent = peer.sent(body)
    assert (sent["to"], sent["from"], sent["text"]) == (PERSON, OURS, "We call you at six.")
    assert f"/channels/sms/{peer.entry.token}/report/" in sent["report"]


@pytest.mark.parametrize("answer", [b"", b"OK", {"messages": []}, {"messages": [{"id": None}]}, [1], {"messages": 5}])
def test_answer_without_an_id_gives_ours(peer, answer):
    peer.requests.answer = lambda _: (200, answer)
    assert send(peer, key="m9", attempt=3) == "m9.3"


@pytest.mark.parametrize(
    ("status", "permanent", "unsure", "down"),
    [
        *((400, True, False, False), (422, True, False, False), (401, False, False, True), (429, False, False, True)),
        *((500, False, True, True), (503, False, False, True), (302, False, False, True)),
    ],
)
def test_answer_says_what_is_to_be_done(peer, status, permanent, unsure, down):
    peer.requests.answer = lambda _: (status, {})
    with pytest.raises(DeliveryError) as refused:
        send(peer)
    assert (refused.value.permanent, refused.value.unsure, refused.value.down) == (permanent, unsure, down)


def test_fields_are_filled_in_once_and_kept_apart():
    options = {"url": URL, "body": '{"a": ["{text}", 1, null, true], "{to}": {"b": "{from}/{to}"}}'}
    method, url, headers, content = generic.request(options, {}, VALUES)
    assert (method, url, headers) == ("POST", URL, {"content-type": "application/json"})
    assert json.loads(content) == {"a": [VALUES["text"], 1, None, True], "{to}": {"b": f"{OURS}/{PERSON}"}}


def test_fields_go_as_a_form():
    options = {
        "url": URL,
        "style": "form",
        "method": "put",
        "body": '{"t": "{text}", "n": ["1", "2"]}',
        "auth_header": "X-Key",
    }
    method, _url, headers, content = generic.request(options, {"auth": "k"}, VALUES)
    assert (method, headers["X-Key"]) == ("PUT", "k")
    assert parse_qs(content.decode()) == {"t": [VALUES["text"]], "n": ["1", "2"]}


def test_fields_go_in_the_address():
    method, url, _headers, content = generic.request({"url": URL + "?a=1", "method": "GET"}, {}, VALUES)
    assert (method, content) == ("GET", b"")
    assert parse_qs(urlsplit(url).query)["text"] == [VALUES["text"]]
    assert parse_qs(urlsplit(url).query)["a"] == ["1"]


@pytest.mark.parametrize("options", [{}, {"url": "ftp://a"}, {"url": URL, "body": "{"}, {"url": URL, "body": "[1]"}])
def test_settings_that_make_no_request_keep_the_text_waiting(peer, options):
    EntryPoint.objects.update(options=options)
    with pytest.raises(DeliveryError) as refused:
        send(peer)
    assert (refused.value.permanent, refused.value.down) == (False, True)
    assert EntryPoint.objects.get().failing_since


def test_names_of_fields_may_be_the_carriers_own():
    entry = EntryPoint(options={"id_field": "uid", "from_field": "msisdn", "text_field": "msg", "files_field": ""})
    came = generic.incoming(entry, {"uid": 7, "msisdn": PERSON, "msg": "سلام", "files": ["https://a", 5]})
    assert came == Incoming("7", PERSON, "سلام", ("https://a",))


@pytest.mark.parametrize(
    "fields", [{}, {"id": "a"}, {"from": PERSON}, {"id": ["a"], "from": PERSON}, {"id": "", "from": "x"}]
)
def test_what_is_no_text_is_none(fields):
    assert generic.incoming(EntryPoint(), fields) is None
