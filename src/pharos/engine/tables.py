"""A pool written down as the arrays that the twin's event loop works on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import erfc, inf, log, sqrt
from typing import Final, NamedTuple

import numpy as np

from pharos.engine.handling import Floats, HandleTime
from pharos.engine.heads import Ints, Pool, Rows
from pharos.engine.laws import CURVE, ENDLESS, EXPONENTIAL, LEFT_WIDTH, LOGNORMAL
from pharos.engine.paths import SURE, PoolStart, Room, Unsure
from pharos.engine.patience import Hazard

Stay = HandleTime | Hazard | float | None
_NO_CURVE: Final = np.array([[0.0, 1.0], [0.0, 0.0]])


@dataclass(frozen=True, slots=True)
class CallLine:
    """A first-in-first-out line of a day: its order, who comes, how long they stay and how long they take.

    `rates` are arrivals per second in each piece of the day; `arrivals` are further, known ones (seconds from the
    start, in order), `takes` their handle times if those are known too. Of those who give up `redial_share` call again,
    after `redial_after_s` on average. `promise_s` after its arrival a contact joins the guard lane of its `group`.
    """

    group: int
    target_s: float
    head_start_s: float
    handle: HandleTime
    rates: tuple[float, ...] = (0.0,)
    patience: Stay = None
    redial_share: float = 0.0
    redial_after_s: float = 0.0
    promise_s: float = inf
    danger: bool = False
    arrivals: tuple[float, ...] = ()
    takes: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """One agent of a day: the groups it serves, and when it is on duty and not on a break (seconds, in order)."""

    groups: frozenset[int]
    spans: tuple[tuple[float, float], ...] = ((0.0, inf),)


@dataclass(frozen=True, slots=True)
class Day:
    """A day to be run: `edges_s` are where its pieces begin; after the last of `edges_s` nothing changes any more."""

    lines: Sequence[CallLine]
    shifts: Sequence[Shift]
    edges_s: tuple[float, ...] = (0.0,)
    guard_percent: int = 30
    unsure: Unsure = SURE


class _Seat(NamedTuple):
    lines: tuple[int, ...]
    guards: tuple[int, ...]


def of_start(start: PoolStart) -> Pool:
    """The present: shadows are asked about at time 0, one for each of the first lines."""
    shadows = len(start.arrived_s) - start.people
    real = len(start.lines) - shadows
    lines = start.lines[:real]
    seats = [_Seat(tuple(line for line in room.lines if line < real), room.guards) for room in start.rooms]
    used = [bool(line.contacts) or line.arrivals_per_s > 0 for line in lines]
    return _pool(
        people=start.people,
        arrived=start.arrived_s,
        due=start.due_s,
        takes=np.zeros(len(start.arrived_s)),
        contacts=[line.contacts for line in lines],
        order=[(line.target_s, line.head_start_s, line.danger, line.exempt) for line in lines],
        handles=[line.handle for line in lines],
        stays=[line.patience_s for line in lines],
        edges=(0.0, *(at for at, _ in start.pulse)),
        rates=[(line.arrivals_per_s, *(line.arrivals_per_s * times for _, times in start.pulse)) for line in lines],
        redials=[(0.0, 0.0)] * real,
        promise=[inf] * real,
        seats=seats,
        used=used,
        shadows=shadows,
        free=[room.free_s for room in start.rooms],
        left=[_left(room) for room in start.rooms],
        spans=[((-inf, room.until_s),) for room in start.rooms],
        guards=start.guards,
        guard_lines=[()] * len(start.guards),
        tokens=start.tokens,
        percent=start.guard_percent,
        unsure=start.unsure,
        sway=start.sway,
    )


def of_day(day: Day) -> Pool:
    """A day from its first second, with nobody waiting."""
    groups = sorted({line.group for line in day.lines})
    arrivals = [line.arrivals for line in day.lines]
    ends = np.cumsum([0, *map(len, arrivals)]).tolist()
    arrived = np.array([at for line in arrivals for at in line])
    takes = [took for line in day.lines for took in (line.takes or (0.0,) * len(line.arrivals))]
    seats = [
        _Seat(
            tuple(number for number, line in enumerate(day.lines) if line.group in shift.groups),
            tuple(number for number, group in enumerate(groups) if group in shift.groups),
        )
        for shift in day.shifts
    ]
    guarded = [not line.danger and line.promise_s < inf for line in day.lines]
    return _pool(
        people=len(arrived),
        arrived=arrived,
        due=np.array([at + line.promise_s for line in day.lines for at in line.arrivals]),
        takes=np.array(takes, dtype=float),
        contacts=[tuple(range(*ends[number : number + 2])) for number in range(len(day.lines))],
        order=[(line.target_s, line.head_start_s, line.danger, False) for line in day.lines],
        handles=[line.handle for line in day.lines],
        stays=[line.patience for line in day.lines],
        edges=day.edges_s,
        rates=[line.rates for line in day.lines],
        redials=[(line.redial_share, line.redial_after_s) for line in day.lines],
        promise=[line.promise_s for line in day.lines],
        seats=seats,
        used=[True] * len(day.lines),
        shadows=0,
        free=[min((start for start, _ in shift.spans), default=inf) for shift in day.shifts],
        left=[_NOTHING] * len(day.shifts),
        spans=[shift.spans for shift in day.shifts],
        guards=[()] * len(groups),
        guard_lines=[
            tuple(n for n, line in enumerate(day.lines) if guarded[n] and line.group == group) for group in groups
        ],
        tokens=[0] * len(groups),
        percent=day.guard_percent,
        unsure=day.unsure,
        sway=None,
    )


_NOTHING: Final = (float(ENDLESS), 0.0, 0.0, 0.0, 0.0, 1.0)


def _pool(
    *,
    people: int,
    arrived: Floats,
    due: Floats,
    takes: Floats,
    contacts: Sequence[Sequence[int]],
    order: Sequence[tuple[float, float, bool, bool]],
    handles: Sequence[HandleTime],
    stays: Sequence[Stay],
    edges: Sequence[float],
    rates: Sequence[Sequence[float]],
    redials: Sequence[tuple[float, float]],
    promise: Sequence[float],
    seats: Sequence[_Seat],
    used: Sequence[bool],
    shadows: int,
    free: Sequence[float],
    left: Sequence[tuple[float, ...]],
    spans: Sequence[Sequence[tuple[float, float]]],
    guards: Sequence[Sequence[int]],
    guard_lines: Sequence[Sequence[int]],
    tokens: Sequence[int],
    percent: int,
    unsure: Unsure,
    sway: Floats | None,
) -> Pool:
    kinds = {seat: number for number, seat in enumerate(dict.fromkeys(seats))}
    lines = [[line for line in seat.lines if used[line]] for seat in kinds]
    curves = [stay for stay in stays if isinstance(stay, Hazard)]
    flat = [span for each in spans for span in each]
    return Pool(
        people=people,
        arrived=np.ascontiguousarray(arrived, dtype=float),
        due=np.ascontiguousarray(due, dtype=float),
        takes=takes,
        line_of=_owners(contacts, len(arrived)),
        queue=_rows(contacts),
        pace=np.array([1 / target_s for target_s, *_ in order]),
        ahead=np.array([head_start_s for _, head_start_s, *_ in order]),
        danger=np.array([danger for _, _, danger, _ in order], dtype=np.bool_),
        exempt=np.array([exempt for *_, exempt in order], dtype=np.bool_),
        service=np.array([_law(handle) for handle in handles]),
        patience=np.array([_stay(stay, curves) for stay in stays]),
        curves=_table(curves),
        edges=np.array([*edges, inf]),
        rates=np.array([_filled(row, len(edges)) for row in rates], dtype=float),
        redials=np.array(redials, dtype=float),
        promise=np.array(promise, dtype=float),
        room_type=np.array([kinds[seat] for seat in seats], dtype=np.int64),
        room_free=np.array(free, dtype=float),
        room_left=np.array(left, dtype=float).reshape(len(left), LEFT_WIDTH),
        spans=np.cumsum([0, *map(len, spans)]),
        span_from=np.array([start for start, _ in flat], dtype=float),
        span_until=np.array([end for _, end in flat], dtype=float),
        flexibility=np.array([len(seat.guards) for seat in kinds], dtype=np.int64),
        lines=_rows(lines),
        shadows=_rows([[line for line in seat.lines if line < shadows] for seat in kinds]),
        guards=_rows([seat.guards for seat in kinds]),
        takers=_rows([[kind for kind, some in enumerate(lines) if line in some] for line in range(len(order))]),
        guard_of=_owners(guards, len(arrived)),
        guard_queue=_rows(guards),
        guard_lines=_rows(guard_lines),
        tokens=np.array(tokens, dtype=np.int64),
        percent=percent,
        unsure=np.array(unsure, dtype=float),
        sway=_sway(unsure, sway, len(edges)),
        guarded=any(guards) or any(guard_lines),
        promising=any(guard_lines),
    )


def _sway(unsure: Unsure, sway: Floats | None, pieces: int) -> Floats:
    """How far the rate of each piece may lie from the expected one: as given, else alike in all of them."""
    if sway is None:
        return np.full((pieces, 1), unsure.arrivals) if unsure.arrivals > 0 else np.empty((pieces, 0))
    if sway.shape[0] != pieces:
        raise ValueError(f"{sway.shape[0]} rows of sway for {pieces} pieces")
    return np.ascontiguousarray(sway, dtype=float)


def _law(law: HandleTime) -> tuple[float, float, float, float]:
    sort = EXPONENTIAL if law.shape == "exponential" else LOGNORMAL
    return float(sort), law.mean_s, *law.log_law()


def _stay(stay: Stay, curves: Sequence[Hazard]) -> tuple[float, float, float, float]:
    if stay is None:
        return float(ENDLESS), 0.0, 0.0, 0.0
    if isinstance(stay, Hazard):
        return float(CURVE), float(curves.index(stay)), 0.0, 0.0
    return _law(stay) if isinstance(stay, HandleTime) else (float(EXPONENTIAL), stay, 0.0, 0.0)


def _left(room: Room) -> tuple[float, ...]:
    """What is in the room, and how likely a service lasts as long as it did."""
    if room.handle is None or room.elapsed_s is None:
        return _NOTHING
    *_, mu, sigma = law = _law(room.handle)
    known = room.elapsed_s > 0 and sigma > 0
    lasts = erfc((log(room.elapsed_s) - mu) / sigma / sqrt(2)) / 2 if known else 1.0
    return *law, room.elapsed_s, lasts


def _filled(row: Sequence[float], pieces: int) -> list[float]:
    """One rate for each piece; the last one goes on."""
    return [*row, *(row[-1] for _ in range(pieces - len(row)))][:pieces]


def _table(curves: Sequence[Hazard]) -> Floats:
    """Curves of one length: the last piece of each is drawn longer."""
    if not curves:
        return _NO_CURVE[None]
    longest = max(len(curve.times_s) for curve in curves)
    return np.array([[curve.drawn_to(longest)[0], curve.drawn_to(longest)[1]] for curve in curves])


def _rows(rows: Sequence[Sequence[int]]) -> Rows:
    numbers: Iterable[int] = (number for row in rows for number in row)
    return Rows(np.cumsum([0, *map(len, rows)]), np.fromiter(numbers, np.int64))


def _owners(rows: Sequence[Sequence[int]], size: int) -> Ints:
    """The row of each number, -1 without one."""
    owners = np.full(size, -1, dtype=np.int64)
    for number, row in enumerate(rows):
        owners[list(row)] = number
    return owners
