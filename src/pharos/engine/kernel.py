"""The twin's event loop, compiled: one path of a pool under the discipline of `floor`.

Lines are first in, first out, so whoever gave up is noticed when their turn comes: nobody else's wait depends on the
moment before, and a redial joins its line, behind those who are there, before its own turn can come.
"""

from collections.abc import Callable
from math import inf
from typing import Final

import numpy as np

from pharos.engine.draws import (
    AGAIN,
    PATIENCE,
    REDIALS,
    RETURNS,
    SERVICE,
    compiled,
    draw,
    exponential,
    inlined,
    made_of,
    normal_at,
    uniform,
)
from pharos.engine.handling import Floats
from pharos.engine.heads import (
    CAME,
    FRESH,
    GONE,
    REDIAL,
    ROOMS,
    Ints,
    Pool,
    call_again,
    drop_first,
    next_fresh,
    open_lines,
    push,
    replace,
    set_course,
    set_head,
)
from pharos.engine.laws import ENDLESS, hazard_at, lasts, left_of, reached, stays, surely_stays

_START: Final = 100


@inlined
def _one_path(  # noqa: PLR0912, PLR0915, PLR0917 - one loop over local arrays is what makes it fast
    pool: Pool,
    path: np.uint64,
    horizon_s: float,
    most_turns: int,
    watched: bool,
    again: int,
    starts: Floats,
    who: Ints,
    when: Floats,
) -> int:
    """Run one path; write when each known contact starts, and each turn into `who` and `when` as far as they reach.

    It ends when every known contact has started, if they are `watched`, else when nothing happens any more. A row of
    `who`: line, contact (FRESH or REDIAL: came later), room (GONE: had given up). A row of `when`: arrival, turn, and
    how long it took or they had stayed. Returns the number of turns, negative when redials were left out.
    """
    known = draw(path, CAME)
    lines = open_lines(pool, path, again)
    head, base, pace = lines.head, lines.base, pool.pace
    rooms, types, guards = len(pool.room_type), len(pool.flexibility), len(pool.tokens)
    times, heap, busy = np.empty(rooms), np.empty(rooms, np.int64), 0
    span, opening, opened, ready = pool.spans[:rooms].copy(), np.empty(rooms, np.int64), 0, 0
    for room in range(rooms):
        free = pool.room_free[room]
        if pool.room_left[room, 0] != ENDLESS:
            free += left_of(pool.room_left[room], uniform(draw(path, ROOMS), np.uint64(room)))
        if free > 0:
            busy = push(times, heap, busy, free, room)
        else:
            opening[ready] = room
            ready += 1
    idle, first, last = 0, np.full(types, -1, np.int64), np.full(types, -1, np.int64)
    after, since, reach = np.full(rooms, -1, np.int64), np.zeros(rooms), np.zeros(len(pace), np.int64)
    tokens, guard_at, guard_due = pool.tokens.copy(), np.zeros(guards, np.int64), np.full(guards, inf)
    for guard in range(guards):
        if pool.guard_queue.first[guard] < pool.guard_queue.first[guard + 1]:
            guard_due[guard] = pool.due[pool.guard_queue.numbers[pool.guard_queue.first[guard]]]
    shadows, shadow_of = np.diff(pool.shadows.first), pool.shadows.numbers.copy()
    left, turns, lost = len(pool.arrived), 0, False
    while turns < most_turns and (left > 0 or not watched):
        now, caller = times[0] if busy > 0 else inf, -1
        if opened < ready:
            now = 0.0
        elif idle > 0:
            for line in range(len(pace)):
                if reach[line] > 0 and head[line] < now:
                    now, caller = head[line], line
        if now >= horizon_s:
            break
        outside = True
        if opened < ready:  # free from the first moment: in the order of their flexibility
            room = opening[opened]
            kind = pool.room_type[room]
            opened += 1
        elif caller >= 0:
            kind = -1
            for at in range(pool.takers.first[caller], pool.takers.first[caller + 1]):
                other = pool.takers.numbers[at]
                if first[other] >= 0 and (
                    kind < 0
                    or pool.flexibility[other] < pool.flexibility[kind]
                    or (
                        pool.flexibility[other] == pool.flexibility[kind]
                        and (since[first[other]], first[other]) < (since[first[kind]], first[kind])
                    )
                ):
                    kind = other
            room = first[kind]
            first[kind] = after[room]
            idle -= 1
            if first[kind] < 0:
                for at in range(pool.lines.first[kind], pool.lines.first[kind + 1]):
                    reach[pool.lines.numbers[at]] -= 1
        else:
            room, outside = heap[0], False
            kind = pool.room_type[room]
        free = now
        while span[room] < pool.spans[room + 1] and now >= pool.span_until[span[room]]:
            span[room] += 1
        if span[room] == pool.spans[room + 1]:
            free = inf
        elif pool.span_from[span[room]] > now:
            free = pool.span_from[span[room]]
        rests = False
        while free == now:
            best, top = -1, -inf
            for at in range(pool.lines.first[kind], pool.lines.first[kind + 1]):
                line = pool.lines.numbers[at]
                if head[line] <= now:
                    score = now * pace[line] + base[line]
                    if score > top:
                        best, top = line, score
            chosen, contact, guard, overtakes = best, FRESH, -1, False
            if best >= 0:
                contact = lines.who[best]
                if pool.guarded and not pool.danger[best]:
                    earliest = inf
                    for at in range(pool.guards.first[kind], pool.guards.first[kind + 1]):
                        lane = pool.guards.numbers[at]
                        if tokens[lane] < _START - pool.percent:
                            continue
                        if guard_due[lane] <= now and guard_due[lane] < earliest:
                            earliest, guard = guard_due[lane], lane
                            contact = pool.guard_queue.numbers[pool.guard_queue.first[lane] + guard_at[lane]]
                            chosen = pool.line_of[contact]
                        if pool.promising:
                            for place in range(pool.guard_lines.first[lane], pool.guard_lines.first[lane + 1]):
                                line = pool.guard_lines.numbers[place]
                                due = head[line] + pool.promise[line]
                                if head[line] <= now and due <= now and due < earliest:
                                    earliest, guard, chosen, contact = due, lane, line, lines.who[line]
                    overtakes = guard >= 0 and (contact != lines.who[best] or chosen != best or pool.exempt[best])
            place = pool.shadows.first[kind]
            while place < pool.shadows.first[kind] + shadows[kind]:
                line = shadow_of[place]
                shadow = pool.people + line
                ahead = (now + pool.ahead[line]) * pace[line] > top and (guard < 0 or pool.danger[line])
                if ahead and starts[shadow] == inf:
                    starts[shadow] = now
                    left -= 1
                if starts[shadow] < inf:
                    shadows[kind] -= 1
                    shadow_of[place] = shadow_of[pool.shadows.first[kind] + shadows[kind]]
                else:
                    place += 1
            if best < 0:
                rests = True
                break
            if watched and left == 0:
                break
            is_head = contact == lines.who[chosen]
            came = head[chosen] if is_head else pool.arrived[contact]
            key = lines.key[chosen] if is_head else draw(known, np.uint64(contact))
            limit, begins = inf, True
            if pool.patience[chosen, 0] != ENDLESS and now > came:
                share, truth = uniform(key, PATIENCE), lines.truth[2]
                waited = max(-came, 0.0) / truth
                if truth * surely_stays(pool.patience[chosen], waited, share) <= now - came:
                    limit = truth * stays(pool.patience[chosen], pool.curves, waited, share)
                    begins = limit > now - came
            took = limit
            if begins:
                if contact >= 0 and pool.takes[contact] > 0:
                    took = pool.takes[contact]
                else:
                    took = lines.truth[1] * lasts(pool.service[chosen], uniform(key, SERVICE))
                free = now + took
                if pool.guarded and not pool.danger[chosen]:
                    due = pool.due[contact] if contact >= 0 else came + pool.promise[chosen]
                    for at in range(pool.guards.first[kind], pool.guards.first[kind + 1]):
                        lane = pool.guards.numbers[at]
                        saved = tokens[lane] + pool.percent
                        if overtakes:
                            oldest = guard_due[lane]
                            if pool.promising:
                                for place in range(pool.guard_lines.first[lane], pool.guard_lines.first[lane + 1]):
                                    line = pool.guard_lines.numbers[place]
                                    oldest = min(oldest, head[line] + pool.promise[line])
                            if due <= oldest:
                                saved -= _START
                        tokens[lane] = min(max(saved, 0), _START)
            if turns < len(who):
                who[turns, 0], who[turns, 1], who[turns, 2] = chosen, contact, room if begins else GONE
                when[turns, 0], when[turns, 1], when[turns, 2] = came, now, took
            turns += 1
            if contact >= 0:
                starts[contact] = now
                lines.gone[contact] = True
                left -= 1
                lane = pool.guard_of[contact]
                if lane >= 0:
                    place = pool.guard_queue.first[lane] + guard_at[lane]
                    while place < pool.guard_queue.first[lane + 1] and lines.gone[pool.guard_queue.numbers[place]]:
                        place += 1
                    guard_at[lane] = place - pool.guard_queue.first[lane]
                    ended = place == pool.guard_queue.first[lane + 1]
                    guard_due[lane] = inf if ended else pool.due[pool.guard_queue.numbers[place]]
            elif contact == REDIAL:
                lines.again[chosen] = drop_first(lines.again_at[chosen], lines.again_key[chosen], lines.again[chosen])
            else:
                next_fresh(pool, lines, chosen)
            if not begins and uniform(key, REDIALS) < pool.redials[chosen, 0]:
                again_at = came + limit + pool.redials[chosen, 1] * exponential(key, RETURNS)
                size = call_again(
                    lines.again_at[chosen], lines.again_key[chosen], lines.again[chosen], again_at, draw(key, AGAIN)
                )
                lost = lost or size == lines.again[chosen]
                lines.again[chosen] = size
                is_head = True
            if is_head:
                set_head(pool, lines, chosen, known)
            if turns >= most_turns:
                break
        if rests:
            if not outside:
                busy -= 1
                if busy > 0:
                    replace(times, heap, busy, times[busy], heap[busy])
            after[room], since[room] = -1, now
            if first[kind] < 0:
                first[kind] = room
                for at in range(pool.lines.first[kind], pool.lines.first[kind + 1]):
                    reach[pool.lines.numbers[at]] += 1
            else:
                after[last[kind]] = room
            last[kind] = room
            idle += 1
        elif free == inf:
            if not outside:
                busy -= 1
                if busy > 0:
                    replace(times, heap, busy, times[busy], heap[busy])
        elif outside:
            busy = push(times, heap, busy, free, room)
        else:
            replace(times, heap, busy, free, room)
    return -turns if lost else turns


Play = Callable[[Pool, np.uint64, int, float, int, bool, int, Floats, Ints, Floats], int]


def _play(made_of: int) -> Play:
    """The loop over paths; the number is part of what it is kept under."""

    @compiled
    def all_paths(  # noqa: PLR0917
        pool: Pool,
        seed: np.uint64,
        first: int,
        horizon_s: float,
        most_turns: int,
        watched: bool,
        again: int,
        starts: Floats,
        who: Ints,
        when: Floats,
    ) -> int:
        """Run as many paths as `starts` has rows, the first of them with this number; what the last one returned."""
        turns = 0 * made_of
        for row in range(len(starts)):
            path = draw(seed, np.uint64(first + row))
            turns = _one_path(pool, path, horizon_s, most_turns, watched, again, starts[row], who, when)
        return turns

    return all_paths


all_paths = _play(
    made_of(
        draw, uniform, exponential, normal_at, lasts, left_of, stays, surely_stays, hazard_at, reached,
        push, replace, call_again, drop_first, next_fresh, set_head, set_course, open_lines, _one_path,
    )
)  # fmt: skip
