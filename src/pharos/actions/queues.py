"""Queues, the skills they ask for, and which request goes to which queue."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from pharos import live
from pharos.actions import holds, wording
from pharos.actions.errors import Refused
from pharos.models import Organisation, Queue, Skill

MOST_TRAINING: Final = 6  # the name of a guard lane has room for so many


def add_skill(
    *, organisation: Organisation, names: Mapping[str, str], opens_needs: bool = False, is_specialist: bool = False
) -> Skill:
    """Something an agent can be trained to do."""
    written = wording.required(wording.line(names))
    with transaction.atomic():
        locked = holds.organisation(organisation.pk)
        taken = set(locked.skills.values_list("code", flat=True))
        code = _code(written, taken, "skill")
        allowed = {"opens_needs": opens_needs, "is_specialist": is_specialist}
        return Skill.objects.create(organisation=locked, code=code, name=written, **allowed)


def add_queue(
    *,
    organisation: Organisation,
    names: Mapping[str, str],
    skill: Skill | None,
    now: datetime,
    level: int = 1,
    training: Sequence[Skill] = (),
) -> Queue:
    """A queue for agents with `skill`; without one, a skill of the same name is made for it."""
    written = wording.required(wording.line(names))
    with transaction.atomic():
        locked = holds.organisation(organisation.pk)
        taken = set(locked.queues.values_list("code", flat=True))
        queue = Queue.objects.create(
            organisation=locked,
            code=_code(written, taken, "queue"),
            name=written,
            skill=_here(locked, [skill])[0] if skill else add_skill(organisation=locked, names=written),
            is_default=not taken,
            level=level,
            training=_training(locked, training),
        )
        _changed(locked, now=now)
        return queue


def change_queue(
    *,
    queue: Queue,
    names: Mapping[str, str],
    skill: Skill,
    now: datetime,
    level: int = 1,
    training: Sequence[Skill] = (),
) -> None:
    """Give a queue another name, or other agents: with another skill, at a level, with further training."""
    written = wording.required(wording.line(names))
    with transaction.atomic():
        locked = holds.organisation(queue.organisation_id)
        rows = Queue.objects.filter(pk=queue.pk)
        given = _here(locked, [skill])[0]
        rows.update(name=written, skill=given, level=level, training=_training(locked, training))
        _changed(locked, now=now)


def _training(locked: Organisation, skills: Sequence[Skill]) -> list[int]:
    if len(skills) > MOST_TRAINING:
        raise Refused("training", _("Choose at most six."))
    return [skill.pk for skill in _here(locked, skills)]


def _here(locked: Organisation, skills: Sequence[Skill]) -> list[Skill]:
    """These skills by id, as they are while the organisation's row is held: refused when one of them is gone."""
    wanted = {skill.pk for skill in skills}
    found = list(locked.skills.filter(pk__in=wanted).order_by("pk"))
    if len(found) < len(wanted):
        raise Refused("unknown_skill", _("A skill that you chose is gone. Choose again."))
    return found


def rename_skill(
    *, skill: Skill, names: Mapping[str, str], opens_needs: bool | None = None, is_specialist: bool | None = None
) -> None:
    """Give a skill another name; its code stays. What it allows: from now on so; None as it was."""
    said = {"opens_needs": opens_needs, "is_specialist": is_specialist}
    allowed = {name: value for name, value in said.items() if value is not None}
    Skill.objects.filter(pk=skill.pk).update(name=wording.required(wording.line(names)), **allowed)


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
            asked = holds.organisation(skill.organisation_id).queues.values_list("training", flat=True)
            if any(skill.pk in (training or ()) for training in asked):
                raise Refused("in_use", _("A queue asks for this skill. Give the queue another one first."))
            skill.delete()
            _changed(skill.organisation, now=now)
    except ProtectedError as error:
        raise Refused("in_use", _("A queue asks for this skill. Give the queue another one first.")) from error


def route(*, organisation: Organisation, default: Queue, routes: Mapping[str, int], now: datetime) -> None:
    """Which queue (by id) takes which request type; `default` takes all others. For requests to come."""
    with transaction.atomic():
        queues = list(holds.organisation(organisation.pk).queues.all())
        if default.pk not in {queue.pk for queue in queues}:
            raise Refused("unknown_queue", _("This queue is gone. Choose another."))
        Queue.objects.filter(organisation=organisation, is_default=True).exclude(pk=default.pk).update(is_default=False)
        for queue in queues:
            types = [code for code, queue_id in routes.items() if queue_id == queue.pk]
            Queue.objects.filter(pk=queue.pk).update(request_types=types, is_default=queue.pk == default.pk)
        _changed(organisation, now=now)


def _code(names: Mapping[str, str], taken: set[str], fallback: str) -> str:
    wanted = slugify(names.get("en", ""))[:40] or fallback
    number = 1
    while (code := wanted if number == 1 else f"{wanted}-{number}") in taken:
        number += 1
    return code


def _changed(organisation: Organisation, *, now: datetime) -> None:
    live.nudge(organisation_id=organisation.pk, topics=["board", "queue"], now=now)
