"""Somebody who writes for somebody else, in words: as they say it of themselves, and as staff read it."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

SAID_RELATIONS: Final[Mapping[str, LazyText]] = {
    "parent": _("Their parent or guardian"),
    "family": _("A relative"),
    "friend": _("A friend"),
    "carer": _("I look after them"),
    "helper": _("I help them for an organisation"),
    "legal": _("I act for them by law"),
}
SAID_AUTHORITIES: Final[Mapping[str, LazyText]] = {
    "told": _("They asked me to"),
    "parent": _("They are a minor, and I am their parent or guardian"),
    "legal": _("I act for them by law"),
    "none": _("They have not asked me"),
}
