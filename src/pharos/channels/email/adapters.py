"""The two ways in which mail comes in, as somebody sets them up."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from pharos.channels import Adapter, Field
from pharos.models import Channel

ADDRESS: Final = Field("address", _("Mail address"), help=_("People write to this address."))
LAST_PORT: Final = 65535
TLS: Final = (
    ("implicit", _("From the first byte (port 993)")),
    ("starttls", _("After the greeting (STARTTLS, port 143)")),
    ("none", _("None: only inside your own network")),
)
START: Final = (
    ("unread", _("Take in what nobody has read")),
    ("new", _("Leave it alone, take in only what comes from now on")),
    ("all", _("Take in all of it")),
)
TAGS: Final = (
    ("", _("No: answers go to the plain address")),
    ("+", _("With +, as help+tag@example.org")),
    ("-", _("With -, as help-tag@example.org")),
)
TAGGED: Final = Field(
    "tags",
    _("Does mail to the address with an addition arrive here too?"),
    kind="choice",
    required=False,
    choices=TAGS,
    help=_("Then we know an answer even when a mail program forgets what it answers. Try it before you choose."),
)
ADAPTERS: Final = (
    Adapter(
        name="imap",
        channel=Channel.EMAIL,
        label=_("Mailbox (IMAP)"),
        address=ADDRESS,
        fields=(
            Field("host", _("Mail server")),
            Field(
                "port",
                _("Port"),
                kind="number",
                required=False,
                help=_("Leave it empty for the usual one."),
                most=LAST_PORT,
            ),
            Field("tls", _("Encryption"), kind="choice", choices=TLS),
            Field("user", _("User name"), required=False, help=_("Leave it empty when it is the mail address.")),
            Field("password", _("Password"), kind="password", secret=True),
            Field("folder", _("Folder"), required=False, help=_("Leave it empty for INBOX.")),
            Field("start", _("What is in the mailbox now"), kind="choice", choices=START),
            Field(
                "keep_in",
                _("Move mail to this folder when it is taken in"),
                required=False,
                help=_("Leave it empty: mail stays where it is and is marked as read."),
            ),
            TAGGED,
        ),
        how=_("We mark or move a mail only after it is safely kept here. Nothing is ever deleted."),
    ),
    Adapter(
        name="pipe",
        channel=Channel.EMAIL,
        label=_("Mail handed over by your own mail server"),
        address=ADDRESS,
        fields=(TAGGED,),
        how=_("Let your mail server pipe each mail to “pharos mail-in ADDRESS”. It keeps the mail when we cannot."),
    ),
)
