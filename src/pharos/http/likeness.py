"""Why two contacts may be of one person, in words for staff; no page of the public draws any of it."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pharos.content.calendars import local_digits
from pharos.engine.identity import Reason

STRONG: Final = 8.0  # bits
TEXTS: Final[dict[str, LazyText]] = {
    "email_same": _("The same mail address"),
    "email_same_box": _("The same mailbox, written another way"),
    "email_near": _("Mail addresses that differ by a slip"),
    "email_other": _("Other mail addresses"),
    "handle_same": _("The same account"),
    "phone_same": _("The same phone number"),
    "phone_tail": _("Phone numbers with the same ending"),
    "phone_slip": _("Phone numbers that differ by one digit"),
    "phone_other": _("Other phone numbers"),
    "booking_same": _("The same booking"),
    "booking_slip": _("Bookings that differ by a slip"),
    "booking_other": _("Other bookings"),
    "name_same": _("The same name"),
    "name_near": _("Names that are written or sound nearly the same"),
    "name_part": _("One name is a short form of the other"),
    "name_one_word": _("One name in common, the others differ"),
    "name_other": _("Other names"),
    "mail_name_fits": _("The mail address is made of the name"),
    "mail_name_part": _("The mail address has a part of the name"),
    "mail_name_other": _("The mail address does not fit the name"),
    "language_same": _("The same language"),
    "language_other": _("Another language"),
    "text_same": _("The same words"),
    "text_alike": _("Nearly the same words"),
    "text_within": _("Short words that the other has too"),
    "text_some": _("Some of the same words"),
    "text_other": _("Other words"),
}


class ReasonShown(NamedTuple):
    """One reason as a page shows it: whether it speaks for one person, and whether it weighs much."""

    text: str
    is_for: bool
    is_strong: bool


def shown(reasons: Iterable[Reason], language: str) -> list[ReasonShown]:
    """Reasons in the reader's language, in their order."""
    return [
        ReasonShown(_text(one, language), one.weight > 0, abs(one.weight) >= STRONG)
        for one in reasons
        if one.code in TEXTS
    ]


def _text(reason: Reason, language: str) -> str:
    said, others = str(TEXTS[reason.code]), int(reason.params.get("others", 0))
    if not others:
        return said
    many = ngettext("%(number)s other person has it too", "%(number)s others have it too", others)
    number = local_digits(others, language)
    return gettext("%(reason)s (%(others)s)") % {"reason": said, "others": many % {"number": number}}
