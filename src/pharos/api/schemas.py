"""What goes over the wire: what every body has, and what went wrong."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ModelWrapValidatorHandler, PrivateAttr, model_validator

from pharos.api import fields

LISTED_MAX = 10_000
LISTED = 100


class Incoming(BaseModel):
    """A body that we read. A field that we do not know is left out and named in the answer: it costs nobody a place."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", strict=True)
    _unknown: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="wrap")
    @classmethod
    def _note_unknown(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        model = handler(data)
        if isinstance(data, Mapping):
            model._unknown = tuple(str(fields.storable(key)) for key in data if key not in cls.model_fields)
        return model

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names that were sent and are none of ours."""
        return self._unknown


class Outgoing(BaseModel):
    """A body that we write."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)


class FaultOut(Outgoing):
    """One thing wrong with what was sent: where, as a JSON pointer into the body, and what."""

    pointer: str | None = None
    parameter: str | None = None
    detail: str


class ProblemOut(Outgoing):
    """What went wrong (RFC 9457), in the caller's language."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str | None = Field(None, description="Why the state does not allow it, for programs.")
    errors: list[FaultOut] = []
