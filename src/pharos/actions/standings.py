"""What a contact stands on while others wait in its place, kept so that it can be told apart again."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from pharos.actions import lanes
from pharos.engine.merging import FIELDS, Stand, overruled, together, without
from pharos.models import Contact, Merge, Override
from pharos.queries import family, floor, needs
from pharos.queries.cues import danger_stands

STATE: Final = (
    *("state", "agent_id", "preferred_agent_id", "wake_at", "accepted_at", "finished_at", "closed_at"),
    *("disposition", "summary"),
)
PLACE: Final = ("virtual_arrival",)
WAITED: Final = (Contact.State.WAITING, Contact.State.OFFERED, Contact.State.ACTIVE, Contact.State.WRAP_UP)


def dumped(contact: Contact, names: Iterable[str]) -> dict[str, Any]:
    """These fields of a contact as JSON takes them."""
    values = {name: getattr(contact, name) for name in names}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def loaded(kept: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The same fields as they were."""
    fields = {field.attname: field for field in Contact._meta.concrete_fields}
    return {name: fields[name].to_python(kept[name]) for name in names}


def by_itself(contact: Contact) -> dict[str, Any]:
    """What a contact stands on with nobody in its place, as it is kept with every merge into it."""
    owes = contact.promises.filter(settled_at__isnull=True).order_by("pk").values_list("pk", flat=True)
    kept = dumped(contact, (*FIELDS, *PLACE, "first_answered_at"))
    return kept | {"band": contact.lane.band, "promises": list(owes), "in_danger": danger_stands(contact)}


def own(contact: Contact) -> dict[str, Any]:
    """The same while others wait in its place. What was decided by hand since is its own, and stays so."""
    merges = list(family.merges(contact))
    if not merges:
        return by_itself(contact)
    kept: dict[str, Any] = merges[0].own
    now_is = {name: getattr(contact, name) for name in FIELDS}
    changed = overruled(_stand(kept), map(_brought, merges), now_is)
    for merge in merges if changed else ():
        before = merge.before | {"overruled": sorted({*merge.before["overruled"], *changed})}
        Merge.objects.filter(pk=merge.pk).update(before=before)
    return kept | dumped(contact, changed)


def refold(contact: Contact, kept: Mapping[str, Any], *, now: datetime) -> None:
    """Give a contact what it and those who wait in its place come to; its row is held. `kept`: what is its own."""
    merges = list(family.merges(contact))
    stand = together(_stand(kept), map(_brought, merges))
    first = lanes.lane(
        organisation=contact.organisation,
        queue=contact.lane.queue,
        language=contact.lane.language,
        band=kept["band"],
        kind=contact.lane.kind,
    )
    changes = {name: getattr(stand, name) for name in FIELDS}
    Contact.objects.filter(pk=contact.pk).update(
        **changes, has_needs=needs.held_by_any(family.people(contact), now=now)
    )
    Merge.objects.filter(pk__in=[one.pk for one in merges]).update(own=dict(kept))
    place = first, loaded(kept, PLACE)["virtual_arrival"]
    if contact.merged_into_id:  # graded when it stands by itself again: what its words suggest is not with it now
        Contact.objects.filter(pk=contact.pk).update(lane=first, virtual_arrival=place[1])
        contact.lane, contact.virtual_arrival = place
    else:
        lanes.regrade(contact, now=now, since=place, to_head=bool(merges) or not kept["in_danger"])
    if merges:
        keep_place(contact, [one.join for one in merges], now=now)
    else:
        _forget_others(contact, kept)


def _forget_others(contact: Contact, kept: Mapping[str, Any]) -> None:
    """A change by hand that is taken back later leads to the place that is its own, not to one that it had shared."""
    arrival = loaded(kept, PLACE)["virtual_arrival"]
    for one in Override.objects.filter(contact=contact, undone_at__isnull=True):
        before = {"arrival_before": max(one.arrival_before, arrival), "band_before": max(one.band_before, kept["band"])}
        Override.objects.filter(pk=one.pk).update(**before)


def taken_back(contact: Contact, *, band: int, arrival: datetime) -> None:
    """A change by hand that came before the merges was taken back: so stands what is its own."""
    for merge in family.merges(contact):
        since = max(arrival, loaded(merge.own, PLACE)["virtual_arrival"])
        own_place = {"band": max(band, merge.own["band"]), "virtual_arrival": since.isoformat()}
        Merge.objects.filter(pk=merge.pk).update(own=merge.own | own_place)


def keep_place(contact: Contact, members: Iterable[Contact], *, now: datetime) -> None:
    """The earliest arrival of all, and earlier still where the index of one that waited would get smaller."""
    waited = [(contact.virtual_arrival, contact.lane)]
    waited += [(one.virtual_arrival, one.lane) for one in members if was_waiting(one)]
    arrival = floor.arrival_after_merge(waited, lane=contact.lane, now=now)
    arrival = min([arrival, *(one.virtual_arrival for one in members)])
    Contact.objects.filter(pk=contact.pk).update(virtual_arrival=arrival)
    contact.virtual_arrival = arrival


def was_waiting(contact: Contact) -> bool:
    """Whether a merged contact was open when it joined."""
    merge = family.merge_of(contact)
    return merge is not None and merge.before["state"] in WAITED


def _brought(merge: Merge) -> Stand:
    values = {name: getattr(merge.join, name) for name in FIELDS}
    return without(Stand(**values, owes_answer=bool(merge.before["promises"])), merge.before["overruled"])


def _stand(kept: Mapping[str, Any]) -> Stand:
    return Stand(**loaded(kept, FIELDS), owes_answer=bool(kept["promises"]))


def now_at(pk: int) -> Contact:
    """The row as it is now."""
    return Contact.objects.select_related(*family.WITH_ALL).get(pk=pk)
