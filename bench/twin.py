"""How fast a centre is played: the twin beside SimPy and Ciw, in one run, on one core (seconds of processor time).

Every engine plays M/M/100+M at one and a tenth of what the agents can do, and the share that gives up is held against
Erlang A, so all of them play the same thing.
"""

import argparse
import random
import statistics
from collections.abc import Callable
from time import process_time

import ciw
import numpy as np
import simpy

from pharos.engine import twin
from pharos.engine.classes import ClassRules
from pharos.engine.erlang import erlang_a
from pharos.engine.handling import HandleTime
from pharos.engine.heads import Pool
from pharos.engine.lanes import Group, Head, Lane
from pharos.engine.snapshot import FloorState, Held, OnFloor
from pharos.engine.waits import look_ahead

AGENTS, HANDLE_S, STAY_S, LOAD = 100, 300.0, 300.0, 1.1
RATE = AGENTS / HANDLE_S * LOAD
RULES = ClassRules()
MEMORYLESS = HandleTime(HANDLE_S, 1.0, "exponential")
LOGNORMAL, PATIENCE = HandleTime(HANDLE_S, 0.9), HandleTime(STAY_S, 1.2)
HOUR_S = 3600.0


def with_simpy(calls: int, seed: int) -> tuple[int, float]:
    """Calls played and the share that gave up."""
    rng, env = random.Random(seed), simpy.Environment()
    agents, gone = simpy.Resource(env, AGENTS), [0]

    def call():
        with agents.request() as turn:
            patience = env.timeout(rng.expovariate(1 / STAY_S))
            if turn in (yield turn | patience):
                yield env.timeout(rng.expovariate(1 / HANDLE_S))
            else:
                gone[0] += 1

    def arrivals():
        for _ in range(calls):
            yield env.timeout(rng.expovariate(RATE))
            env.process(call())

    env.process(arrivals())
    env.run()
    return calls, gone[0] / calls


def with_ciw(calls: int, seed: int) -> tuple[int, float]:
    """The same."""
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(RATE)],
        service_distributions=[ciw.dists.Exponential(1 / HANDLE_S)],
        reneging_time_distributions=[ciw.dists.Exponential(1 / STAY_S)],
        number_of_servers=[AGENTS],
    )
    played = ciw.Simulation(network)
    played.simulate_until_max_time(calls / RATE)
    records = played.get_all_records()
    return len(records), sum(record.record_type == "renege" for record in records) / len(records)


def fcfs() -> Pool:
    line = twin.CallLine(0, 1.0, 0.0, MEMORYLESS, (RATE,), STAY_S)
    return twin.prepared(twin.Day([line], [twin.Shift(frozenset([0]))] * AGENTS))


def three_classes() -> Pool:
    lines = [
        twin.CallLine(
            0, RULES[band, "live"].target_s, RULES[band, "live"].head_start_s, MEMORYLESS, (RATE / 3,), STAY_S
        )
        for band in (1, 2, 3)
    ]
    return twin.prepared(twin.Day(lines, [twin.Shift(frozenset([0]))] * AGENTS))


