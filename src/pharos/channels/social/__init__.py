"""Social networks: what is said to us there, in public or in private, and how we answer."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from django.utils.translation import gettext_lazy as _

from pharos.channels import Adapter, DeliveryError, Field, Outbound, Send, Via
from pharos.channels.social import bridge, mastodon
from pharos.channels.social.announce import NAME as APPRISE
from pharos.models import Channel

SENDS: Final[Mapping[str, Callable[[Outbound, Via], str]]] = {
    mastodon.NETWORK: mastodon.send,
    bridge.ADAPTER: bridge.send,
}

MOST: Final = Field("most", _("Characters in a post"), kind="number", required=False, help=_("Empty: 500"))

ADAPTERS: Final = (
    Adapter(
        name=mastodon.NETWORK,
        channel=Channel.SOCIAL,
        label=_("Mastodon account"),
        address=Field("address", _("Handle"), help=_("As people mention it, with its server: @help@example.org")),
        fields=(
            Field("url", _("Address of the server"), kind="url", help="https://mastodon.example.org"),
            Field("token", _("Access token"), kind="password", secret=True),
            MOST,
        ),
        how=_(
            "On the server, open Preferences, then Development, and make an application that may read notifications "
            "and statuses and write statuses. Its access token goes here."
        ),
    ),
    Adapter(
        name=bridge.ADAPTER,
        channel=Channel.SOCIAL,
        label=_("Another network, over a bridge"),
        address=Field("address", _("Handle"), help=_("As people mention it")),
        fields=(
            Field("url", _("Address of the bridge"), kind="url"),
            Field("key", _("Shared key"), kind="password", secret=True, help=_("At least 16 characters")),
            MOST,
        ),
        how=_("The bridge sends signed JSON to the address shown here and takes signed JSON from us."),
        paths=((_("The bridge sends to"), "{site}/channels/social/{token}/"),),
    ),
    Adapter(
        name=APPRISE,
        channel=Channel.SOCIAL,
        label=_("Account for announcements only"),
        address=Field("address", _("Name"), help=_("As your leads know it: Telegram channel")),
        fields=(
            Field(
                "url",
                _("Address with its keys"),
                kind="password",
                secret=True,
                help=_("As Apprise writes it: tgram://token/chat"),
            ),
            MOST,
        ),
        how=_("Updates are posted there when a lead says so. Nothing is read from it."),
    ),
)


class Social:
    """The carrier of private answers. Nothing that it sends is public."""

    @contextmanager
    def opened(self) -> Iterator[Send]:
        """A way to send; every message is a call of its own."""
        yield _send


def _send(outbound: Outbound) -> str:
    if outbound.sender.is_demo:
        return f"kept-{outbound.key}"
    if outbound.via is None or outbound.via.adapter not in SENDS:
        raise DeliveryError("the account that this came to is not set up any more", permanent=True)
    return SENDS[outbound.via.adapter](outbound, outbound.via)
