"""What whoever sets up a number is asked, and told."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from pharos.channels import Adapter, Field
from pharos.channels.sms import generic, twilio
from pharos.channels.sms.numbers import is_reachable, written
from pharos.models import Channel

NUMBER: Final = Field(
    "address", _("Number"), help=_("With its country, as +374 10 123456; a short code as it is written.")
)
PATHS: Final = ((_("Webhook for incoming messages"), "{site}/channels/sms/{token}/in/"),)


def _faults(given: Mapping[str, Any]) -> Mapping[str, "str | LazyText"]:
    found: dict[str, str | LazyText] = {}
    if given.get("address") and not is_reachable(written(str(given["address"]))):
        found["address"] = _("Write the number with its country, as +374 10 123456.")
    return found


def _generic_faults(given: Mapping[str, Any]) -> Mapping[str, "str | LazyText"]:
    found = dict(_faults(given))
    if not generic.is_template(str(given.get("body") or generic.BODY)):
        found["body"] = _("This is no JSON object.")
    return found


ADAPTERS: Final = (
    Adapter(
        twilio.NAME,
        Channel.SMS,
        _("Text messages: Twilio, or a carrier that works like it"),
        NUMBER,
        (
            Field("account_sid", _("Account SID"), help=_("It begins with AC.")),
            Field("auth_token", _("Auth token"), "password", secret=True, help=_("It also signs what comes in.")),
            Field(
                "messaging_service_sid",
                _("Messaging service SID"),
                required=False,
                help=_("Only when one is used: it then chooses the number that texts go out from."),
            ),
            Field("api_key_sid", _("API key SID"), required=False),
            Field("api_key_secret", _("API key secret"), "password", required=False, secret=True),
            Field(
                "base_url",
                _("Address of the carrier"),
                "url",
                required=False,
                help=_("Empty for Twilio; another carrier names its own."),
            ),
        ),
        _(
            "Once it is added, this page shows an address: give it to the carrier as the webhook for incoming messages "
            "(HTTP POST), and the same as the fallback. What becomes of a text it tells us by itself."
        ),
        PATHS,
        _faults,
    ),
    Adapter(
        generic.NAME,
        Channel.SMS,
        _("Text messages: any carrier with an HTTP interface"),
        NUMBER,
        (
            Field("url", _("Address of the request that sends a text"), "url"),
            Field("method", _("Method"), "choice", choices=(("POST", "POST"), ("PUT", "PUT"), ("GET", "GET"))),
            Field("style", _("The fields go as"), "choice", choices=(("json", "JSON"), ("form", _("a form")))),
            Field(
                "body",
                _("Fields of the request"),
                "lines",
                required=False,
                help=_("A JSON object; {to}, {from}, {text}, {key}, {language} and {report_url} are filled in."),
            ),
            Field(
                "auth_header", _("Name of the header that signs us in"), required=False, help=_("Empty: Authorization")
            ),
            Field("auth", _("Value of that header"), "password", required=False, secret=True),
            Field(
                "id_at",
                _("Where the answer has the id of the text"),
                required=False,
                help=_("As messages.0.id; empty when it has none."),
            ),
            Field(
                "webhook_secret",
                _("Secret of the webhook"),
                "password",
                secret=True,
                help=_("The carrier signs with it: X-Pharos-Signature is the HMAC-SHA256 of the body, in hexadecimal."),
            ),
            Field("id_field", _("Field with the id of an incoming text"), required=False, help=_("Empty: id")),
            Field("from_field", _("Field with its sender"), required=False, help=_("Empty: from")),
            Field("text_field", _("Field with its words"), required=False, help=_("Empty: text")),
        ),
        _(
            "Once it is added, this page shows an address: give it to the carrier as the webhook for incoming "
            "messages. It signs what it brings."
        ),
        PATHS,
        _generic_faults,
    ),
)
