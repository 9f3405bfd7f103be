"""All carriers and adapters, one line each."""

from collections.abc import Mapping

from pharos.channels import Adapter, Carrier, email
from pharos.models import Channel

CARRIERS: Mapping[str, Carrier] = {
    Channel.EMAIL: email.Email(),
}
_ADAPTERS: tuple[tuple[Adapter, ...], ...] = ()
ADAPTERS: Mapping[str, Adapter] = {one.name: one for many in _ADAPTERS for one in many}
