"""The organisation's own numbers over the shipped ones."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pharos import content, live
from pharos.actions import holds
from pharos.actions.errors import Refused
from pharos.engine.classes import ClassRules, RulesError
from pharos.models import Contact, Organisation

DAYS = "departure_priority_days"
Classes = Mapping[str, Mapping[str, Mapping[str, float]]]


def set_rules(*, organisation: Organisation, classes: Classes, values: Mapping[str, Any], now: datetime) -> None:
    """Change targets and head starts (`{band: {kind: {"target_s", "head_start_s"}}}`) and single numbers, all or none.

    What equals the shipped number is not kept, so that a better shipped one reaches those who never chose.
    """
    with transaction.atomic():
        row = holds.organisation(organisation.pk)
        wanted = {**row.rules, **values}
        own = {code: value for code, value in wanted.items() if code != "classes" and value != content.rule(code)}
        _refuse_bad(classes, guard_share=wanted.get("guard_share", content.rule("guard_share")))
        if different := _different(classes):
            own["classes"] = different
        Organisation.objects.filter(pk=organisation.pk).update(rules=own)
        _band_anew(organisation, row.rules, own, now=now)
        live.nudge(organisation_id=organisation.pk, topics=["board", "queue"], now=now)
    organisation.rules = own


def reset(*, organisation: Organisation, now: datetime) -> None:
    """Back to every shipped number."""
    with transaction.atomic():
        row = holds.organisation(organisation.pk)
        Organisation.objects.filter(pk=organisation.pk).update(rules={})
        _band_anew(organisation, row.rules, {}, now=now)
        live.nudge(organisation_id=organisation.pk, topics=["board", "queue"], now=now)
    organisation.rules = {}


def _band_anew(
    organisation: Organisation, before: Mapping[str, Any], after: Mapping[str, Any], *, now: datetime
) -> None:
    """Who waits with a date is banded by the new number at the next look of the loop that does so."""
    if before.get(DAYS) != after.get(DAYS):
        dated = Contact.objects.filter(organisation=organisation, state=Contact.State.WAITING, needed_by__isnull=False)
        dated.update(reband_at=now)


def _refuse_bad(classes: Classes, *, guard_share: float) -> None:
    try:
        ClassRules.from_mapping(classes, guard_percent=round(100 * guard_share))
    except RulesError as error:
        raise Refused(
            "classes", _("These targets do not fit together: a more urgent band needs the shorter target.")
        ) from error


def _different(classes: Classes) -> dict[str, dict[str, dict[str, float]]]:
    kept: dict[str, dict[str, dict[str, float]]] = {}
    for shipped in content.service_classes():
        given = classes.get(str(shipped.band), {}).get(shipped.mode)
        if given and (given["target_s"], given["head_start_s"]) != (shipped.target_s, shipped.head_start_s):
            kept.setdefault(str(shipped.band), {})[shipped.mode] = dict(given)
    return kept