def everything(surge: float = LOAD) -> Pool:
    """Four skills by three bands, lognormal work and patience, redials, promises and their guard, shifts and breaks."""
    lines = [
        twin.CallLine(
            group=skill,
            target_s=RULES[band, "live"].target_s,
            head_start_s=RULES[band, "live"].head_start_s,
            handle=LOGNORMAL,
            rates=(RATE / LOAD * surge / 12,),
            patience=PATIENCE,
            redial_share=0.3,
            redial_after_s=900.0,
            promise_s=(300.0, 900.0, 1800.0)[band - 1],
        )
        for skill in range(4)
        for band in (1, 2, 3)
    ]
    shifts = []
    for agent in range(int(AGENTS * 1.1)):
        skills = frozenset([agent % 4, (agent // 4) % 4]) if agent % 10 else frozenset(range(4))
        spans, rest = [], (agent % 16) * 900.0
        for start in np.arange(0.0, 400 * HOUR_S, 4 * HOUR_S).tolist():
            spans += (
                [(start, start + rest), (start + rest + 900.0, start + 4 * HOUR_S)]
                if rest
                else [(start, start + 4 * HOUR_S)]
            )
        shifts.append(twin.Shift(skills, tuple(spans)))
    return twin.prepared(twin.Day(lines, shifts))


def played(pool: Pool, calls: int) -> Callable[[int], tuple[int, float]]:
    def play(seed: int) -> tuple[int, float]:
        found = twin.play(pool, seed, 0, calls / RATE, calls)
        return len(found.line), float(1 - found.served.mean())

    return play


def speed(play: Callable[[int], tuple[int, float]], tries: int) -> tuple[float, float]:
    """The best calls a second of processor time of some tries, and the mean share that gave up."""
    best, gone = 0.0, []
    for seed in range(tries):
        began = process_time()
        calls, share = play(seed)
        best = max(best, calls / (process_time() - began))
        gone.append(share)
    return best, statistics.mean(gone)


def look_ahead_ms(tries: int) -> float:
    """A thousand waiting, 200 agents of six skills, 200 paths: all that the live loop does but reading and writing."""
    rng = np.random.default_rng(1)
    groups = [Group(f"skill-{number}") for number in range(6)]
    waiting = [
        Head(n, Lane(n % 3 + 1, "live", groups[n % 6]), waited, -waited, guard_due=900 - waited)
        for n, waited in enumerate(rng.uniform(0, 1800, 1000).tolist())
    ]
    agents = [
        OnFloor(n, {f"skill-{n % 6}": 1, f"skill-{n % 5}": 1}, held=(Held("live", float(n)),)) for n in range(200)
    ]
    arrivals = {Lane(band, "live", group): 0.02 for group in groups for band in (1, 2, 3)}
    state = FloorState(waiting, agents, {("live", ""): LOGNORMAL}, arrivals, {"live": 900.0})
    spent = []
    for _ in range(tries):
        began = process_time()
        look_ahead(state, RULES, rng, 200, run=twin.run)
        spent.append(process_time() - began)
    return 1000 * min(spent)


def replications_s(count: int) -> tuple[float, float]:
    """So many days of about 20,000 calls at four times the usual load, each reduced to its waits per band."""
    pool = everything(surge=4.0)
    calls, began = 0, process_time()
    for path in range(count):
        found = twin.play(pool, 5, path, 20_000 / (RATE / LOAD * 4) / 1.25, 20_000)
        calls += len(found.line)
        waits = found.waited_s
        for band in range(3):
            np.quantile(waits[found.line % 3 == band], [0.5, 0.95])
    return process_time() - began, calls / count


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    tries, shrink = (5, 5) if options.quick else (9, 1)
    for pool in (fcfs(), three_classes(), everything()):
        twin.play(pool, 0, 0, 1000.0, 1000)  # made into machine code before anything is measured
    exact = erlang_a(AGENTS, RATE, HANDLE_S, STAY_S).abandon_probability
    rows = {
        "Ciw, FCFS": speed(lambda seed: with_ciw(10_000 // shrink, seed), 2),
        "SimPy, FCFS": speed(lambda seed: with_simpy(30_000 // shrink, seed), 2),
        "twin, FCFS": speed(played(fcfs(), 200_000), tries),
        "twin, three classes": speed(played(three_classes(), 200_000), tries),
        "twin, everything": speed(played(everything(), 200_000), tries),
    }
    slow = rows["SimPy, FCFS"][0]
    print(f"Erlang A: {exact:.3f} give up\n")
    print(f"{'':24}{'calls/s':>12}{'x SimPy':>10}{'gave up':>10}")
    for name, (rate, gone) in rows.items():
        print(f"{name:24}{rate:12,.0f}{rate / slow:10.1f}{gone:10.3f}")
    print(f"\n{'look-ahead: 1,000 waiting, 200 agents, 200 paths':56}{look_ahead_ms(tries):8.0f} ms")
    count = 50 if options.quick else 500
    spent, calls = replications_s(count)
    print(f"{f'1,000 surge days of {calls:,.0f} calls (from {count})':56}{spent * 1000 / count:8.1f} s")


if __name__ == "__main__":
    main()
