"""A bridge to any other network: what it may bring, and what it is told."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pharos.channels.social import bridge
from pharos.models import Contact, ContactEvent, EntryPoint, Message, Organisation, Post
from tests.channels.social.conftest import send
from tests.channels.social_peers import KEY, Bridge, served

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(inside: None) -> Iterator[Bridge]:
    with served() as server:
        yield server


@pytest.fixture
def entry(organisation: Organisation, other: Bridge) -> EntryPoint:
    return EntryPoint.objects.create(
        organisation=organisation,
        channel="social",
        adapter="social_http",
        address="@help",
        token="bridge-token",
        options={"url": other.url},
        secret={"key": KEY},
        created_at=timezone.now(),
    )


def mention(**fields: Any) -> dict[str, Any]:
    return {
        "id": "at://did/post/1",
        "network": "bluesky",
        "from": {"handle": "@ani.example", "name": "Ani"},
        "text": "My ferry is cancelled",
        "public": True,
        **fields,
    }


def bring(
    client: Client, body: object, *, key: str = KEY, at: datetime | None = None, **headers: str
) -> tuple[int, dict[str, Any]]:
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    moment = (at or timezone.now()).timestamp()
    signed = bridge.signed({"key": key}, message_id="d1", payload=payload, at_s=moment) | headers
    answer = client.post("/channels/social/bridge-token/", payload, content_type="application/json", headers=signed)
    return answer.status_code, answer.json()


def test_public_mention_is_kept_and_answered_once_in_public(client: Client, entry: EntryPoint, other: Bridge) -> None:
    assert bring(client, mention()) == (202, {"taken": "new"})
    assert bring(client, mention()) == (200, {"taken": "again"})
    assert bring(client, mention(id="at://did/post/2", text="Hello?")) == (202, {"taken": "joined"})
    contact = Contact.objects.get()
    assert contact.person.identities.get().value == "bluesky:@ani.example"
    assert Message.objects.filter(is_public=True, direction="in").count() == 2
    send(timezone.now())
    answer = next(one for one in other.told if one["type"] == "answer")
    assert (answer["to"], answer["in_reply_to"]) == ("bluesky:@ani.example", "at://did/post/1")
    assert "/request/" in answer["text"]
    assert [one["type"] for one in other.told].count("answer") == 1
    assert all(one["to"] == "bluesky:@ani.example" for one in other.told)


def test_what_we_tell_is_signed_and_direct(client: Client, entry: EntryPoint, other: Bridge) -> None:
    other.answer = b'{"id": "theirs-1"}'
    bring(client, mention(public=False))
    send(timezone.now())
    ((headers, payload),) = other.came
    assert bridge.is_signed({"key": KEY}, headers, payload, now=timezone.now())
    assert (other.told[0]["type"], other.told[0]["in_reply_to"]) == ("direct", "at://did/post/1")
    assert Message.objects.get(direction="out").carrier_id == "theirs-1"
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    "spoil",
    [{"key": "another-shared-key-0"}, {"key": ""}, {"webhook-signature": "v1,AAAA"}, {"webhook-signature": ""}],
)
def test_bad_signature_is_refused(client: Client, entry: EntryPoint, spoil: dict[str, str]) -> None:
    status, _body = bring(client, mention(), at=None, **spoil)
    assert status == 401
    assert not Contact.objects.exists()


@pytest.mark.parametrize("seconds", [-301, 360])  # time goes on while it is asked
def test_old_signature_is_refused(client: Client, entry: EntryPoint, seconds: int) -> None:
    moment = datetime.fromtimestamp(timezone.now().timestamp() + seconds, tz=timezone.get_current_timezone())
    assert bring(client, mention(), at=moment)[0] == 401


def test_entry_without_a_key_takes_nothing(client: Client, entry: EntryPoint) -> None:
    EntryPoint.objects.update(secret={})
    assert bring(client, mention(), key="")[0] == 401


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"{", ""),
        (b"[]", ""),
        (mention(network="Blue Sky"), "/network"),
        (mention(public="perhaps"), "/public"),
        (mention(**{"from": {"handle": ""}}), "/from/handle"),
        (mention(id=""), "/id"),
    ],
)
def test_what_cannot_be_used_is_said_to_be_so(client: Client, entry: EntryPoint, body: Any, pointer: str) -> None:
    status, problem = bring(client, body)
    assert (status, problem["errors"][0]["pointer"].rstrip("/")) == (422, pointer)
    assert not Contact.objects.exists()


def test_body_that_is_too_long_is_not_read(client: Client, entry: EntryPoint) -> None:
    assert bring(client, b" " * (256 * 1024 + 1))[0] == 413


def test_other_words_under_the_same_id_are_refused(client: Client, entry: EntryPoint) -> None:
    bring(client, mention())
    assert bring(client, mention(text="Other words"))[0] == 422
    assert bring(client, mention(text="Other words", edited_at="2026-03-10T12:00:00Z"))[1] == {"taken": "joined"}
    assert Contact.objects.count() == 1


def test_many_scripts_and_odd_characters(client: Client, entry: EntryPoint) -> None:
    text = "سلام\u200f ۱۲۳ Բարե՛ւ 您好 🆘 \0 <b>"
    assert bring(client, mention(text=text))[0] == 202
    assert Message.objects.get(direction="in").body == text.replace("\0", "")


def test_deletion_is_noted(client: Client, entry: EntryPoint) -> None:
    bring(client, mention())
    stranger = {"handle": "@stranger.example"}
    assert bring(client, mention(deleted=True, **{"from": stranger})) == (200, {"taken": "unknown"})
    assert bring(client, mention(deleted=True)) == (200, {"taken": "deleted"})
    assert ContactEvent.objects.filter(code="post_deleted").count() == 1


def test_automatic_post_is_kept_and_not_answered(client: Client, entry: EntryPoint, other: Bridge) -> None:
    bring(client, mention(automatic=True))
    send(timezone.now())
    assert (Contact.objects.count(), other.told) == (1, [])


def test_unknown_or_switched_off_entry_is_not_there(client: Client, entry: EntryPoint) -> None:
    EntryPoint.objects.update(is_on=False)
    assert bring(client, mention())[0] == 404
    assert client.get("/channels/social/bridge-token/").status_code == 405


@pytest.mark.parametrize(("status", "state"), [(422, "failed"), (500, "queued"), (401, "queued"), (429, "queued")])
def test_refusals_of_the_bridge(client: Client, entry: EntryPoint, other: Bridge, status: int, state: str) -> None:
    bring(client, mention(public=False))
    other.says, other.headers = status, {"Retry-After": "30"}
    send(timezone.now())
    message = Message.objects.get(direction="out")
    assert (message.state, message.failure) == (state, f"HTTP {status} from the bridge")
    assert message.attempts == (0 if status == 429 else 1)
