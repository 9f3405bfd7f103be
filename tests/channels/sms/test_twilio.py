"""What goes to Twilio, what it says, and how we know that it is Twilio that calls."""

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict

from pharos.channels import DeliveryError
from pharos.channels.registry import CARRIERS
from pharos.channels.sms import twilio
from pharos.models import Channel, EntryPoint, OptOut
from tests.channels import sms_peer
from tests.channels.sms_peer import ACCOUNT, OURS, PERSON, TOKEN

# The example in the carrier's own manual.
EXAMPLE_URL = "https://example.com/myapp.php?foo=1&bar=2"
EXAMPLE = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "Digits": "1234",
    "From": "+14158675310",
    "To": "+18005551212",
}
EXAMPLE_TOKEN, EXAMPLE_SIGNATURE = "12345", "L/OH5YylLD5NRKLltdqwSvS0BnU="


@pytest.fixture
def peer(db, settings, tmp_path):
    with sms_peer.opened("twilio")(settings, tmp_path) as one:
        yield one


def send(peer, **fields) -> str:
    with CARRIERS[Channel.SMS].opened() as hand_over:
        return hand_over(peer.outbound(**fields))


def refusal(peer, **fields) -> DeliveryError:
    with pytest.raises(DeliveryError) as refused:
        send(peer, **fields)
    return refused.value


def form(fields) -> QueryDict:
    made = QueryDict(mutable=True)
    made.update(fields)
    return made


def entry(token: str = TOKEN) -> EntryPoint:
    return EntryPoint(secret={"auth_token": token})


def signature(text: str, token: str = TOKEN) -> str:
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def test_request_is_what_the_carrier_asks_for(peer):
    assert send(peer, key="m7", attempt=2, body="Սպասեք մեզ") == f"SM{1:032x}"
    path, headers, body = peer.requests.seen[0]
    assert path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert headers["authorization"] == "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    sent = peer.sent(body)
    assert (sent["to"], sent["from"], sent["text"]) == (PERSON, OURS, "Սպասեք մեզ")
    where = urlsplit(sent["report"])
    assert where.path.startswith(f"/channels/sms/{peer.entry.token}/report/m7.2")


def test_messaging_service_and_key_are_used_when_they_are_set(peer):
    peer.entry.options |= {"messaging_service_sid": "MG1", "api_key_sid": "SK1"}
    peer.entry.secret |= {"api_key_secret": "nine-oars"}
    peer.entry.save()
    send(peer)
    _path, headers, body = peer.requests.seen[0]
    assert b"MessagingServiceSid=MG1" in body
    assert b"From=" not in body
    assert headers["authorization"] == "Basic " + base64.b64encode(b"SK1:nine-oars").decode()


def test_number_goes_out_without_spaces(peer):
    EntryPoint.objects.update(address="+374 10 123-456")
    send(peer)
    assert peer.sent(peer.requests.seen[0][2])["from"] == OURS


@pytest.mark.parametrize(
    ("status", "said", "permanent", "unsure", "down"),
    [
        (400, {"code": 21211}, True, False, False),
        (400, {"code": 21610}, True, False, False),
        (400, {"code": 21614}, True, False, False),
        (400, {"code": 21611}, False, False, False),
        (400, {"code": 21606}, False, False, True),  # our own number is wrong: theirs is not to blame
        (400, {"code": 99999}, True, False, False),
        (401, {"code": 20003}, False, False, True),
        (403, {}, False, False, True),
        (404, {"code": 20404}, False, False, True),
        (429, {"code": 20429}, False, False, False),
        (429, {}, False, False, True),
        (500, b"oops", False, True, True),
        (503, {"code": 20503}, False, False, True),
        (302, b"", False, True, True),
        (200, b"<html>", False, True, True),
        (201, {"status": "queued"}, False, True, True),
        (201, [1], False, True, True),
    ],
)
def test_answer_says_what_is_to_be_done(peer, status, said, permanent, unsure, down):
    peer.requests.answer = lambda _: (status, said)
    error = refusal(peer)
    assert (error.permanent, error.unsure, error.down) == (permanent, unsure, down)


