"""Every adapter there is, one line each, with the carrier at its other end as a test plays it.

Whoever adds an adapter adds a line: to OUTLETS when it sends, to INLETS when something comes in by it.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from django.test import Client

from pharos.channels import Outbound
from pharos.models import Channel, EntryPoint, Organisation
from tests.channels import mail_peer, sms_peer, social_peers


class Peer(Protocol):
    """A carrier that takes what we send."""

    nowhere: str  # an address that this carrier could never have

    def outbound(self, **fields: Any) -> Outbound:
        """A message over this carrier, to somebody whom it reaches."""

    def refuse(self, *, permanent: bool) -> None:
        """From now on it says no: for good, or for now."""

    def texts(self) -> list[str]:
        """The words that it took, in the order in which they came."""


@dataclass(frozen=True)
class Outlet:
    """One adapter that sends: its channel, and its carrier (given pytest's `settings` and a folder)."""

    channel: Channel
    peer: Callable[[Any, Path], AbstractContextManager[Peer]]
    keeps_ids: bool = True  # the id of a message is ours, and so the same when it is sent once more


OUTLETS: Mapping[str, Outlet] = {
    "email": Outlet(Channel.EMAIL, mail_peer.opened),
    "twilio": Outlet(Channel.SMS, sms_peer.opened("twilio"), keeps_ids=False),
    "sms_http": Outlet(Channel.SMS, sms_peer.opened("sms_http"), keeps_ids=False),
    "mastodon": Outlet(Channel.SOCIAL, social_peers.mastodon),
    "social_http": Outlet(Channel.SOCIAL, social_peers.bridge),
}


class Door(Protocol):
    """An entry point of ours, and the carrier that delivers into it. Each call gives the HTTP status of our answer.

    What is not brought over HTTP answers as if it were: 200 taken, 4xx refused and never to be sent again.
    """

    entry: EntryPoint

    def deliver(self, key: str, text: str) -> int:
        """A message of a person, always the same one, under the id that the carrier gives it."""

    def forge(self, key: str, text: str) -> int:
        """The same by somebody who is not the carrier."""

    def empty(self) -> int:
        """A delivery with nothing in it, by the carrier itself."""


INLETS: Mapping[str, Callable[[Client, Organisation], Door]] = {
    "twilio": partial(sms_peer.SmsDoor, "twilio"),
    "sms_http": partial(sms_peer.SmsDoor, "sms_http"),
    "social_http": social_peers.BridgeDoor,
}
