"""All carriers and adapters, one line each."""

from collections.abc import Mapping

from pharos.channels import Adapter, Carrier, chat, email, sms, social
from pharos.models import Channel

CARRIERS: Mapping[str, Carrier] = {
    Channel.EMAIL: email.Email(),
    Channel.SMS: sms.Sms(),
    Channel.SOCIAL: social.Social(),
}
_ADAPTERS: tuple[tuple[Adapter, ...], ...] = (
    chat.ADAPTERS,
    email.ADAPTERS,
    sms.ADAPTERS,
    social.ADAPTERS,
)
ADAPTERS: Mapping[str, Adapter] = {one.name: one for many in _ADAPTERS for one in many}
