"""A wait as it is told: a range, or why there is none."""

from dataclasses import dataclass
from typing import Final

NO_AGENTS: Final = "no_agents"
NO_HANDLE_TIME: Final = "no_handle_time"
BEYOND_HORIZON: Final = "beyond_horizon"
NOT_ASKED: Final = "not_asked"
NOT_TRUSTED: Final = "not_trusted"


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait in seconds of open time: its 10 % point, its median and its 90 % point, from `paths` simulated days."""

    low_s: float
    median_s: float
    high_s: float
    paths: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """We cannot say yet, and why: one of the codes above; beyond the horizon it may be known to be at least so long."""

    reason: str
    at_least_s: float | None = None
