"""Which organisation is meant."""

from django.conf import settings

from pharos.models import Organisation


def of_host(host: str) -> Organisation | None:
    """The organisation reached under this host name; an unknown name reaches the first one."""
    return Organisation.objects.filter(hosts__host=host.lower()).first() or first()


def first() -> Organisation | None:
    """The organisation that unknown host names reach: the oldest, an example only while there is no other."""
    return Organisation.objects.order_by("is_demo", "id").first()


def site(organisation: Organisation) -> str:
    """The address that every link into this organisation's pages begins with, without a slash at its end."""
    return organisation.address.rstrip("/") or str(settings.PUBLIC_URL)
