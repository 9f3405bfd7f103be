"""Making people findable who may be one: under the keys of their names, addresses, numbers and bookings."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pharos.models import Identity, Person, PersonKey
from pharos.queries.likeness import keys_of


def write_keys(people: Iterable[int]) -> None:
    """Add the keys that these people have not yet; inside the caller's transaction."""
    rows = list(Person.objects.filter(pk__in=set(people)).order_by("id"))
    known = _known(rows)
    had: defaultdict[int, set[int]] = defaultdict(set)
    for person, key in PersonKey.objects.filter(person__in=rows).values_list("person_id", "key"):
        had[person].add(key)
    PersonKey.objects.bulk_create(
        PersonKey(organisation_id=one.organisation_id, person_id=one.pk, key=key)
        for one in rows
        for key in sorted(keys_of(one.name, known[one.pk]) - had[one.pk])
    )


def _known(people: Sequence[Person]) -> Mapping[int, list[tuple[str, str]]]:
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = Identity.objects.filter(person__in=people).order_by("id")
    for person, sort, value in rows.values_list("person_id", "sort", "value"):
        found[person].append((sort, value))
    return found
