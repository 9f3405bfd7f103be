"""What every carrier must do, whatever road it takes."""

import pytest

from pharos.channels import DeliveryError, Sender
from pharos.channels.registry import CARRIERS
from tests.channels.conftest import outbound

pytestmark = pytest.mark.parametrize("channel", sorted(CARRIERS))
DEMO = Sender("demo", "help@demo.example.org", "Demo", is_demo=True)


def test_carrier_that_sends_nothing_reaches_nothing(channel, smtp, outbox):
    with CARRIERS[channel].opened():
        pass
    assert smtp.connections == 0
    assert not outbox.exists()


def test_carrier_gives_an_id_that_is_the_same_when_sent_once_more(channel, outbox):
    with CARRIERS[channel].opened() as send:
        ids = [send(outbound(key=key)) for key in ("m1", "m1", "m2")]
    assert ids[0] == ids[1] != ids[2]
    assert all(0 < len(id_) <= 255 for id_ in ids)


def test_carrier_refuses_for_good_what_is_no_address(channel, outbox):
    with CARRIERS[channel].opened() as send, pytest.raises(DeliveryError) as refused:
        send(outbound(address="nobody\r\nBcc: all@example.org"))
    assert refused.value.permanent


def test_carrier_never_sends_for_a_demonstration(channel, smtp, outbox):
    with CARRIERS[channel].opened() as send:
        send(outbound(sender=DEMO))
    assert smtp.connections == 0
    assert len(list(outbox.iterdir())) == 1
