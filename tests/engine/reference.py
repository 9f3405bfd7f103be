"""The order said again, slowly and without a heap: an oracle for `pharos.engine.discipline`."""

from math import ceil, inf

from pharos.engine.classes import DANGER, ClassRules
from pharos.engine.discipline import Fit, FreeAgent, GuardLane, Head, Pick, eligible
from tests.engine.floors import after_start, can_take


def assign(heads, agents, buckets, rules: ClassRules, now: float) -> tuple[list[Pick], dict[GuardLane, int]]:
    waiting = list(heads)
    free = {agent.agent_id: agent for agent in agents}
    tokens = {head.lane.guard_lane: 0 for head in waiting} | dict(buckets)
    picks: list[Pick] = []
    while True:
        takeable = [head for head in waiting if any(can_take(agent, head) for agent in free.values())]
        if not takeable:
            return picks, tokens
        head, reason = choose(takeable, waiting, tokens, rules, now)
        agent = agent_for(head, free, tokens)
        if head.lane.band != DANGER:
            pay(head, reason, agent, waiting, tokens, rules, now)
        waiting.remove(head)
        rest = sorted((other for other in waiting if can_take(agent, other)), key=lambda one: order(one, rules))
        runner_up = (rest[0].contact_id, index(rest[0], rules)) if rest else None
        picks.append(
            Pick(
                head.contact_id,
                agent.agent_id,
                index(head, rules),
                runner_up,
                reason,
                reason == "guard",
                fit=fit(head, agent),
            )
        )
        free[agent.agent_id] = after_start(agent, head)


def index(head: Head, rules: ClassRules) -> float:
    rule = rules[head.lane.band, head.lane.kind]
    return inf if head.lane.band == DANGER else (head.waited_s + rule.head_start_s) / rule.target_s


def order(head: Head, rules: ClassRules):
    if head.lane.band == DANGER:
        return 0, 0.0, head.arrival, head.contact_id
    if head.exempt:
        return 1, 0.0, head.arrival, head.contact_id
    return 2, -index(head, rules), head.arrival, head.contact_id


def due(head: Head):
    return head.guard_due, head.arrival, head.contact_id


def is_due(head: Head, now: float) -> bool:
    return head.guard_due is not None and head.guard_due <= now


def choose(takeable, waiting, tokens, rules, now):
    best = min(takeable, key=lambda head: order(head, rules))
    if best.lane.band == DANGER:
        return best, "danger"
    ready = []
    for lane in {head.lane.guard_lane for head in takeable}:
        lined_up = sorted((head for head in waiting if head.lane.guard_lane == lane and is_due(head, now)), key=due)
        if lined_up and tokens[lane] + rules.guard_percent >= 100:
            ready.append(lined_up[0])
    if ready:
        first = min(ready, key=due)
        if first is not best or best.exempt:
            return first, "guard"
    return best, best.exempt or "largest_index"


def agent_for(head: Head, free: dict[int, FreeAgent], tokens) -> FreeAgent:
    groups = {lane.group for lane in tokens}
    able = [agent for agent in free.values() if can_take(agent, head)]
    for agent in able:
        if agent.agent_id == head.prefers:
            return agent
    flexibility = {agent.agent_id: sum(eligible(agent, group) for group in groups) for agent in able}
    own_team = [agent for agent in able if agent.is_specialist == head.has_needs]
    return min(own_team or able, key=lambda one: (flexibility[one.agent_id], one.holding, one.idle_since, one.agent_id))


def fit(head: Head, agent: FreeAgent) -> Fit:
    if agent.agent_id == head.prefers:
        return "met_before"
    return ("specialist" if agent.is_specialist else "no_specialist") if head.has_needs else ""


def pay(head, reason, agent, waiting, tokens, rules, now) -> None:
    for lane in tokens:
        if agent.capacity.get(lane.kind, 0) <= 0 or not eligible(agent, lane.group):
            continue
        behind = [due(other) for other in waiting if other.lane.guard_lane == lane and is_due(other, now)]
        overtaken = reason == "guard" and (not behind or due(head) <= min(behind))
        tokens[lane] = min(max(tokens[lane] + rules.guard_percent - 100 * overtaken, 0), 100)


def most_starts(ahead: int, percent: int) -> int:
    """Within how many starts a due promise begins: the tight bound; `(ahead + 1) * ceil(100 / percent)` is looser."""
    return ceil((ahead + 1) * 100 / percent)
