"""What is wrong with a body, said in the caller's language and pointed at with JSON pointers."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, str | Promise] = {
    "missing": _("This is needed."),
    "string_type": _("Text is expected."),
    "string_too_long": _("This is longer than {max_length} characters."),
    "string_too_short": _("This is needed."),
    "too_long": _("No more than {max_length} are taken."),
    "too_large": _("The text is longer than {limit} characters."),
    "literal_error": _("One of these is expected: {expected}."),
    "bool_type": _("true or false is expected."),
    "list_type": _("A list is expected."),
    "model_type": _("An object is expected."),
    "model_attributes_type": _("An object is expected."),
    "int_parsing": _("A whole number is expected."),
    "int_from_float": _("A whole number is expected."),
    "greater_than_equal": _("At least {ge} is expected."),
    "less_than_equal": _("At most {le} is expected."),
    "email": _("This is not an email address."),
    "date_format": _("A date is written like 2026-03-17."),
    "no_such_day": _("There is no such day."),
    "time_zone": _("There is no such time zone; write it like Asia/Yerevan."),
    "unknown_code": _("There is no such code; there are: {known}."),
    "unknown_incident": _("There is no such incident."),
    "empty": _("Say what it is about: text, request_type, needs or danger."),
}
OTHER = _("This is not understood.")


def faults(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The validation's findings as they go out."""
    return [_fault(error) for error in errors]


def is_too_large(errors: Iterable[Mapping[str, Any]]) -> bool:
    """Whether something was refused for its size alone."""
    return any(error["type"] == "too_large" for error in errors)


def _fault(error: Mapping[str, Any]) -> dict[str, str]:
    source, *path = error["loc"]
    words = str(WORDS.get(error["type"], OTHER))
    detail = words.format(**{name: _listed(value) for name, value in error.get("ctx", {}).items()})
    if source == "body":
        return {"pointer": pointer(path[1:]), "detail": detail}
    return {"parameter": str(path[-1]) if path else str(source), "detail": detail}


def _listed(value: object) -> str:
    """Pydantic joins what it expects with an English word; codes alone need none."""
    return str(value).replace("' or '", "', '").replace("'", "")


def pointer(path: Iterable[object]) -> str:
    """A JSON pointer as a URI fragment, as RFC 9457 shows it: `#/person/email`."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
