"""Queues and skills, and which request goes where."""

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pharos import content
from pharos.actions import queues as actions
from pharos.actions.errors import Refused
from pharos.http.guards import admin_required, organisation_of
from pharos.models import Organisation, Queue, Skill
from pharos.queries import staff
from pharos.supervisor.forms.queues import NamesForm, QueueForm, RoutesForm, SkillForm
from pharos.supervisor.frame import set_up_page, told_refused

MOST_NAMED = 10


@admin_required
def queues(request: HttpRequest) -> HttpResponse:
    """All queues with their skills, and where each kind of request goes."""
    organisation = organisation_of(request)
    rows = list(organisation.queues.select_related("skill").order_by("-is_default", "id"))
    form = RoutesForm(request.POST or None, queues=rows, language=request.LANGUAGE_CODE)
    if request.method == "POST" and form.is_valid():
        try:
            actions.route(
                organisation=organisation, default=form.default_queue(), routes=form.routes(), now=timezone.now()
            )
        except Refused as refused:
            told_refused(request, refused)
        else:
            messages.success(request, _("Saved. It holds for requests that come from now on."))
        return redirect("queues")
    context = {"queues": [_row(queue) for queue in rows], "skills": _skills(organisation), "form": form}
    return set_up_page(request, "setup/queues.html", context, at="queues", status=422 if form.errors else 200)


def _row(queue: Queue) -> dict[str, object]:
    types = content.request_types()
    return {"queue": queue, "request_types": [types[code].name for code in queue.request_types if code in types]}


def _skills(organisation: Organisation) -> list[Skill]:
    return list(organisation.skills.annotate(people=Count("agents")).order_by("id"))


@admin_required
def queue_add(request: HttpRequest) -> HttpResponse:
    """A new queue."""
    organisation = organisation_of(request)
    form = _queue_form(request, organisation, None)
    if request.method == "POST" and form.is_valid():
        names, skill = form.cleaned_data["names"], form.skill_chosen()
        try:
            asks = form.asks()
            added = actions.add_queue(organisation=organisation, names=names, skill=skill, now=timezone.now(), **asks)
        except Refused as refused:
            form.add_error("names", str(refused.message))
        else:
            messages.success(request, _("The queue is there. Now say which requests go to it."))
            _warn(request, added)
            return redirect("queues")
    return _form_page(request, form, queue=None)


@admin_required
def queue(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a queue, or let agents with another skill answer it."""
    organisation = organisation_of(request)
    found = get_object_or_404(_queues(organisation), pk=pk)
    form = _queue_form(request, organisation, found)
    skill = form.skill_chosen() if request.method == "POST" and form.is_valid() else None
    if skill:
        try:
            names = form.cleaned_data["names"]
            actions.change_queue(queue=found, names=names, skill=skill, now=timezone.now(), **form.asks())
        except Refused as refused:
            form.add_error("names", str(refused.message))
        else:
            messages.success(request, _("Saved."))
            _warn(request, get_object_or_404(_queues(organisation), pk=pk))
            return redirect("queues")
    served = staff.served(found)
    return _form_page(request, form, queue=found, missing=_missing(served), left_out=served.left_out[:MOST_NAMED])


def _queues(organisation: Organisation) -> "QuerySet[Queue]":
    return Queue.objects.filter(organisation=organisation).select_related("organisation", "skill")


def _missing(served: staff.Served) -> str:
    """What nobody here has, so that the queue would be answered by nobody."""
    return {
        "": "",
        "skill": _("No one here has the skill for this queue, so nobody would answer it."),
        "level": _("This queue asks for a higher level than anyone here has, so nobody would answer it."),
        "training": _("No one here has all the training for this queue, so nobody would answer it."),
    }[served.missing]


def _warn(request: HttpRequest, queue: Queue) -> None:
    missing = _missing(staff.served(queue))
    if missing:
        messages.warning(request, missing)


@require_POST
@admin_required
def queue_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a queue that was never used."""
    found = get_object_or_404(
        Queue.objects.select_related("organisation"), organisation=organisation_of(request), pk=pk
    )
    try:
        actions.remove_queue(queue=found, now=timezone.now())
    except Refused as refused:
        told_refused(request, refused)
        return redirect("queue", pk=pk)
    messages.success(request, _("The queue is gone."))
    return redirect("queues")


@admin_required
def skill_add(request: HttpRequest) -> HttpResponse:
    """A new skill."""
    form = SkillForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_skill(organisation=organisation_of(request), **form.cleaned_data)
        except Refused as refused:
            form.add_error("names", str(refused.message))
        else:
            messages.success(request, _("The skill is there. Give it to people, and to a queue."))
            return redirect("queues")
    return _form_page(request, form, skill=None)


@admin_required
def skill(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a skill, or change what it allows."""
    found = get_object_or_404(Skill, organisation=organisation_of(request), pk=pk)
    form = SkillForm(request.POST or None, initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.rename_skill(skill=found, **form.cleaned_data)
        except Refused as refused:
            form.add_error("names", str(refused.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("queues")
    return _form_page(request, form, skill=found)


def _initial(skill: Skill) -> dict[str, object]:
    return {"names": skill.name, "opens_needs": skill.opens_needs, "is_specialist": skill.is_specialist}


@require_POST
@admin_required
def skill_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a skill that no queue asks for."""
    rows = Skill.objects.select_related("organisation")
    found = get_object_or_404(rows, organisation=organisation_of(request), pk=pk)
    try:
        actions.remove_skill(skill=found, now=timezone.now())
    except Refused as refused:
        told_refused(request, refused)
        return redirect("skill", pk=pk)
    messages.success(request, _("The skill is gone."))
    return redirect("queues")


def _queue_form(request: HttpRequest, organisation: Organisation, found: Queue | None) -> QueueForm:
    return QueueForm(
        request.POST or None,
        skills=list(organisation.skills.order_by("id")),
        language=request.LANGUAGE_CODE,
        is_new=found is None,
        initial=_asked(found) if found else {},
    )


def _asked(queue: Queue) -> dict[str, object]:
    training = [str(skill) for skill in queue.training or ()]
    return {"names": queue.name, "skill": str(queue.skill_id), "level": queue.level, "training": training}


def _form_page(request: HttpRequest, form: NamesForm, **context: object) -> HttpResponse:
    template = "setup/queue.html" if "queue" in context else "setup/skill.html"
    return set_up_page(request, template, {"form": form, **context}, at="queues", status=422 if form.errors else 200)
