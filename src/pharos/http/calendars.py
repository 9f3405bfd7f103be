"""Days and times as people say and type them, for views and forms; mail takes them from `content` directly."""

from pharos.content.calendars import (
    Style,
    about,
    duration,
    duration_range,
    local_date,
    local_digits,
    local_moment,
    local_range,
    local_time,
    zone_name,
)
from pharos.content.dates import DateError, date_example, parse_date, plain_digits

__all__ = [
    "DateError",
    "Style",
    "about",
    "date_example",
    "duration",
    "duration_range",
    "local_date",
    "local_digits",
    "local_moment",
    "local_range",
    "local_time",
    "parse_date",
    "plain_digits",
    "zone_name",
]
