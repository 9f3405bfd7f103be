"""Over the wire to and from an agent."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pharos.api import fields
from pharos.api.schemas import Incoming, Outgoing
from pharos.api.schemas_contacts import ContactOut

StatusCode = Literal["available", "break", "offline"]


class StatusIn(Incoming):
    """What an agent is about to do."""

    status: StatusCode


class ReplyIn(Incoming):
    """Words to the person."""

    text: Annotated[fields.Text, Field(min_length=1)]


class CloseIn(Incoming):
    """How it ended, and the summary that the person gets."""

    disposition: fields.Disposition
    summary: Annotated[fields.Text, Field(min_length=1)]


class IdentityIn(Incoming):
    """The code that the person told, or how else it is known who they are. One of the two."""

    code: Annotated[fields.Line40, Field(description="Six digits.")] = ""
    way: Annotated[
        Literal["", "booking", "called_back", "document"],
        Field(description="They knew the booking; you called the number known from before; they showed a document."),
    ] = ""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if bool(self.code) == bool(self.way):
            raise PydanticCustomError("one_of", "Send `code` or `way`.")
        return self


class AgentOut(Outgoing):
    """The agent whose token this is."""

    user: str
    status: StatusCode
    since: datetime | None
    contacts: list[str] = Field(description="References of what the agent has in hand.")


class OfferOut(Outgoing):
    """A contact that is put before the agent, and why it is next."""

    id: int
    reason: str
    index: float
    guard: bool
    offered_at: datetime
    expires_at: datetime
    contact: ContactOut


class CodeSentOut(Outgoing):
    """A code is on its way to the person."""

    sent_to: str = Field(description="Enough of the address for its owner to know it.")
    expires_at: datetime


class IdentityOut(Outgoing):
    """It was checked who the person is."""

    way: Literal["code", "page", "booking", "called_back", "document"]
    at: datetime
    holds_until: datetime
