"""Redials: those who gave up and call again look like demand that does not exist.

What comes in is fresh contacts plus the share of those who gave up that calls again; how many give up depends on what
comes in. In the long run that is a fixed point of Erlang A (Aguir, Karaesmen, Aksin and Chauvet 2004).
"""

from pharos.engine.erlang import erlang_a

_STEPS = 200


def fresh_arrivals(servers: int, observed_per_s: float, aht_s: float, patience_s: float, redial_share: float) -> float:
    """The arrivals per second that are not redials, of so many observed."""
    gone = erlang_a(servers, observed_per_s, aht_s, patience_s).abandon_probability
    return observed_per_s * (1 - redial_share * gone)


def fresh_of_counts(observed: float, gave_up: float, redial_share: float) -> float:
    """The same from two counts of one period: contacts that came, and contacts that gave up and had time to return."""
    return max(observed - redial_share * gave_up, 0.0)


def with_redials(servers: int, fresh_per_s: float, aht_s: float, patience_s: float, redial_share: float) -> float:
    """What will be observed of so many fresh arrivals per second, by bisection; `redial_share` is below one."""
    if not 0 <= redial_share < 1:
        raise ValueError(f"a share below one, not {redial_share}")
    low, high = fresh_per_s, fresh_per_s / (1 - redial_share)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if fresh_arrivals(servers, middle, aht_s, patience_s, redial_share) < fresh_per_s:
            low = middle
        else:
            high = middle
        if high - low <= 1e-12 * high:
            break
    return (low + high) / 2
