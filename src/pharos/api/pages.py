"""The API's own description: OpenAPI for programs, and one page for people."""

import copy
import json
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from pharos.api.respond import JSON
from pharos.api.service import api
from pharos.http.problems import CONTENT_TYPE, TITLES
from pharos.models import Incident
from pharos.queries.incidents import PUBLIC_STATES


class Answer(NamedTuple):
    """One good answer of a call, for the page."""

    status: str
    example: str


class Call(NamedTuple):
    """One call, for the page."""

    method: str
    path: str
    operation_id: str
    summary: str
    description: str
    parameters: list[dict[str, Any]]
    example: str
    answers: list[Answer]


class Error(NamedTuple):
    """One problem, for the page."""

    code: str
    status: int
    title: str


def openapi(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1, with one example body per call that works as it is."""
    return JsonResponse(_schema(request), json_dumps_params={"ensure_ascii": False})


def page(request: HttpRequest) -> HttpResponse:
    """Every call with its example, and every problem with its meaning."""
    calls = [
        _call(method, path, operation)
        for path, methods in _schema(request)["paths"].items()
        for method, operation in methods.items()
    ]
    errors = [Error(code, status, str(title)) for code, (status, title) in TITLES.items()]
    return render(request, "api/docs.html", {"calls": calls, "errors": errors})


@cache
def _described() -> dict[str, Any]:
    schema = dict(api.get_openapi_schema(path_prefix="/api/v1/"))
    for methods in schema["paths"].values():
        for operation in methods.values():
            operation["responses"] = {
                str(status): _as_sent(status, it) for status, it in operation["responses"].items()
            }
    return schema


def _as_sent(status: int, answer: dict[str, Any]) -> dict[str, Any]:
    """Problems go out with a media type of their own."""
    return answer | {"content": {CONTENT_TYPE: answer["content"][JSON]}} if status >= 400 else answer


def _schema(request: HttpRequest) -> dict[str, Any]:
    schema = copy.deepcopy(_described())
    example = schema["paths"]["/api/v1/contacts"]["post"]["requestBody"]["content"][JSON]["example"]
    example |= {"incident": _incident(request), "needed_by": str(timezone.now().date() + timedelta(days=5))}
    return schema


def _incident(request: HttpRequest) -> str:
    """An open incident of this host, so that the example can be sent as it is. Anyone may read it: none of our own."""
    organisation = getattr(request, "organisation", None)
    rows = Incident.objects.filter(organisation=organisation, state__in=PUBLIC_STATES, is_drill=False)
    return rows.order_by("-declared_at").values_list("slug", flat=True).first() or ""


def _call(method: str, path: str, operation: dict[str, Any]) -> Call:
    good = {status: answer for status, answer in operation["responses"].items() if status < "300"}
    return Call(
        method.upper(),
        path,
        operation["operationId"],
        operation["summary"],
        operation.get("description", ""),
        operation["parameters"],
        _example(operation.get("requestBody", {})),
        [Answer(status, _example(answer)) for status, answer in sorted(good.items(), reverse=True)],
    )


def _example(body: dict[str, Any]) -> str:
    shown = body.get("content", {}).get(JSON, {}).get("example")
    return json.dumps(shown, ensure_ascii=False, indent=2) if shown else ""
