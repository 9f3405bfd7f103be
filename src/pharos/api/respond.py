"""Answers of the API, and what its page says of them."""

from typing import Any

from django.http import HttpResponse
from pydantic import BaseModel

from pharos.api import schemas

JSON = "application/json"
PROBLEMS: dict[int, Any] = dict.fromkeys((401, 403, 404, 405, 429, 500, 503), schemas.ProblemOut)
STATE_PROBLEMS: dict[int, Any] = PROBLEMS | {409: schemas.ProblemOut}
BODY_PROBLEMS: dict[int, Any] = PROBLEMS | dict.fromkeys((400, 413, 415, 422), schemas.ProblemOut)


def respond(body: BaseModel, *, status: int = 200) -> HttpResponse:
    """An object as JSON, times in RFC 3339."""
    return HttpResponse(body.model_dump_json(), status=status, content_type=JSON)


def examples(*, answer: dict[str, Any], status: int = 200, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """A call's example body and example answer, for the OpenAPI page."""
    shown: dict[str, Any] = {"responses": {status: {"content": {JSON: {"example": answer}}}}}
    return shown | ({"requestBody": {"content": {JSON: {"example": body}}}} if body else {})
