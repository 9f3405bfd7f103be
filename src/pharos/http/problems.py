"""What went wrong, for programs: RFC 9457 problem details in the caller's language."""

import json
from collections.abc import Mapping, Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CONTENT_TYPE = "application/problem+json"
DOCUMENTATION = "/api/v1/docs"
Words = str | Promise

TITLES: dict[str, tuple[int, Words]] = {
    "bad-request": (400, _("The request could not be read")),
    "unauthorized": (401, _("A valid token is needed")),
    "forbidden": (403, _("This token may not do this")),
    "not-found": (404, _("There is nothing here")),
    "method-not-allowed": (405, _("This address does not take this method")),
    "conflict": (409, _("The present state does not allow this")),
    "too-large": (413, _("The request is too large")),
    "unsupported-media-type": (415, _("Only JSON is understood")),
    "invalid": (422, _("Some of what was sent cannot be used")),
    "key-reused": (422, _("This key was used before for another request")),
    "too-many": (429, _("Too many requests")),
    "failed": (500, _("Something went wrong on our side")),
    "unavailable": (503, _("The service is not available for a moment")),
}
BY_STATUS = {status: code for code, (status, _title) in reversed(TITLES.items())}


def problem(
    request: HttpRequest,
    kind: str,
    /,
    *,
    detail: Words = "",
    errors: Sequence[Mapping[str, object]] = (),
    headers: Mapping[str, str] | None = None,
    **extra: object,
) -> HttpResponse:
    """One problem as a response; `errors` point into the body with JSON pointers."""
    status, title = TITLES[kind]
    body: dict[str, object] = {
        "type": f"{DOCUMENTATION}#{kind}",
        "title": str(title),
        "status": status,
        "detail": str(detail or title),
        "instance": request.path,
        **extra,
    }
    if errors:
        body["errors"] = list(errors)
    return HttpResponse(json.dumps(body), status=status, content_type=CONTENT_TYPE, headers=headers)


def problem_of_status(request: HttpRequest, status: int) -> HttpResponse:
    """A problem that is told by its status alone."""
    return problem(request, BY_STATUS.get(status, "failed" if status >= 500 else "bad-request"))
