"""Which organisation is meant."""

from pharos.models import Organisation


def of_host(host: str) -> Organisation | None:
    """The organisation reached under this host name; an unknown name reaches the first one."""
    named = Organisation.objects.filter(hosts__host=host.lower()).first()
    return named or Organisation.objects.order_by("id").first()
