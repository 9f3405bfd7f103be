"""A lead's lists and searches with many contacts, through HTTP, signed in, one after another.

The words are made findable by the product's own loop. Each line is one way to ask, with different values in turn.
"""

import argparse
import json
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx

from bench.load.centres import DATABASES, centre, share

CONTACTS, EACH = 100_000, 50
SAID = (
    "My ferry is cancelled and I have nowhere to stay tonight.",
    "I want a refund for booking",
    "کشتی من لغو شده است و می‌خواهم پول را پس بگیرم",
    "Իմ նավը չեղարկվել է, ի՞նչ անեմ",
    "我的渡轮取消了，想退票",
    "Please call me back, I have lost my bag on the ship",
    "The coach did not come to the harbour",
)
NAMES = ("Ani Petrosyan", "Sara Ahmadi", "سارا احمدی", "李伟", "Samuel Okafor")
STATES = "CASE WHEN n % 50 = 0 THEN 'waiting' WHEN n % 100 = 1 THEN 'active' ELSE 'closed' END"


def make(contacts: int) -> dict[str, Any]:
    """Fill the database of this process; returns a lead's session and values to ask for."""
    import django

    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.db import connection

    from bench.load.rows import add_contacts, settle
    from pharos.actions import lanes, words
    from pharos.models import Contact, ContactWords, Incident, Organisation, User

    organisation = Organisation.objects.get()
    every = [
        lanes.lane(organisation=organisation, queue=queue, language=language, band=band, kind="written").pk
        for queue in organisation.queues.order_by("id")
        for language in organisation.languages
        for band in (1, 2, 3, 3, 3)
    ]
    rare = lanes.lane(
        organisation=organisation, queue=organisation.queues.get(is_default=True), language="en", band=0, kind="live"
    )
    add_contacts(
        organisation,
        every,
        begin=0,
        end=contacts,
        now=datetime.now(UTC),
        fields={"state": STATES},
        incident_id=Incident.objects.values_list("pk", flat=True).first(),
        words=_one_of(SAID) + " || ' ' || (n % 4999) || 'k'",
        names=_one_of(NAMES) + " || ' ' || (n % 1999)",
    )
    with connection.cursor() as sql:
        sql.execute(
            "INSERT INTO pharos_identity (organisation_id, person_id, sort, value, typed) SELECT organisation_id, "
            "person_id, 'email', 'person-' || person_id || '@example.org', 'Person-' || person_id || '@example.org' "
            "FROM pharos_contact"
        )
        sql.execute(f"UPDATE pharos_contact SET lane_id = {rare.pk} WHERE id % 2003 = 0")
    words.BATCH = 2000  # type: ignore[misc]
    begun = time.perf_counter()
    while words.write_due():
        pass
    taken_s = time.perf_counter() - begun
    settle()
    user = User.objects.filter(role="lead").first()
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session.set_expiry(timedelta(hours=1))
    session.save()
    some = list(Contact.objects.order_by("?").select_related("person")[:EACH])
    return {
        "session": session.session_key,
        "references": [one.reference for one in some],
        "mails": [f"person-{one.person_id}@example.org" for one in some],
        "queues": list(organisation.queues.values_list("pk", flat=True)),
        "incident": Incident.objects.values_list("pk", flat=True).first(),
        "ids": [one.pk for one in some],
        "words_ms": 1000 * taken_s / ContactWords.objects.count(),
    }


def _one_of(texts: tuple[str, ...]) -> str:
    cases = " ".join(f"WHEN {number} THEN '{text}'" for number, text in enumerate(texts))
    return f"CASE n % {len(texts)} {cases} END"


