"""The frame around the set-up pages."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pharos.actions.errors import Refused
from pharos.http.context import Link

PAGES = (
    ("set_up", _("Overview")),
    ("set_up_organisation", _("Organisation")),
    ("people", _("People")),
    ("queues", _("Queues and skills")),
    ("hours", _("Opening hours")),
    ("rules", _("Rules")),
    ("register", _("What people need")),
    ("entries", _("Channels")),
    ("connections", _("Other systems")),
    ("mail", _("Mail")),
)


def set_up_page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, at: str, status: int = 200
) -> HttpResponse:
    """A page of set-up, with the way to the others beside it; `at` is the one it belongs to."""
    links = [Link(str(label), reverse(name), name == at) for name, label in PAGES]
    return render(request, template, {"set_up_nav": links, **(context or {})}, status=status)


def told_refused(request: HttpRequest, refused: Refused) -> None:
    """Say on the next page why nothing was changed."""
    messages.error(request, str(refused.message))
