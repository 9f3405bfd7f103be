"""Who reads a staff page: in which language, by whose clock, and when."""

from datetime import datetime
from typing import NamedTuple

from django.http import HttpRequest
from django.utils import timezone

from pharos.content.calendars import duration, local_digits, local_moment, local_time
from pharos.http.guards import organisation_of


class Reader(NamedTuple):
    """Says moments, lengths and numbers as this reader reads them."""

    language: str
    zone: str
    now: datetime

    def moment(self, at: datetime | None) -> str:
        """When: the time of day, with the day unless that is today; empty for None."""
        return local_moment(at, self.zone, self.language, now=self.now, zone_named=False) if at else ""

    def time(self, at: datetime) -> str:
        """The time of day."""
        return local_time(at, self.zone, self.language)

    def ago(self, at: datetime | None) -> str:
        """How long since then; empty for None."""
        return duration((self.now - at).total_seconds(), self.language) if at else ""

    def number(self, value: object) -> str:
        """A number in the reader's digits."""
        return local_digits(value, self.language)


def reader_of(request: HttpRequest) -> Reader:
    """The reader of this request, by the organisation's clock, now."""
    return Reader(request.LANGUAGE_CODE, organisation_of(request).time_zone, timezone.now())
