"""How single values of a request are read: made safe where that loses nothing, refused where it would guess."""

import re
import zoneinfo
from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from pharos import content
from pharos.queries import identities

TEXT_MAX = 2**20
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)  # far from where dates cannot be moved between zones
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


def storable(value: Any) -> Any:
    """Text that every database takes: without NUL, and with a mark in place of half a character."""
    if not isinstance(value, str):
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value.replace("\x00", "")


def one_line(value: Any) -> Any:
    """Text on one line, without control characters; None is no text."""
    if value is None:
        return ""
    return _BREAKS.sub(" ", storable(value)).strip() if isinstance(value, str) else value


def _text(value: Any) -> Any:
    if isinstance(value, str) and len(value) > TEXT_MAX:
        raise PydanticCustomError("too_large", "The text is longer than {limit} characters.", {"limit": TEXT_MAX})
    return "" if value is None else storable(value)


def _email(value: str) -> str:
    if value and identities.email(value) is None:
        raise PydanticCustomError("email", "This is not an email address.")
    return value


def _date(value: Any) -> Any:
    if value is None or value == "" or isinstance(value, date):
        return value or None
    if not isinstance(value, str) or not _ISO_DATE.fullmatch(value):
        raise PydanticCustomError("date_format", "A date is written like 2026-03-17.")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("no_such_day", "There is no such day.") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise PydanticCustomError("no_such_day", "There is no such day.")
    return day


def _language(value: str) -> str:
    language = content.known_language(value)
    if value and value.lower().replace("_", "-").partition("-")[0] != language.partition("-")[0]:
        raise _unknown(content.LANGUAGES)
    return language if value else ""


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _time_zone(value: str) -> str:
    if value and value not in _time_zones():
        raise PydanticCustomError("time_zone", "There is no such time zone; write it like Asia/Yerevan.")
    return value


def _one_of(known: Collection[str]) -> AfterValidator:
    def check(value: str) -> str:
        if value and value not in known:
            raise _unknown(known)
        return value

    return AfterValidator(check)


def _unknown(known: Collection[str]) -> PydanticCustomError:
    return PydanticCustomError(
        "unknown_code", "There is no such code; there are: {known}.", {"known": ", ".join(known)}
    )


def _absent(default: Any) -> BeforeValidator:
    return BeforeValidator(lambda value: default if value is None else value)


def _or_null(**schema: Any) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": "string", **schema}, {"type": "null"}]})


_LINE = BeforeValidator(one_line)

Text = Annotated[str, BeforeValidator(_text), _or_null(maxLength=TEXT_MAX)]
Line40 = Annotated[str, StringConstraints(max_length=40), _LINE, _or_null(maxLength=40)]
Line60 = Annotated[str, StringConstraints(max_length=60), _LINE, _or_null(maxLength=60)]
Line300 = Annotated[str, StringConstraints(max_length=300), _LINE, _or_null(maxLength=300)]
Line200 = Annotated[str, StringConstraints(max_length=200), _LINE, _or_null(maxLength=200)]
Key = Annotated[str, StringConstraints(max_length=1000), _LINE, _or_null(maxLength=1000)]
Email = Annotated[
    str, StringConstraints(max_length=254), _LINE, AfterValidator(_email), _or_null(format="email", maxLength=254)
]
Day = Annotated[date | None, BeforeValidator(_date), _or_null(format="date")]
Language = Annotated[str, _LINE, AfterValidator(_language), _or_null(examples=list(content.LANGUAGES))]
TimeZone = Annotated[str, _LINE, AfterValidator(_time_zone), _or_null(examples=["Asia/Yerevan"])]
RequestType = Annotated[str, _LINE, _one_of(content.request_types()), _or_null(enum=["", *content.request_types()])]
MenuKey = Annotated[str, _LINE, _one_of(content.phone_menu()), _or_null(enum=["", *content.phone_menu()])]
NeedCode = Annotated[
    str, _LINE, _one_of(content.needs()), WithJsonSchema({"type": "string", "enum": [*content.needs()]})
]
Disposition = Annotated[
    str,
    _LINE,
    StringConstraints(min_length=1),
    _one_of(content.dispositions()),
    WithJsonSchema({"type": "string", "enum": [*content.dispositions()]}),
]
BASES = ("consent", "vital_interest", "legal_duty")
NeedsBasis = Annotated[
    Literal["consent", "vital_interest", "legal_duty"],
    _absent("consent"),
    WithJsonSchema({"anyOf": [{"type": "string", "enum": [*BASES]}, {"type": "null"}]}),
]
Flag = Annotated[bool, _absent(False), WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "null"}]})]
