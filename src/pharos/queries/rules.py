"""The organisation's own numbers over the shipped ones."""

from typing import Any

from pharos import content
from pharos.engine.classes import ClassRules
from pharos.models import Organisation


def rule(organisation: Organisation, code: str) -> Any:
    """One number: the operator's, else the shipped one."""
    own = organisation.rules.get(code)
    return content.rule(code) if own is None else own


def class_rules(organisation: Organisation) -> ClassRules:
    """Targets, head starts and guard share that hold here: `rules["classes"]` is {band: {kind: {target_s, …}}}."""
    shipped: dict[str, dict[str, dict[str, float]]] = {}
    for one in content.service_classes():
        values: dict[str, float] = {"target_s": one.target_s, "head_start_s": one.head_start_s}
        shipped.setdefault(str(one.band), {})[one.mode] = values
    for band, kinds in organisation.rules.get("classes", {}).items():
        for kind, values in kinds.items():
            shipped[band][kind] = {**shipped[band][kind], **values}
    return ClassRules.from_mapping(shipped, guard_percent=round(100 * rule(organisation, "guard_share")))
