"""An update on our public accounts: where it goes, how it reads there, and what became of it."""

from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from pharos.actions import delivery
from pharos.actions import posts as actions
from pharos.actions.errors import Refused
from pharos.channels.registry import ADAPTERS
from pharos.http.guards import incident_or_404, lead_required, user_of
from pharos.http.reader import Reader, reader_of
from pharos.models import Advisory, EntryPoint, Incident, Post
from pharos.queries import posts
from pharos.queries.alarms import language_name
from pharos.supervisor.frame import told_refused

UNDER_WAY: Final = (Post.State.QUEUED, Post.State.SENDING)


@never_cache
@lead_required
def update_posts(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Choose accounts for a published update, with the words as they will stand there."""
    incident, row = _update_or_404(request, slug, pk)
    if request.method == "POST":
        return _publish(request, incident, row)
    reader = reader_of(request)
    made = posts.of_update(row)
    there = {one.entry_id for one in made}
    context = {
        "incident": incident,
        "update": row,
        "stays": incident.is_drill or incident.organisation.is_demo,
        "can_post": row.state == Advisory.State.PUBLISHED,
        "accounts": [_account(one, row) for one in posts.accounts(incident.organisation) if one.pk not in there],
        "posts": [_shown(one, reader) for one in made],
    }
    return render(request, "supervisor/incident_posts.html", context)


@require_POST
@lead_required
def post_again(request: HttpRequest, slug: str, pk: int, post: int) -> HttpResponse:
    """Try a post once more that did not go out."""
    _incident, row = _update_or_404(request, slug, pk)
    found = get_object_or_404(Post.objects.select_related("advisory"), advisory=row, pk=post)
    if delivery.send_again(mail=found, by=user_of(request), now=timezone.now()):
        messages.success(request, _("It goes out again."))
    return redirect("incident_posts", slug=slug, pk=pk)


def _publish(request: HttpRequest, incident: Incident, row: Advisory) -> HttpResponse:
    chosen = [int(one) for one in request.POST.getlist("account") if one.isdecimal()]
    entries = [one for one in posts.accounts(incident.organisation) if one.pk in chosen]
    try:
        count = actions.publish(advisory=row, entries=entries, by=user_of(request), now=timezone.now())
    except Refused as refused:
        told_refused(request, refused)
    else:
        number = reader_of(request).number(count)
        said = ngettext("On its way to %(number)s account.", "On its way to %(number)s accounts.", count)
        messages.success(request, said % {"number": number})
    return redirect("incident_posts", slug=incident.slug, pk=row.pk)


def _update_or_404(request: HttpRequest, slug: str, pk: int) -> tuple[Incident, Advisory]:
    incident = incident_or_404(request, slug)
    row = get_object_or_404(Advisory.objects.exclude(state=Advisory.State.DRAFT), incident=incident, pk=pk)
    row.incident = incident
    return incident, row


def _account(entry: EntryPoint, row: Advisory) -> dict[str, Any]:
    language = posts.language_of(entry)
    return {
        "pk": entry.pk,
        "name": entry.address,
        "kind": ADAPTERS[entry.adapter].label if entry.adapter in ADAPTERS else entry.adapter,
        "language": language,
        "language_name": language_name(language),
        "text": posts.update_text(row, entry),
    }


def _shown(post: Post, reader: Reader) -> dict[str, Any]:
    return {
        "pk": post.pk,
        "account": post.account,
        "text": post.body,
        "language": post.language,
        "at": reader.moment(_at(post)),
        "state": _state(post),
        "failure": post.failure if post.state == Post.State.FAILED or post.state in UNDER_WAY else "",
        "doubt": _doubt(post),
        "failed": post.state == Post.State.FAILED,
        "sent": post.state == Post.State.SENT,
    }


def _at(post: Post) -> datetime:
    return post.settled_at or post.created_at


def _state(post: Post) -> str:
    if post.state in UNDER_WAY:
        return _("On its way")
    return {
        Post.State.SENT: _("Posted"),
        Post.State.FAILED: _("Did not go out"),
        Post.State.KEPT: _("Kept here: nothing leaves in a drill or a demonstration"),
    }[Post.State(post.state)]


def _doubt(post: Post) -> str:
    """What nobody can tell from here; blank when all is clear."""
    if not post.maybe_twice:
        return ""
    if post.state == Post.State.FAILED:
        return _("It may be out after all: look at the account before you send it again.")
    return _("It may have gone out twice.")
