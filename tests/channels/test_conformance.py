"""What every adapter must do, whatever road it takes. The adapters are in `adapters.py`, one line each."""

from collections.abc import Iterator

import pytest

from pharos.channels import DeliveryError, Sender
from pharos.channels.registry import CARRIERS
from pharos.models import Channel, Contact, Identity, Message, Organisation, Person, Submission
from tests.channels.adapters import INLETS, OUTLETS, Door, Outlet, Peer
from tests.factories import make_organisation

DEMO = Sender("demo", "help@demo.example.org", "Demo", is_demo=True)
# Persian with a joiner and a right-to-left mark, Armenian with its own marks, Chinese, and characters of two units.
MANY_SCRIPTS = "سلام، می\u200cخواهم\u200f بدانم ۱۲۳. Բարե՛ւ Ձեզ։ 您好，请帮助。 🆘👩‍👧 {name} <b>&amp;"

sending = pytest.mark.parametrize("name", sorted(OUTLETS))
taking = pytest.mark.parametrize("name", sorted(INLETS))


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


@pytest.fixture
def organisation(db: None) -> Organisation:
    """Whom people write to."""
    return make_organisation()


@pytest.fixture
def door(name: str, client, organisation) -> Door:
    """Where something comes in."""
    return INLETS[name](client, organisation)


def rows() -> dict[str, int]:
    """How much there is of all that a delivery may leave behind."""
    return {model.__name__: model.objects.count() for model in (Contact, Person, Identity, Message, Submission)}


def words() -> list[str]:
    """What people wrote to us, in the order in which it came."""
    came = Message.objects.filter(direction=Message.Direction.IN)
    return list(came.order_by("id").values_list("body", flat=True))


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


@taking
def test_delivery_becomes_a_contact(door, organisation):
    assert door.deliver("one", "Our ferry is cancelled.") < 300
    contact = Contact.objects.get()
    assert (contact.organisation, contact.channel) == (organisation, door.entry.channel)
    message = contact.messages.get(direction="in")
    assert (message.body, message.entry, bool(message.address)) == ("Our ferry is cancelled.", door.entry, True)


@taking
def test_words_are_kept_to_the_letter(door):
    assert door.deliver("one", MANY_SCRIPTS) < 300
    assert words() == [MANY_SCRIPTS]


@taking
def test_same_delivery_again_changes_nothing(door):
    door.deliver("one", "Our ferry is cancelled.")
    before = rows()
    for _ in range(3):
        assert door.deliver("one", "Our ferry is cancelled.") < 300
    assert rows() == before


@taking
def test_deliveries_five_times_and_out_of_order_are_kept_once_each(door):
    said = {"one": "Our ferry is cancelled.", "two": "We are three.", "three": "One of us is ill."}
    for key in ("two", "one", "two", "three", "one", "one", "three", "two", "two", "one", "three", "one", "two"):
        assert door.deliver(key, said[key]) < 300
    assert sorted(words()) == sorted(said.values())


@taking
def test_id_that_comes_again_with_other_words_is_refused_or_kept_apart(door):
    door.deliver("one", "Our ferry is cancelled.")
    door.deliver("one", "Something else.")
    assert "Our ferry is cancelled." in words()


@taking
def test_who_is_not_the_carrier_changes_nothing(door):
    before = rows()
    assert 400 <= door.forge("one", "Our ferry is cancelled.") < 500
    assert rows() == before


@taking
def test_empty_delivery_is_refused_and_changes_nothing(door):
    before = rows()
    assert 400 <= door.empty() < 500
    assert rows() == before


@taking
def test_message_without_words_is_kept(door):
    assert door.deliver("one", "") < 300
    assert words() == [""]


@taking
def test_delivery_stays_in_its_organisation(door, organisation):
    make_organisation()
    door.deliver("one", "Our ferry is cancelled.")
    assert {*Contact.objects.values_list("organisation", flat=True)} == {organisation.pk}
