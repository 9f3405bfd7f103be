"""The newest public update of an incident, as the pages of those whom it concerns show it."""

from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from pharos.http.pages import update_in_words
from pharos.models import Incident
from pharos.queries.pages import newest_update, path

TEMPLATE = "frontdoor/person_news.html"


def shown(incident: Incident | None, language: str) -> dict[str, Any]:
    """What the template needs; `news` is None while there is nothing that the public may read."""
    update = newest_update(incident, language=language) if incident is not None and incident.is_public else None
    if incident is None or update is None:
        return {"news": None}
    return {
        "news": update_in_words(update, zone=incident.zone, language=language),
        "all_news": f"{path(incident, language)}#updates",
    }


def drawn(incident_id: int, language: str) -> str:
    """The part of the page, ready to be shown; the same for everyone who reads this language."""
    incident = Incident.objects.select_related("organisation").filter(pk=incident_id).first()
    with translation.override(language):
        return render_to_string(TEMPLATE, shown(incident, language))
