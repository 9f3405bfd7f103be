"""The chat: a widget on the organisation's own sites. Our own pages carry it, so nothing is sent anywhere."""

from django.utils.translation import gettext_lazy as _

from pharos.channels import Adapter, Field
from pharos.models import Channel

ADAPTERS = (
    Adapter(
        name="chat",
        channel=Channel.CHAT,
        label=_("Chat on your site"),
        address=Field("address", _("Name of the widget"), help=_("Only for you, to tell several apart.")),
        fields=(
            Field(
                "sites",
                _("Sites that may show it"),
                kind="lines",
                required=False,
                help=_(
                    "One address a line, as https://www.example.org. Without any, the chat works as a page of its own."
                ),
            ),
            Field("greeting", _("Greeting"), required=False, help=_("Stands above the first question.")),
        ),
        how=_(
            "Put the one line below on every page of your site that shall offer the chat, in the language of that page."
        ),
        paths=(
            (_("Line for your site"), '<script src="{site}/chat/{token}.js" async data-language="en"></script>'),
            (_("The chat as a page of its own"), "{site}/en/chat/{token}/"),
        ),
    ),
)
