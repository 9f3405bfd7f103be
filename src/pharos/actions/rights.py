"""Who may do what; asked again below the surface, so that no door can forget it."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from pharos.actions.errors import Refused
from pharos.models import Role, User

_LEADS: Final = (Role.LEAD, Role.ADMIN)


def lead(user: User, *, organisation_id: int) -> None:
    """Refuse anyone but a duty lead or an administrator of this organisation."""
    if user.organisation_id != organisation_id or user.role not in _LEADS or not user.is_active:
        raise Refused("not_allowed", _("Only a duty lead or an administrator may do this."))