def test_carrier_that_is_not_there_is_seen_at_the_number_until_it_is_back(peer):
    url = peer.entry.options["base_url"]
    EntryPoint.objects.update(options={**peer.entry.options, "base_url": "http://127.0.0.1:1"})
    error = refusal(peer)
    assert (error.permanent, error.unsure, error.down) == (False, False, True)
    assert EntryPoint.objects.get().failing_since
    EntryPoint.objects.update(options={**peer.entry.options, "base_url": url})
    send(peer)
    assert (EntryPoint.objects.get().failing_since, EntryPoint.objects.get().failure) == (None, "")


def test_carrier_is_not_sought_inside(peer, settings):
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"webhook_networks": []})
    assert "no public address" in refusal(peer).reason
    assert peer.requests.seen == []


def test_number_that_stopped_at_the_carrier_gets_no_more(peer):
    peer.requests.answer = lambda _: (400, {"code": 21610, "message": "unsubscribed"})
    assert refusal(peer).permanent
    assert OptOut.objects.get().address == PERSON
    assert refusal(peer).reason == "the person wants no more texts"
    assert len(peer.requests.seen) == 1


def test_text_without_a_number_of_ours_waits_for_one(peer):
    assert not refusal(peer, via=None).permanent
    EntryPoint.objects.all().delete()
    assert not refusal(peer).permanent


def test_signature_is_that_of_the_manual():
    assert twilio.is_signed(entry(EXAMPLE_TOKEN), [EXAMPLE_URL], form(EXAMPLE), EXAMPLE_SIGNATURE)


@pytest.mark.parametrize(
    "url",
    [
        "https://help.example.org/in/?a=b",
        "https://help.example.org:443/in/?a=b",
        "https://help.example.org:8443/in/",
        "http://help.example.org:80/in/",
        "http://[2001:db8::1]:8000/in/",
    ],
)
def test_signature_holds_with_the_port_written_out_or_not(url):
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    short = host if port in {443, 80} else f"{host}:{port}"
    for way in (f"{host}:{port}", short):
        text = parts._replace(netloc=way).geturl()
        assert twilio.is_signed(entry(), [url], form({}), signature(text))


def test_signature_is_over_every_value_of_a_name():
    given = QueryDict("To=b&To=a&To=b&From=%2B1&Body=%D8%B3")
    assert twilio.is_signed(
        entry(), ["https://a.example.org/"], given, signature("https://a.example.org/BodyسFrom+1ToaTob")
    )


@pytest.mark.parametrize(
    "change",
    [
        {"token": "other"},
        {"url": "https://b.example.org/"},
        {"fields": {"Body": "b"}},
        {"signature": ""},
        {"signature": "é"},
    ],
    ids=lambda one: next(iter(one)),
)
def test_signature_of_anything_else_is_none(change):
    url = "https://a.example.org/"
    given = {"token": TOKEN, "url": url, "fields": {"Body": "a"}, "signature": signature(url + "Bodya"), **change}
    assert not twilio.is_signed(entry(given["token"]), [given["url"]], form(given["fields"]), given["signature"])


def test_number_without_a_token_believes_nobody():
    url = "https://a.example.org/"
    assert not twilio.is_signed(entry(""), [url], form({}), signature(url, ""))


def test_codes_are_passing_or_permanent_and_never_both_ours_and_permanent():
    assert not [code for code, known in twilio.CODES.items() if known.ours and known.permanent]
    assert {code for code, known in twilio.CODES.items() if known.permanent} >= {
        21211,
        21610,
        21614,
        30004,
        30005,
        30006,
    }
    assert not {30001, 30003, 30008} & {code for code, known in twilio.CODES.items() if known.permanent}
