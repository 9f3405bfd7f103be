"""Classes of contacts: how soon each should be answered and how its index grows."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, cast, get_args

Kind = Literal["live", "written"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
BANDS: Final = (0, 1, 2, 3)
DANGER: Final = 0

CHANNEL_KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "web": "written",
        "email": "written",
        "sms": "written",
        "social": "written",
        "staff": "written",
        "chat": "live",
        "voice": "live",
    }
)


class RulesError(ValueError):
    """An operator's class setting that cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class ClassRule:
    """Target and head start, in seconds on the calendar of the channel, of one band on one kind of channel."""

    band: int
    kind: Kind
    target_s: float
    head_start_s: float


def index(rule: ClassRule, waited_s: float) -> float:
    """The share of its target a contact has used up, head start included; infinite for danger to life."""
    if rule.band == DANGER:
        return math.inf
    return (waited_s + rule.head_start_s) / rule.target_s


def waited_for(rule: ClassRule, wanted_index: float) -> float:
    """The seconds a contact of this class must have waited to show this index; those who waited longer go before."""
    if rule.band == DANGER:
        return -math.inf
    return wanted_index * rule.target_s - rule.head_start_s


def kind_of(channel: str) -> Kind:
    """Live when the person is on the line, written when they are not; KeyError for an unknown channel."""
    return CHANNEL_KINDS[channel]


_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
_DEFAULTS: Final[tuple[ClassRule, ...]] = (
    ClassRule(0, "live", 0.0, 0.0),
    ClassRule(0, "written", 0.0, 0.0),
    ClassRule(1, "live", 5 * _MINUTE, 3 * _MINUTE),
    ClassRule(1, "written", 1 * _HOUR, 30 * _MINUTE),
    ClassRule(2, "live", 15 * _MINUTE, 3 * _MINUTE),
    ClassRule(2, "written", 4 * _HOUR, 1 * _HOUR),
    ClassRule(3, "live", 60 * _MINUTE, 0.0),
    ClassRule(3, "written", 24 * _HOUR, 0.0),
)
DEFAULT_GUARD_PERCENT: Final = 30


def _default_table() -> Mapping[tuple[int, Kind], ClassRule]:
    return MappingProxyType({(rule.band, rule.kind): rule for rule in _DEFAULTS})


@dataclass(frozen=True)
class ClassRules(Mapping[tuple[int, Kind], ClassRule]):
    """Every class of an operator, and the share of starts that belongs to promises that are due."""

    table: Mapping[tuple[int, Kind], ClassRule] = field(default_factory=_default_table)
    guard_percent: int = DEFAULT_GUARD_PERCENT

    def __getitem__(self, key: tuple[int, Kind]) -> ClassRule:
        return self.table[key]

    def __iter__(self) -> Iterator[tuple[int, Kind]]:
        return iter(self.table)

    def __len__(self) -> int:
        return len(self.table)

    def index(self, band: int, kind: Kind, waited_s: float) -> float:
        """The index of a contact of this class that has waited this long."""
        return index(self.table[band, kind], waited_s)

    @classmethod
    def from_mapping(cls, override: Mapping[Any, Any] | None = None, *, guard_percent: Any = None) -> "ClassRules":
        """The default classes with an operator's changes: `{band: {kind: {"target_s": s, "head_start_s": s}}}`.

        Bands may be written as text (JSON keys). Raises RulesError with a plain sentence for anything else.
        """
        table = dict(_default_table())
        for raw_band, kinds in (override or {}).items():
            band = _checked_band(raw_band)
            if not isinstance(kinds, Mapping):
                raise RulesError(f"band {band}: expected live and written, got {kinds!r}")
            for raw_kind, values in kinds.items():
                kind = _checked_kind(band, raw_kind)
                table[band, kind] = _overridden(table[band, kind], values)
        _check_order(table)
        share = DEFAULT_GUARD_PERCENT if guard_percent is None else _checked_share(guard_percent)
        return cls(MappingProxyType(table), share)


def _checked_band(raw: Any) -> int:
    text = str(raw)
    if isinstance(raw, bool) or text not in {"1", "2", "3"}:
        raise RulesError(f"band {raw!r}: only bands 1, 2 and 3 have a target; band 0 is always now")
    return int(text)


def _checked_kind(band: int, raw: Any) -> Kind:
    if raw not in KINDS:
        raise RulesError(f"band {band}: {raw!r} is neither live nor written")
    return cast("Kind", raw)


def _overridden(rule: ClassRule, values: Any) -> ClassRule:
    where = f"band {rule.band} {rule.kind}"
    if not isinstance(values, Mapping):
        raise RulesError(f"{where}: expected target_s and head_start_s, got {values!r}")
    if unknown := set(values) - {"target_s", "head_start_s"}:
        raise RulesError(f"{where}: unknown setting {sorted(map(str, unknown))}")
    target_s = _seconds(where, "target_s", values.get("target_s", rule.target_s))
    head_start_s = _seconds(where, "head_start_s", values.get("head_start_s", rule.head_start_s))
    if target_s <= 0:
        raise RulesError(f"{where}: target_s must be above zero")
    return ClassRule(rule.band, rule.kind, target_s, head_start_s)


def _seconds(where: str, name: str, raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw) or raw < 0:
        raise RulesError(f"{where}: {name} must be a number of seconds, got {raw!r}")
    return float(raw)


def _checked_share(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 1 <= raw <= 100:
        raise RulesError(f"guard_percent must be a whole number from 1 to 100, got {raw!r}")
    return raw


def _check_order(table: Mapping[tuple[int, Kind], ClassRule]) -> None:
    for kind in KINDS:
        for band in (1, 2):
            tighter, looser = table[band, kind], table[band + 1, kind]
            if tighter.target_s > looser.target_s:
                raise RulesError(f"{kind}: the target of band {band} is longer than that of band {band + 1}")
