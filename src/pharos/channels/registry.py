"""All carriers, one line each."""

from collections.abc import Mapping

from pharos.channels import Carrier, email
from pharos.models import Channel

CARRIERS: Mapping[str, Carrier] = {
    Channel.EMAIL: email.Email(),
}
