"""One body that works for each call, and one answer to each."""

from typing import Any

CONTACT: dict[str, Any] = {
    "incident": "",
    "channel": "sms",
    "language": "en",
    "text": "My flight on Friday was cancelled and I take my mother to hospital. Can we go on Thursday?",
    "person": {"name": "Anahit Petrosyan", "email": "anahit@example.org", "phone": "+374 10 000000"},
    "booking": "PN8GAP",
    "request_type": "change",
    "needed_by": None,
    "time_zone": "Asia/Yerevan",
    "danger": False,
    "needs": [],
    "needs_basis": "consent",
    "carrier_id": "",
}
STATUS: dict[str, Any] = {"status": "available"}
REPLY: dict[str, Any] = {"text": "There are two seats on Thursday at 09:40. Shall I book them for you?"}
CLOSE: dict[str, Any] = {
    "disposition": "rebooked",
    "summary": "We moved both seats to Thursday, 09:40. There is nothing more to do.",
}

REASON: dict[str, Any] = {
    "code": "leaves_in_days",
    "text": "leaves in 5 days",
    "public_text": "You need this within 5 days.",
    "params": {"days": 5},
}
PROMISE: dict[str, Any] = {"by": "2026-03-12T10:25:00Z", "broken_at": None}
KEPT: dict[str, Any] = {
    "reference": "K7M-4QD",
    "state": "waiting",
    "band": 1,
    "reasons": [REASON],
    "wait": {"low_s": 420, "high_s": 1380},
    "promise": PROMISE,
    "position": 12,
    "links": {
        "page": "https://help.example.org/en/r/cGFnZSB0b2tlbiBvZiBvbmU/",
        "self": "https://help.example.org/api/v1/contacts/K7M-4QD",
    },
    "incident": "ferry-cancelled",
    "channel": "sms",
    "language": "en",
    "request_type": "change",
    "needed_by": "2026-03-17",
    "arrived_at": "2026-03-12T10:00:07.120000Z",
    "first_answered_at": None,
    "closed_at": None,
    "warnings": [],
}
MESSAGE: dict[str, Any] = {
    "id": 9210,
    "direction": "in",
    "sort": "request",
    "channel": "sms",
    "state": "received",
    "language": "en",
    "subject": "",
    "text": CONTACT["text"],
    "author": None,
    "created_at": "2026-03-12T10:00:07.120000Z",
    "settled_at": "2026-03-12T10:00:07.120000Z",
}
DETAIL: dict[str, Any] = KEPT | {
    "person": CONTACT["person"],
    "booking": "PN8GAP",
    "needs": [],
    "helps": [],
    "danger": False,
    "disposition": "",
    "summary": "",
    "promises": [
        {
            "told_at": "2026-03-12T10:00:07.120000Z",
            "by": "2026-03-12T10:25:00Z",
            "low_s": 420,
            "high_s": 1380,
            "settled_at": None,
            "kept": None,
        }
    ],
    "messages": [MESSAGE],
    "events": [{"at": "2026-03-12T10:00:07.120000Z", "code": "received", "by": None, "data": {"channel": "sms"}}],
}
WHY: dict[str, Any] = {
    "reference": "K7M-4QD",
    "state": "waiting",
    "band": 1,
    "reasons": [REASON],
    "index": 0.62,
    "counts_since": "2026-03-12T10:00:07.120000Z",
    "position": 2,
    "ahead": [{"reference": "P2D-8XK", "band": 0, "index": 1e9, "why": "danger"}],
    "picks": [],
    "promises": DETAIL["promises"],
    "overrides": [],
}
CALL: dict[str, Any] = {
    "incident": "",
    "language": "en",
    "phone": "+374 10 000000",
    "booking": "",
    "key": "4",
    "danger": False,
    "needed_by": None,
    "time_zone": "",
}
WINDOW: dict[str, Any] = {
    "connect": True,
    "announce": False,
    "why": "no_window",
    "days": None,
    "say": "",
    "offers": [],
}
QUEUED: dict[str, Any] = {
    "reference": "K7M-4QD",
    "band": 1,
    "class": "1-written",
    "index": 0.62,
    "guard": False,
    "promise": PROMISE,
    "reasons": [REASON],
}
QUEUE: dict[str, Any] = {"items": [QUEUED]}
SUMMARY: dict[str, Any] = {
    "waiting": 41,
    "oldest": "2026-03-12T09:12:44Z",
    "items": [
        {"queue": "general", "band": 1, "kind": "written", "waiting": 41, "oldest": "2026-03-12T09:12:44Z"},
    ],
}
CODE_SENT: dict[str, Any] = {"sent_to": "a…@e…", "expires_at": "2026-03-12T10:41:00Z"}
IDENTITY: dict[str, Any] = {"code": "314159"}
CHECKED: dict[str, Any] = {"way": "code", "at": "2026-03-12T10:32:00Z", "holds_until": "2026-03-12T12:32:00Z"}
HONESTY: dict[str, Any] = {
    "days": 7,
    "items": [
        {
            "band": None,
            "kind": None,
            "due": 412,
            "kept": 380,
            "told": 395,
            "coverage": 0.81,
            "coverage_low": 0.77,
            "coverage_high": 0.85,
            "mean_s": 1325.0,
            "rmse_share": 0.18,
            "mae_share": 0.11,
            "bias_share": 0.02,
        }
    ],
}
AGENT: dict[str, Any] = {
    "user": "mariam",
    "status": "available",
    "since": "2026-03-12T10:00:00Z",
    "contacts": ["K7M-4QD"],
}
OFFER: dict[str, Any] = {
    "id": 311,
    "reason": "index",
    "index": 0.62,
    "guard": False,
    "offered_at": "2026-03-12T10:06:00Z",
    "expires_at": "2026-03-12T10:06:30Z",
    "contact": KEPT,
}
CUES: dict[str, Any] = {
    "items": [
        {
            "id": 6021,
            "message": 9210,
            "sort": "request",
            "code": "change",
            "score": 0.9,
            "places": [[68, 89]],
            "kinds": [],
            "language": "en",
            "source": "lexicon",
            "state": "open",
            "found_at": "2026-03-12T10:00:08.020000Z",
        }
    ]
}
VERDICT: dict[str, Any] = {"sort": "request", "code": "change", "is_right": True, "seen": 6021}
PUT_RIGHT: dict[str, Any] = {"id": 6021, "is_right": True, "reason": "They speak of tonight."}
VERDICTS: dict[str, Any] = {
    "items": [{"sort": "need", "code": "hearing", "language": "fa", "source": "both", "right": 41, "wrong": 3}]
}
DELIVERED: dict[str, Any] = {"reference": "K7M-4QD"}
