"""Roads to a person. A folder for each carrier; what they have in common is here."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

from django.utils.functional import Promise as LazyText


class Sender(NamedTuple):
    """Who writes. `house` is the organisation's slug; mail of one that is only a demonstration never leaves."""

    house: str
    address: str
    name: str
    is_demo: bool


@dataclass(frozen=True, kw_only=True)
class Via:
    """The entry point of ours that a message goes out from: what carries it, as who, and how that is reached."""

    pk: int
    adapter: str
    address: str
    token: str
    options: Mapping[str, Any]
    secret: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Outbound:
    """One message to one address."""

    key: str  # names the message; the same when it is sent once more
    attempt: int = 1
    sender: Sender
    address: str
    language: str  # "" when not known
    subject: str
    body: str
    written_at: datetime
    answers: Literal["", "auto-replied", "auto-generated"] = ""  # "" when a person wrote it
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    via: Via | None = None
    is_public: bool = False
    contact_id: int = 0  # 0: of none, as mail to staff


class Field(NamedTuple):
    """Something that an adapter must be told by whoever sets it up. `secret`: kept sealed and never shown again.

    `most`: the largest number that it may be.
    """

    name: str
    label: "str | LazyText"
    kind: Literal["text", "password", "url", "number", "choice", "lines"] = "text"
    required: bool = True
    secret: bool = False
    choices: tuple[tuple[str, "str | LazyText"], ...] = ()
    help: "str | LazyText" = ""
    most: int | None = None


class Adapter(NamedTuple):
    """One way to carry a channel's messages. `address`: what an entry point of it is called, as "Mailbox"."""

    name: str
    channel: str
    label: "str | LazyText"
    address: Field
    fields: tuple[Field, ...] = ()
    how: "str | LazyText" = ""  # what else is to be done, told beside the form
    paths: tuple[tuple["str | LazyText", str], ...] = ()  # for the carrier or the site: "{site}/…/{token}/"
    faults: "Callable[[Mapping[str, Any]], Mapping[str, str | LazyText]]" = lambda given: {}  # by name of field


class DeliveryError(Exception):
    """A message that did not go out. `permanent`: trying again is of no use. `unsure`: it may have gone out after all.

    `down`: the carrier itself is out of reach, so the next message need not be tried now. `wait_s`: the carrier asks us
    to wait so long, which is no failed attempt.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool,
        unsure: bool = False,
        down: bool = False,
        wait_s: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.unsure = unsure
        self.down = down
        self.wait_s = wait_s


Send: TypeAlias = Callable[[Outbound], str]  # the carrier's id of the message, or a `DeliveryError`


class Carrier(Protocol):
    """What a channel offers: a connection that sends several messages one after the other."""

    def opened(self) -> AbstractContextManager[Send]:
        """A way to send, open until the block ends. Nothing is reached before the first message needs it."""
        ...
