"""Queues, the skills they ask for, and which request goes to which queue."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from pharos import live
from pharos.actions import wording
from pharos.actions.errors import Refused
from pharos.models import Organisation, Queue, Skill


def add_skill(*, organisation: Organisation, names: Mapping[str, str], opens_needs: bool = False) -> Skill:
    """Something an agent can be trained to do."""
    written = wording.required(wording.line(names))
    with transaction.atomic():
        locked = _locked(organisation)
        taken = set(locked.skills.values_list("code", flat=True))
        code = _code(written, taken, "skill")
        return Skill.objects.create(organisation=locked, code=code, name=written, opens_needs=opens_needs)


def add_queue(*, organisation: Organisation, names: Mapping[str, str], skill: Skill | None, now: datetime) -> Queue:
    """A queue for agents with `skill`; without one, a skill of the same name is made for it."""
    written = wording.required(wording.line(names))
    with transaction.atomic():
        locked = _locked(organisation)
        taken = set(locked.queues.values_list("code", flat=True))
        queue = Queue.objects.create(
            organisation=locked,
            code=_code(written, taken, "queue"),
            name=written,
            skill=skill or add_skill(organisation=locked, names=written),
            is_default=not taken,
        )
        _changed(locked, now=now)
        return queue


def change_queue(*, queue: Queue, names: Mapping[str, str], skill: Skill, now: datetime) -> None:
    """Give a queue another name, or let agents with another skill answer it."""
    written = wording.required(wording.line(names))
    with transaction.atomic():
        Queue.objects.filter(pk=queue.pk).update(name=written, skill=skill)
        _changed(queue.organisation, now=now)


def rename_skill(*, skill: Skill, names: Mapping[str, str], opens_needs: bool | None = None) -> None:
    """Give a skill another name; its code stays. `opens_needs`: whether it allows that from now on; None as it was."""
    allowed = skill.opens_needs if opens_needs is None else opens_needs
    Skill.objects.filter(pk=skill.pk).update(name=wording.required(wording.line(names)), opens_needs=allowed)


def remove_queue(*, queue: Queue, now: datetime) -> None:
    """Remove a queue that never held a contact; the default queue stays."""
    try:
        with transaction.atomic():
            if not Queue.objects.filter(pk=queue.pk, is_default=False).exists():
                raise Refused(
                    "default_queue", _("Requests that fit no other queue come here. Choose another for them first.")
                )
            queue.delete()
            _changed(queue.organisation, now=now)
    except ProtectedError as error:
        raise Refused(
            "in_use", _("This queue held contacts, so it stays. Send its requests to another queue instead.")
        ) from error


def remove_skill(*, skill: Skill, now: datetime) -> None:
    """Remove a skill that no queue asks for; agents lose it."""
    try:
        with transaction.atomic():
            skill.delete()
            _changed(skill.organisation, now=now)
    except ProtectedError as error:
        raise Refused("in_use", _("A queue asks for this skill. Give the queue another one first.")) from error


def route(*, organisation: Organisation, default: Queue, routes: Mapping[str, int], now: datetime) -> None:
    """Which queue (by id) takes which request type; `default` takes all others. For requests to come."""
    with transaction.atomic():
        queues = list(_locked(organisation).queues.all())
        if default.pk not in {queue.pk for queue in queues}:
            raise Refused("unknown_queue", _("This queue is gone. Choose another."))
        Queue.objects.filter(organisation=organisation, is_default=True).exclude(pk=default.pk).update(is_default=False)
        for queue in queues:
            types = [code for code, queue_id in routes.items() if queue_id == queue.pk]
            Queue.objects.filter(pk=queue.pk).update(request_types=types, is_default=queue.pk == default.pk)
        _changed(organisation, now=now)


def _locked(organisation: Organisation) -> Organisation:
    return Organisation.objects.select_for_update().get(pk=organisation.pk)


def _code(names: Mapping[str, str], taken: set[str], fallback: str) -> str:
    wanted = slugify(names.get("en", ""))[:40] or fallback
    number = 1
    while (code := wanted if number == 1 else f"{wanted}-{number}") in taken:
        number += 1
    return code


def _changed(organisation: Organisation, *, now: datetime) -> None:
    live.nudge(organisation_id=organisation.pk, topics=["board", "queue"], now=now)
