"""Erlang's laws: the exact answers for exponential service, as estimators where they apply and as oracles.

Erlang 1917 for B and C; Palm 1957 and Garnett, Mandelbaum and Reiman 2002 for A, with exponential patience; Riordan
1962 for the wait behind so many; Mandelbaum and Zeltyn 2007 for the share answered in time.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_NEGLIGIBLE: Final = 1e-18
_BLOCK: Final = 4096


@dataclass(frozen=True, slots=True)
class Steady:
    """The long run of a group of agents; seconds and contacts. Without patience nobody abandons."""

    wait_probability: float
    mean_wait_s: float
    mean_queue: float
    abandon_probability: float
    occupancy: float


@dataclass(frozen=True, slots=True)
class Overload:
    """More work than agents and nobody leaves: the line grows without end, so there is no long run."""

    load_erlangs: float
    servers: int


def erlang_b(servers: int, load_erlangs: float) -> float:
    """The probability that all servers are busy when nobody waits, by the recurrence in the number of servers."""
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load_erlangs * blocked / (number + load_erlangs * blocked)
    return blocked


def erlang_c(servers: int, arrivals_per_s: float, aht_s: float) -> Steady | Overload:
    """M/M/s, from Erlang B; overload is said, never a probability above one."""
    load = arrivals_per_s * aht_s
    if load >= servers:
        return Overload(load, servers)
    blocked = erlang_b(servers, load)
    waits = blocked / (1 - load / servers * (1 - blocked))
    mean_wait_s = waits * aht_s / (servers - load)
    return Steady(waits, mean_wait_s, arrivals_per_s * mean_wait_s, 0.0, load / servers)


def required_agents(arrivals_per_s: float, aht_s: float, within_s: float, share: float) -> int:
    """The fewest agents with which this share of contacts waits at most `within_s` (M/M/s), in one pass."""
    if not 0 <= share < 1:
        raise ValueError(f"a share below one, not {share}")
    load = arrivals_per_s * aht_s
    blocked, servers = 1.0, 0
    while True:
        if servers > load:
            waits = blocked / (1 - load / servers * (1 - blocked))
            if 1 - waits * math.exp(-(servers - load) * within_s / aht_s) >= share:
                return servers
        servers += 1
        blocked = load * blocked / (servers + load * blocked) if load else 0.0


def erlang_a(servers: int, arrivals_per_s: float, aht_s: float, patience_s: float) -> Steady:
    """M/M/s+M. The stationary law is summed outward from its mode, so it holds for thousands of servers.

    No servers at all is allowed: then everyone leaves.
    """
    if arrivals_per_s <= 0:
        return Steady(0.0, 0.0, 0.0, 0.0, 0.0)
    first, weights = _around_mode(servers, arrivals_per_s, 1 / aht_s, 1 / patience_s)
    states = np.arange(first, first + len(weights))
    shares = weights / weights.sum()
    waits = min(1.0, float(shares[states >= servers].sum()))
    mean_queue = float(np.dot(shares, np.maximum(states - servers, 0)))
    busy = float(np.dot(shares, np.minimum(states, servers)))
    abandons = mean_queue / patience_s / arrivals_per_s
    return Steady(waits, mean_queue / arrivals_per_s, mean_queue, abandons, busy / servers if servers else 0.0)


def answered_within(servers: int, arrivals_per_s: float, aht_s: float, patience_s: float, within_s: float) -> float:
    """The share of all contacts that is answered, and within so many seconds (M/M/s+M): the service level.

    Behind q who wait, e^(-wait / patience) is Beta(c, q + 1), c = servers * patience / aht; who is patient enough is
    answered, which is its mean: c / (c + q + 1), of a Beta(c + 1, q + 1) in time.
    """
    if arrivals_per_s <= 0:
        return 1.0
    if servers == 0:
        return 0.0
    first, weights = _around_mode(servers, arrivals_per_s, 1 / aht_s, 1 / patience_s)
    shares = weights / weights.sum()
    states = np.arange(first, first + len(weights))
    at_once = float(shares[states < servers].sum())
    ahead = states[states >= servers] - servers
    if not len(ahead):
        return at_once
    shape = servers * patience_s / aht_s
    late = _tails(shape + 1, patience_s, int(ahead[-1]), within_s)[ahead]
    answered = shape / (shape + ahead + 1) * (1 - late)
    return min(1.0, at_once + float(np.dot(shares[states >= servers], answered)))


def _tails(shape: float, patience_s: float, most: int, longer_than_s: float) -> NDArray[np.float64]:
    """P(wait > t) behind 0, 1, … `most`, where e^(-wait / patience) is Beta(shape, ahead + 1)."""
    steps = np.arange(1.0, most + 1.0)
    left = -math.expm1(-longer_than_s / patience_s)
    if left <= 0:
        return np.ones(most + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log((shape + steps - 1) / steps)) + steps * math.log(left)])
    logs -= shape * longer_than_s / patience_s
    tails: NDArray[np.float64] = np.minimum(np.cumsum(np.exp(logs)), 1.0)
    return tails


def required_with_patience(
    arrivals_per_s: float, aht_s: float, patience_s: float, within_s: float, share: float
) -> int:
    """The fewest agents with which this share of contacts is answered within `within_s` (M/M/s+M), by bisection."""
    if not 0 <= share < 1:
        raise ValueError(f"a share below one, not {share}")
    low, high = 0, 1
    while answered_within(high, arrivals_per_s, aht_s, patience_s, within_s) < share:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if answered_within(middle, arrivals_per_s, aht_s, patience_s, within_s) < share:
            low = middle
        else:
            high = middle
    return high


def _around_mode(servers: int, birth: float, service: float, leaving: float) -> tuple[int, NDArray[np.float64]]:
    """The first state kept and the unnormalised law from it on, the mode weighing one."""
    load = birth / service
    mode = int(load) if load < servers else servers + int((birth - servers * service) / leaving)

    def out(states: NDArray[np.float64]) -> NDArray[np.float64]:
        leavers: NDArray[np.float64] = np.minimum(states, servers) * service + np.maximum(states - servers, 0) * leaving
        return leavers

    above: list[NDArray[np.float64]] = [np.ones(1)]
    state = mode
    while above[-1][-1] > _NEGLIGIBLE:
        above.append(above[-1][-1] * np.cumprod(birth / out(np.arange(state + 1.0, state + 1.0 + _BLOCK))))
        state += _BLOCK
    below: list[NDArray[np.float64]] = [np.ones(0)]
    state, weight = mode, 1.0
    while state > 0 and weight > _NEGLIGIBLE:
        steps = np.arange(state, max(state - _BLOCK, 0), -1.0)
        below.append(np.asarray(weight * np.cumprod(out(steps) / birth), dtype=np.float64))
        weight, state = float(below[-1][-1]), state - len(steps)
    return state, np.concatenate([np.concatenate(below)[::-1], *above])


def wait_tail(servers: int, aht_s: float, patience_s: float | None, ahead: int, longer_than_s: float) -> float:
    """P(wait > t) of a person who stays, finding all servers busy and `ahead` waiting, in M/M/s(+M), first come first.

    With patience e^(-wait / patience) is Beta(servers * patience / aht, ahead + 1); without, the wait is a gamma.
    """
    if longer_than_s <= 0:
        return 1.0
    rate = servers / aht_s
    steps = np.arange(1.0, ahead + 1.0)
    if patience_s is None:
        logs = steps * math.log(rate * longer_than_s) - np.cumsum(np.log(steps))
        first = -rate * longer_than_s
    else:
        shape = rate * patience_s
        left = -math.expm1(-longer_than_s / patience_s)
        logs = np.cumsum(np.log((shape + steps - 1) / steps)) + steps * math.log(left)
        first = -rate * longer_than_s
    terms = np.concatenate([[0.0], logs]) + first
    top = float(terms.max())
    return min(1.0, math.exp(top) * float(np.exp(terms - top).sum()))


def wait_quantile(servers: int, aht_s: float, patience_s: float | None, ahead: int, share: float) -> float:
    """The wait, in seconds, that this share of such people do not exceed; by bisection to a millisecond."""
    low, high = 0.0, aht_s
    while wait_tail(servers, aht_s, patience_s, ahead, high) > 1 - share:
        low, high = high, 2 * high
    while high - low > 1e-3:
        middle = (low + high) / 2
        if wait_tail(servers, aht_s, patience_s, ahead, middle) > 1 - share:
            low = middle
        else:
            high = middle
    return high
