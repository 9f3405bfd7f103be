"""Every adapter there is, one line each, with the carrier at its other end as a test plays it.

Whoever adds an adapter adds a line: to OUTLETS when it sends, to INLETS when something comes in by it.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pharos.channels import Outbound
from pharos.models import Channel
from tests.channels import mail_peer


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
}
