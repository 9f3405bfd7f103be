"""What every template may use."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language, gettext

from pharos import content
from pharos.http.guards import RANK, user_of
from pharos.live.log import cursor
from pharos.models import Agent, Organisation, Role, User
from pharos.queries import alarms


@dataclass(frozen=True, slots=True)
class Shown:
    """The organisation as a page shows it, in the reader's language. `name_language`: the one its name is really in."""

    name: str
    name_language: str
    phone: str
    emergency_phone: str
    quick_exit_url: str
    time_zone: str
    is_demo: bool


class Link(NamedTuple):
    """One entry of a page's navigation."""

    label: str
    url: str
    current: bool


def pharos(request: HttpRequest) -> dict[str, object]:
    """The organisation, this page in the other languages as (code, own name, address), and the way round."""
    organisation = getattr(request, "organisation", None)
    return {
        "organisation": organisation and shown(organisation),
        "language_links": language_links(request),
        "home_url": home_url(request),
        "staff_nav": staff_nav(request),
        "follows_alarms": lambda: follows_alarms(request),
        "live_after": lambda: str(cursor(now=timezone.now())),
        "untaken_alarms": lambda: alarms.untaken(organisation) if organisation and follows_alarms(request) else 0,
    }


def shown(organisation: Organisation) -> Shown:
    """The organisation in the active language."""
    name = content.pick(organisation.name, get_language())
    return Shown(
        name=name.text,
        name_language=name.language,
        phone=organisation.phone,
        emergency_phone=organisation.emergency_phone,
        quick_exit_url=organisation.quick_exit_url,
        time_zone=organisation.time_zone,
        is_demo=organisation.is_demo,
    )


def language_links(request: HttpRequest) -> list[tuple[str, str, str]]:
    """Public addresses begin with their language; staff pages are switched by a form instead."""
    first, _, rest = request.path_info[1:].partition("/")
    if first not in dict(settings.LANGUAGES):
        return []
    return [(code, name, f"/{code}/{rest}") for code, name in settings.LANGUAGES]


def home_url(request: HttpRequest) -> str:
    """Where the name of the organisation leads: the public start in this language, or the staff's own start."""
    first = request.path_info[1:].partition("/")[0]
    if first in dict(settings.LANGUAGES):
        return f"/{first}/"
    return "/home/" if first in {"desk", "lead", "account"} else ""


def staff_nav(request: HttpRequest) -> Callable[[], list[Link]]:
    """The pages that the signed-in member of staff may open; worked out only where a template draws it."""

    def links() -> list[Link]:
        if not request.user.is_authenticated:
            return []
        places = _places(user_of(request))
        return [Link(label, url, _is_current(request.path_info, url, places)) for label, url in places]

    return links


def follows_alarms(request: HttpRequest) -> bool:
    """Whether alarms reach this reader on every page: a lead of this organisation."""
    organisation = getattr(request, "organisation", None)
    if organisation is None or not request.user.is_authenticated:
        return False
    user = user_of(request)
    return user.organisation_id == organisation.pk and RANK[Role(user.role)] >= RANK[Role.LEAD]


def _places(user: User) -> list[tuple[str, str]]:
    rank = RANK[Role(user.role)]
    places = []
    if user.role == Role.AGENT or Agent.objects.filter(user=user).exists():
        places.append((gettext("Desk"), "/desk/"))
    if rank >= RANK[Role.LEAD]:
        places += [
            (gettext("Board"), "/lead/"),
            (gettext("Contacts"), "/lead/contacts/"),
            (gettext("Incidents"), "/lead/incidents/"),
        ]
    places.append((gettext("Take down"), "/desk/intake/"))
    if rank >= RANK[Role.ADMIN]:
        places.append((gettext("Set-up"), "/lead/set-up/"))
    return places


def _is_current(path: str, url: str, places: list[tuple[str, str]]) -> bool:
    """Whether `url` is the place this page belongs to: the longest that begins its address."""
    here = [other for _, other in places if path.startswith(other)]
    return bool(here) and url == max(here, key=len)
