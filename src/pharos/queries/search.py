"""Finding a contact by whatever a person can name."""

from django.db.models import Q

from pharos.engine.references import normal_reference
from pharos.models import Contact, Identity, Organisation
from pharos.queries import identities

LIMIT = 50


def find(*, organisation: Organisation, text: str, limit: int = LIMIT) -> list[Contact]:
    """Contacts by reference, name, mail address, phone in any spelling, or booking; the newest first."""
    wanted = " ".join(text.replace("\0", " ").split())
    if not wanted:
        return []
    known = _identities(organisation, wanted)
    people = Identity.objects.filter(organisation=organisation).filter(known).values("person") if known else None
    match = Q(person__name__icontains=wanted)
    if reference := normal_reference(wanted):
        match |= Q(reference=reference)
    if people is not None:
        match |= Q(person__in=people)
    rows = Contact.objects.filter(match, organisation=organisation).select_related("person", "lane__queue", "incident")
    return list(rows.order_by("-arrived_at", "-id")[:limit])


def _identities(organisation: Organisation, text: str) -> Q:
    """Every identity that the text may be; empty when it can be none."""
    found = [identities.email(text), identities.booking(text)]
    found += [identities.phone(text, language) for language in organisation.languages or ["en"]]
    known = Q()
    for one in found:
        if one:
            known |= Q(sort=one.sort, value=one.value)
    return known
