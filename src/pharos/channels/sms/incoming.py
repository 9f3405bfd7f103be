"""A text that came, whatever carrier brought it."""

from dataclasses import dataclass
from typing import NamedTuple

from pharos.channels import DeliveryError


@dataclass(frozen=True)
class Incoming:
    """A text as its carrier brought it. `files`: where the carrier keeps what came along."""

    key: str
    sender: str
    text: str
    files: tuple[str, ...]


class Unwanted(DeliveryError):
    """The carrier knows that this number wants no texts."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, permanent=True)


class Why(NamedTuple):
    """Why a text did not arrive. `permanent`: trying again is of no use."""

    said: str
    permanent: bool
    is_unwanted: bool = False


class Report(NamedTuple):
    """What a carrier says of a text that it took: the state in its own word, its id, and what went wrong."""

    state: str
    carrier_id: str
    why: Why
