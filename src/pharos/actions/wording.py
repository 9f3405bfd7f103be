"""What staff write for the public, in one or more languages: cleaned and checked before it is kept."""

import re
from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise as LazyText
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.actions.errors import Refused
from pharos.content.calendars import local_digits
from pharos.content.lists import joined

LINE_MAX: Final = 200
TEXT_MAX: Final = 10_000
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


def line(texts: Mapping[str, str]) -> dict[str, str]:
    """One line in each language that has one: a name, a title."""
    return _checked({language: " ".join(_clean(text).split()) for language, text in texts.items()}, LINE_MAX)


def body(texts: Mapping[str, str]) -> dict[str, str]:
    """A longer text in each language that has one; line breaks stay."""
    return _checked({language: _clean(text).strip() for language, text in texts.items()}, TEXT_MAX)


def required(texts: dict[str, str], message: "str | LazyText | None" = None) -> dict[str, str]:
    """The same texts; refused when no language has one."""
    if not texts:
        raise Refused("empty", message or _("Write it in at least one language."))
    return texts


def placeholders_within(texts: Mapping[str, str], shipped: Mapping[str, str]) -> None:
    """Refuse a {name} that the shipped text does not know: nothing would fill it when the message goes out."""
    known = set().union(*(content.placeholders(text) for text in shipped.values()))
    for text in texts.values():
        for name in sorted(content.placeholders(text) - known):
            raise Refused("placeholder", _("Nothing fills {%(name)s} in this text.") % {"name": name})


def _clean(text: str) -> str:
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _checked(texts: dict[str, str], longest: int) -> dict[str, str]:
    if unknown := texts.keys() - set(content.LANGUAGES):
        listed = joined(sorted(unknown), get_language() or "en")
        raise Refused("language", _("We do not write in %(languages)s.") % {"languages": listed})
    if any(len(text) > longest for text in texts.values()):
        limit = local_digits(longest, get_language() or "en")
        raise Refused("too_long", _("This is too long: at most %(limit)s characters.") % {"limit": limit})
    return {language: texts[language] for language in content.LANGUAGES if texts.get(language)}
