"""A centre with many people in it, and how long a new contact takes to be looked for among them."""

import random
import time
from datetime import UTC, datetime
from typing import Any

GIVEN_NAMES = """
Ani Aram Anahit Hayk Karen Lilit Sara Reza Fatemeh Mohammad Zahra Ali Maryam Hossein Wei Min Xiu Jun Hui Fang
John Mary Peter Susan David Emma Oliver Grace Samuel Ruth Daniel Esther Thomas Alice Henry Clara Leon Nora Ivan Mila
"""
FAMILY_NAMES = """
Petrosyan Sargsyan Khachatryan Hovhannisyan Grigoryan Harutyunyan Ahmadi Hosseini Karimi Rezaei Mohammadi Jafari
Rahimi Moradi Zhang Wang Chen Liu Yang Huang Zhao Smith Jones Taylor Brown Okafor Mensah Novak Horvat Silva Costa
Rossi Bianchi Muller Weber Fischer Kowalski Nowak Dubois Laurent Jansen Visser Larsen Nielsen Virtanen Papadakis
"""
GIVEN, FAMILY = GIVEN_NAMES.split(), FAMILY_NAMES.split()
SCRIPTS = ("سارا احمدی", "محمدرضا حسینی", "Անի Պետրոսյան", "Արամ Սարգսյան", "张伟明", "王秀英")
SAID = (
    "My ferry is cancelled and I have nowhere to stay tonight, please help me",
    "I want a refund for my booking, the coach did not come to the harbour at all",
    "کشتی من لغو شده است و می‌خواهم پول را پس بگیرم",
    "Իմ նավը չեղարկվել է, ի՞նչ անեմ հիմա",
    "我的渡轮取消了，想退票，请帮忙",
)


def fill(people: int) -> float:
    """Make that many contacts of as many people and let the loop find their keys; milliseconds a contact for that."""
    from django.db import connection

    from bench.load.rows import add_contacts, settle
    from pharos.actions import lanes, words
    from pharos.models import Organisation

    organisation = Organisation.objects.get()
    queue = organisation.queues.get(is_default=True)
    lane = lanes.lane(organisation=organisation, queue=queue, language="en", band=3, kind="written")
    given, family = len(GIVEN), len(FAMILY)
    names = f"CASE WHEN n % 20 = 0 THEN {_one_of(SCRIPTS, 'n / 20')} ELSE "
    names += f"{_one_of(GIVEN, 'n')} || ' ' || {_one_of(FAMILY, f'(n / {given} + n * 7) % {family}')} END"
    now = datetime.now(UTC)
    add_contacts(
        organisation, [lane.pk], begin=0, end=people, now=now, words=f"{_one_of(SAID, 'n')} || ' ' || n", names=names
    )
    values = {
        "email": "'person' || person_id || '@example.org'",
        "phone": "'+4477009' || (10000 + person_id % (9 * 499))",
        "booking": "substr(reference, 1, 3) || substr(reference, 5, 3)",
    }
    with connection.cursor() as sql:
        for place, (sort, value) in enumerate(values.items()):
            sql.execute(
                "INSERT INTO pharos_identity (organisation_id, person_id, sort, value, typed) SELECT organisation_id, "
                f"person_id, '{sort}', {value}, {value} FROM pharos_contact WHERE person_id % 3 <> {place}"
            )
    words.BATCH = 1000  # type: ignore[misc]
    begun = time.perf_counter()
    while words.write_due():
        pass
    taken = 1000 * (time.perf_counter() - begun) / people
    settle()
    return taken


def _one_of(texts: Any, number: str) -> str:
    cases = " ".join(f"WHEN {place} THEN '{text}'" for place, text in enumerate(texts))
    return f"CASE ({number}) % {len(texts)} {cases} END"


def ask(times: int) -> dict[str, Any]:
    """New contacts through the door, most of people who are there already; milliseconds for each to be looked for."""
    from pharos.actions import intake
    from pharos.actions.inbound import Inbound
    from pharos.models import Channel, Contact, Identity, Organisation
    from pharos.queries.likeness import likely

    rng = random.Random(5)
    organisation = Organisation.objects.get()
    some = list(Contact.objects.order_by("id").select_related("person"))
    taken, found, right = [], 0, 0
    now = datetime.now(UTC)
    for number in range(times):
        one = rng.choice(some)
        known = dict(Identity.objects.filter(person=one.person).values_list("sort", "value"))
        inbound = Inbound(
            organisation=organisation,
            door="bench",
            key=str(number),
            digest=str(number),
            channel=Channel.WEB,
            language="en",
            text=one.messages.all()[0].body if number % 2 else "Any news of my request from this morning?",
            name=one.person.name,
            email=known.get("email", "") if number % 3 else "",
            phone=known.get("phone", ""),
            booking=known.get("booking", "") if number % 5 else "",
        )
        contact = intake.receive(inbound, now=now).contact
        begun = time.perf_counter()
        matches = likely(contact, now=now)
        taken.append(1000 * (time.perf_counter() - begun))
        found += bool(matches)
        right += bool(matches) and matches[0].contact.person_id == one.person_id
    return {"taken": taken, "found": found, "right": right}
