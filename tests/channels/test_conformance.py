"""What every adapter must do, whatever road it takes. The adapters are in `adapters.py`, one line each."""

from collections.abc import Iterator

import pytest

from pharos.channels import DeliveryError, Sender
from pharos.channels.registry import CARRIERS
from pharos.models import Channel
from tests.channels.adapters import OUTLETS, Outlet, Peer

DEMO = Sender("demo", "help@demo.example.org", "Demo", is_demo=True)
# Persian with a joiner and a right-to-left mark, Armenian with its own marks, Chinese, and characters of two units.
MANY_SCRIPTS = "سلام، می\u200cخواهم\u200f بدانم ۱۲۳. Բարե՛ւ Ձեզ։ 您好，请帮助。 🆘👩‍👧 {name} <b>&amp;"

sending = pytest.mark.parametrize("name", sorted(OUTLETS))


@pytest.fixture
def outlet(name: str) -> Outlet:
    """The adapter whose turn it is."""
    return OUTLETS[name]


@pytest.fixture
def peer(outlet: Outlet, db: None, settings, tmp_path) -> Iterator[Peer]:
    """Its carrier."""
    with outlet.peer(settings, tmp_path) as one:
        yield one


def refusal(outlet: Outlet, peer: Peer, **fields) -> DeliveryError:
    with CARRIERS[outlet.channel].opened() as send, pytest.raises(DeliveryError) as refused:
        send(peer.outbound(**fields))
    return refused.value


def test_every_carrier_is_held_to_this():
    assert {outlet.channel for outlet in OUTLETS.values()} == {Channel(channel) for channel in CARRIERS}


@sending
def test_message_arrives_as_it_was_written(outlet, peer):
    with CARRIERS[outlet.channel].opened() as send:
        send(peer.outbound(body=MANY_SCRIPTS, language="fa"))
    assert peer.texts() == [MANY_SCRIPTS]


@sending
def test_messages_arrive_in_order_over_one_connection(outlet, peer):
    with CARRIERS[outlet.channel].opened() as send:
        ids = [send(peer.outbound(key=f"m{number}", body=f"Message {number}")) for number in range(5)]
    assert peer.texts() == [f"Message {number}" for number in range(5)]
    assert len(set(ids)) == 5
    assert all(0 < len(id_) <= 255 for id_ in ids)


@sending
def test_id_is_the_same_when_sent_once_more(outlet, peer):
    with CARRIERS[outlet.channel].opened() as send:
        ids = [send(peer.outbound(key="m1")) for _ in range(2)]
    assert (ids[0] == ids[1]) == outlet.keeps_ids


@sending
def test_nothing_is_reached_before_there_is_a_message(outlet, peer):
    with CARRIERS[outlet.channel].opened():
        pass
    assert peer.texts() == []


@sending
@pytest.mark.parametrize("permanent", [True, False], ids=["for good", "for now"])
def test_refusal_says_whether_it_is_for_good(outlet, peer, permanent):
    peer.refuse(permanent=permanent)
    error = refusal(outlet, peer)
    assert (error.permanent, error.unsure, bool(error.reason)) == (permanent, False, True)
    assert peer.texts() == []


@sending
def test_refusal_says_nothing_of_the_words(outlet, peer):
    peer.refuse(permanent=True)
    assert "lantern" not in refusal(outlet, peer, body="lantern").reason


@sending
def test_what_is_no_address_is_refused_for_good(outlet, peer):
    assert refusal(outlet, peer, address=peer.nowhere).permanent
    assert peer.texts() == []


@sending
def test_demonstration_never_leaves(outlet, peer):
    with CARRIERS[outlet.channel].opened() as send:
        assert send(peer.outbound(sender=DEMO))
    assert peer.texts() == []
