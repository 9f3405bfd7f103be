"""What the twin's event loop works on: the pool as arrays, heaps of times, and the head of every line."""

from math import exp, inf
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pharos.engine.draws import compiled, draw, exponential, inlined, normal_at, uniform
from pharos.engine.handling import Floats

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Keys = NDArray[np.uint64]

FRESH, REDIAL = -1, -2
GONE: Final = -1
# Keys of a path, by what they are for.
CAME, ROOMS, GAPS, PEOPLE, TRUTH = (np.uint64(number) for number in range(5))
_ONE: Final = np.uint64(1)


class Rows(NamedTuple):
    """Rows of numbers of different lengths: row n lies from first[n] to first[n + 1]."""

    first: Ints
    numbers: Ints


class Pool(NamedTuple):
    """A pool at time 0; `tables` makes it. Contacts from `people` on are shadows, who take no agent.

    Per contact: when it came, when its promise is due, how long it takes (0: drawn) and its line. Per line: its
    contacts, its order, its laws (`laws`), its arrivals per second in each piece of time, which share of those who gave
    up redials and after how long, and how long after the arrival a promise is due. Rooms of one type serve the same.
    `unsure`: how far the path's true rates of arrival, handle times and patience lie from these (lognormal); `sway`:
    how far each piece's rate of arrival does, by independent normal deviates (columns), the first being that of all.
    """

    people: int
    arrived: Floats
    due: Floats
    takes: Floats
    line_of: Ints
    queue: Rows
    pace: Floats
    ahead: Floats
    danger: Bools
    exempt: Bools
    service: Floats
    patience: Floats
    curves: Floats
    edges: Floats
    rates: Floats
    redials: Floats
    promise: Floats
    room_type: Ints
    room_free: Floats
    room_left: Floats
    spans: Ints
    span_from: Floats
    span_until: Floats
    flexibility: Ints
    lines: Rows
    shadows: Rows
    guards: Rows
    takers: Rows
    guard_of: Ints
    guard_queue: Rows
    guard_lines: Rows
    tokens: Ints
    percent: int
    unsure: Floats
    sway: Floats
    guarded: bool
    promising: bool


class Lines(NamedTuple):
    """Every line on one path: its head (when it came, who, its key), and where the next one comes from."""

    head: Floats
    who: Ints
    key: Keys
    base: Floats
    at: Ints
    fresh: Floats
    piece: Ints
    called: Keys
    gaps: Keys
    people: Keys
    truth: Floats
    course: Floats
    again: Ints
    again_at: Floats
    again_key: Keys
    gone: Bools


@compiled
def push(times: Floats, rooms: Ints, size: int, at: float, room: int) -> int:
    """One more busy room in the heap; its new size."""
    _rise(times, rooms, size, at, room)
    return size + 1


@compiled
def _rise(times: Floats, rooms: Ints, place: int, at: float, room: int) -> None:
    while place > 0:
        parent = (place - 1) >> 1
        if times[parent] <= at:
            break
        times[place], rooms[place] = times[parent], rooms[parent]
        place = parent
    times[place], rooms[place] = at, room


@compiled
def replace(times: Floats, rooms: Ints, size: int, at: float, room: int) -> None:
    """The first busy room of the heap becomes this one: down to a leaf first, for it will mostly be free late."""
    place, child = 0, 2
    while child < size:
        child -= times[child - 1] < times[child]
        times[place], rooms[place] = times[child], rooms[child]
        place, child = child, 2 * child + 2
    if child == size:
        times[place], rooms[place] = times[child - 1], rooms[child - 1]
        place = child - 1
    _rise(times, rooms, place, at, room)


@compiled
def call_again(times: Floats, keys: Keys, size: int, at: float, key: np.uint64) -> int:
    """One more who will call again; the new size, the same when there is no place for them."""
    if size == len(times):
        return size
    place = size
    while place > 0:
        parent = (place - 1) >> 1
        if times[parent] <= at:
            break
        times[place], keys[place] = times[parent], keys[parent]
        place = parent
    times[place], keys[place] = at, key
    return size + 1


