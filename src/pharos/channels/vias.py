"""An entry point as its adapter sees it."""

from pharos.channels import Via
from pharos.models import EntryPoint


def via_of(entry: EntryPoint) -> Via:
    """What an adapter needs to read it, or to send by it."""
    return Via(
        pk=entry.pk,
        adapter=entry.adapter,
        address=entry.address,
        token=entry.token,
        options=entry.options,
        secret=entry.secret,
    )
