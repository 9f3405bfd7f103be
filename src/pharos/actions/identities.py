"""Writing down that an address is a person's own."""

from datetime import datetime

from pharos.models import Identity
from pharos.queries.identities import Known


def verified(*, person_id: int, known: Known, proof: Identity.Proof, now: datetime) -> bool:
    """It is theirs, as `proof` shows; the first proof stays. Whether this was news."""
    rows = Identity.objects.filter(person_id=person_id, sort=known.sort, value=known.value, verified_at__isnull=True)
    return bool(rows.update(verified_at=now, verified_by=proof))