@compiled
def drop_first(times: Floats, keys: Keys, size: int) -> int:
    """The first who calls again has done so; the new size."""
    size -= 1
    at, key = times[size], keys[size]
    place = 0
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and times[child + 1] < times[child]:
            child += 1
        if times[child] >= at:
            break
        times[place], keys[place] = times[child], keys[child]
        place = child
    times[place], keys[place] = at, key
    return size


@inlined
def next_fresh(pool: Pool, lines: Lines, line: int) -> None:
    """The next one who has not called before: exponential gaps of work, at rates that are constant in pieces."""
    due = exponential(lines.gaps[line], lines.called[line])
    lines.called[line] += _ONE
    at, piece = lines.fresh[line], lines.piece[line]
    last = pool.rates.shape[1] - 1
    while True:
        rate, end = pool.rates[line, piece] * lines.course[piece], pool.edges[piece + 1]
        if rate * (end - at) >= due:
            at += due / rate
            break
        if piece == last:
            at = inf
            break
        due -= rate * (end - at)
        at = end
        piece += 1
    lines.fresh[line], lines.piece[line] = at, piece


@inlined
def set_head(pool: Pool, lines: Lines, line: int, known: np.uint64) -> None:
    """Who is first in a line: one known at time 0, one who came since, or one who calls again."""
    first, end = pool.queue.first[line], pool.queue.first[line + 1]
    at = first + lines.at[line]
    while at < end and lines.gone[pool.queue.numbers[at]]:
        at += 1
    lines.at[line] = at - first
    head, who = lines.fresh[line], FRESH
    if at < end and pool.arrived[pool.queue.numbers[at]] <= head:
        who = pool.queue.numbers[at]
        head = pool.arrived[who]
    if lines.again[line] > 0 and lines.again_at[line, 0] < head:
        head, who = lines.again_at[line, 0], REDIAL
    if who >= 0:
        lines.key[line] = draw(known, np.uint64(who))
    elif who == FRESH:
        lines.key[line] = draw(lines.people[line], lines.called[line])
    else:
        lines.key[line] = lines.again_key[line, 0]
    lines.head[line], lines.who[line] = head, who
    lines.base[line] = (pool.ahead[line] - head) * pool.pace[line]


@compiled
def set_course(pool: Pool, lines: Lines, key: np.uint64) -> None:
    """How many times the expected arrivals come in each piece of this path."""
    pieces, factors = pool.sway.shape
    lines.course[:] = 0.0
    for factor in range(factors):
        deviate = normal_at(uniform(key, np.uint64(factor + 2 if factor else 0)))
        for piece in range(pieces):
            lines.course[piece] += pool.sway[piece, factor] * deviate
    for piece in range(pieces):
        lines.course[piece] = exp(lines.course[piece])


@inlined
def open_lines(pool: Pool, path: np.uint64, again: int) -> Lines:
    """The lines of a path at time 0, with places for so many who call again."""
    size = len(pool.pace)
    lines = Lines(
        head=np.zeros(size),
        who=np.zeros(size, np.int64),
        key=np.zeros(size, np.uint64),
        base=np.zeros(size),
        at=np.zeros(size, np.int64),
        fresh=np.zeros(size),
        piece=np.zeros(size, np.int64),
        called=np.zeros(size, np.uint64),
        gaps=np.zeros(size, np.uint64),
        people=np.zeros(size, np.uint64),
        truth=np.ones(3),
        course=np.ones(len(pool.sway)),
        again=np.zeros(size, np.int64),
        again_at=np.zeros((size, again)),
        again_key=np.zeros((size, again), np.uint64),
        gone=np.zeros(len(pool.arrived), np.bool_),
    )
    for number in range(1, 3):
        if pool.unsure[number] > 0:
            deviate = normal_at(uniform(draw(path, TRUTH), np.uint64(number)))
            lines.truth[number] = exp(pool.unsure[number] * deviate)
    if pool.sway.shape[1] > 0:
        set_course(pool, lines, draw(path, TRUTH))
    for line in range(size):
        lines.gaps[line] = draw(draw(path, GAPS), np.uint64(line))
        lines.people[line] = draw(draw(path, PEOPLE), np.uint64(line))
        next_fresh(pool, lines, line)
        set_head(pool, lines, line, draw(path, CAME))
    return lines
