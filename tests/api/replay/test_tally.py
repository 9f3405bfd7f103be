"""What a run comes to."""

from typing import Any

from pharos.api.replay.doors import Outcome
from pharos.api.replay.tally import Tally, standing
from pharos.api.replay.wave import parse


def outcome(number: int, *, channel: str = "sms", email: str = "", refused: str = "") -> Outcome:
    """One row that was sent."""
    row = parse([f'{{"id": "{number}", "channel": "{channel}", "email": "{email}"}}']).rows[0]
    door = "form" if channel == "web" else "api"
    return Outcome(row, "" if refused else f"REF-{number}", refused, 0.01 * number, 1, door)


def contact(**fields: Any) -> dict[str, Any]:
    """A contact as the API tells it."""
    return {
        "arrived_at": "2026-03-10T12:00:00Z",
        "first_answered_at": None,
        "messages": [],
        "promises": [{"by": "2026-03-10T12:10:00Z"}, {"by": "2026-03-10T12:30:00Z"}],
        **fields,
    }


def test_standing_counts_from_arrival_to_the_acknowledgement() -> None:
    def message(sort: str, state: str, at: str | None) -> dict[str, Any]:
        return {"sort": sort, "state": state, "settled_at": at}

    sent = message("acknowledgement", "sent", "2026-03-10T12:00:42.500Z")
    reply = message("reply", "sent", "2026-03-10T12:00:01Z")
    assert standing(contact(messages=[reply, sent])).acknowledged_s == 42.5
    waiting = message("acknowledgement", "queued", None)
    assert standing(contact(messages=[reply, waiting])).acknowledged_s is None


def test_standing_holds_the_answer_against_the_promise_told_first() -> None:
    late = standing(contact(first_answered_at="2026-03-10T12:12:00Z"))
    assert (late.promise_error_s, late.kept, late.answered) == (120, False, True)
    early = standing(contact(first_answered_at="2026-03-10T12:09:00Z"))
    assert (early.promise_error_s, early.kept) == (60, True)
    untold = standing(contact(first_answered_at="2026-03-10T12:09:00Z", promises=[{"by": None}]))
    assert (untold.promise_error_s, untold.kept, untold.answered) == (None, None, True)


def test_result_counts_what_was_sent_accepted_refused_and_acknowledged() -> None:
    tally = Tally(seconds=2.0, unreadable=1)
    tally.outcomes = [
        outcome(1, email="a@example.org"),
        outcome(2, email="b@example.org"),
        outcome(3, channel="web", email="c@example.org"),
        outcome(4),
        outcome(5, refused="HTTP 422: #/text"),
    ]
    for number, seconds in ((1, "12:00:30"), (2, "12:01:30")):
        message = {"sort": "acknowledgement", "state": "sent", "settled_at": f"2026-03-10T{seconds}Z"}
        tally.standings[f"REF-{number}"] = standing(contact(messages=[message]))
    result = tally.result()
    counts = {name: result[name] for name in ("sent", "accepted", "refused", "with_address", "acknowledged_in_60s")}
    assert counts == {"sent": 5, "accepted": 4, "refused": 2, "with_address": 3, "acknowledged_in_60s": 1}
    assert result["refused_by_reason"] == {"HTTP 422: #/text": 1, "unreadable": 1}
    assert result["acknowledged_share"] == 0.3333
    assert result["per_second"] == 2.5
    assert result["latency_ms"] == {"api": {"p50": 20.0, "p99": 40.0}, "form": {"p50": 30.0, "p99": 30.0}}


def test_result_of_nothing_divides_by_nothing() -> None:
    result = Tally().result()
    assert (result["sent"], result["acknowledged_share"], result["per_second"]) == (0, None, None)
    assert result["promise"] == {"answered": 0, "mean_error_s": None, "error_s": None, "kept_share": None}