def questions(made: dict[str, Any], rng: random.Random) -> dict[str, list[dict[str, Any]]]:
    """Every way to ask, each with its values."""
    numbers = [rng.randrange(1999) for _ in range(EACH)]
    return {
        "everyone who waits, in order": [{}],
        "all, the newest": [{"q": ""}],
        "all, somewhere below": [{"q": "", "before": one} for one in made["ids"]],
        "closed": [{"state": "closed"}],
        "active": [{"state": "active"}],
        "one queue": [{"queue": one} for one in made["queues"]],
        "danger to life": [{"band": 0}],
        "waiting, danger to life": [{"band": 0, "state": "waiting"}],
        "one queue, active, below": [
            {"queue": made["queues"][0], "state": "active", "before": one} for one in made["ids"]
        ],
        "the incident": [{"incident": made["incident"]}],
        "reference": [{"q": one} for one in made["references"]],
        "mail address": [{"q": one} for one in made["mails"]],
        "begin of a name": [{"q": one} for one in ("petros", "احمد", "李", "okaf", "ani")],
        "full name": [{"q": f"Ani Petrosyan {one}"} for one in numbers],
        "a word of one in seven": [{"q": one} for one in ("ferry", "refund", "渡轮", "կշտի", "պող", "نواه", "coach")],
        "a word of all (example)": [{"q": "example"}],
        "word and name": [{"q": f"ferry {one}"} for one in numbers],
        "rare word": [{"q": f"{one}k"} for one in numbers],
        "word, waiting, one queue": [{"q": "ferry", "state": "waiting", "queue": one} for one in made["queues"]],
        "nothing": [{"q": "nobody at all"}],
    }


def ask(address: str, made: dict[str, Any]) -> dict[str, list[float]]:
    """Milliseconds of every answer, by the way it was asked; in an order that favours none."""
    rng = random.Random(11)
    asked = [
        (name, values[turn % len(values)]) for name, values in questions(made, rng).items() for turn in range(EACH)
    ]
    rng.shuffle(asked)
    taken: dict[str, list[float]] = {}
    with httpx.Client(base_url=address, cookies={"sessionid": made["session"]}, timeout=60) as client:
        for _ in range(5):
            client.get("/lead/contacts/").raise_for_status()
        for name, values in asked:
            begun = time.perf_counter()
            answer = client.get(f"/lead/contacts/?{urlencode(values)}" if values else "/lead/contacts/")
            taken.setdefault(name, []).append(1000 * (time.perf_counter() - begun))
            if answer.status_code != httpx.codes.OK:
                raise SystemExit(f"{answer.status_code} for {values}")
    return taken


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10,000 contacts")
    parser.add_argument("--only", choices=[one.lower() for one in DATABASES], help="one database alone")
    parser.add_argument("--make", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.make:
        print(json.dumps(make(asked.make)))
        return
    contacts = CONTACTS // 10 if asked.quick else CONTACTS
    databases = [one for one in DATABASES if asked.only in {None, one.lower()}]
    told: dict[str, dict[str, list[float]]] = {}
    for database in databases:
        with centre(database) as one:
            one.example()
            made = one.measured("bench.lists", "--make", str(contacts))
            with one.web() as (port, _pid):
                told[database] = ask(f"http://127.0.0.1:{port}", made)
            print(f"{database}: words of a contact made findable in {made['words_ms']:.2f} ms", flush=True)
    show(told, contacts)


def show(told: dict[str, dict[str, list[float]]], contacts: int) -> None:
    """One table; the last line is of all questions together."""
    print(
        f"\n{f'{contacts:,} contacts, ms':34}" + "".join(f"{name + ' p50':>16}{'p99':>8}{'worst':>8}" for name in told)
    )
    lines = {name: [by_way[name] for by_way in told.values()] for name in next(iter(told.values()))}
    lines["all of these"] = [[one for taken in by_way.values() for one in taken] for by_way in told.values()]
    for name, columns in lines.items():
        figures = (f"{share(one, 0.5):16.0f}{share(one, 0.99):8.0f}{max(one):8.0f}" for one in columns)
        print(f"{name:34}" + "".join(figures))


if __name__ == "__main__":
    sys.exit(main())
