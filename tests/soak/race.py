"""Several processes that all dispatch, and all accept for every agent, at the same time: `python -m tests.soak.race N`.

Agents step out and come back meanwhile, and offers run out. Prints, as JSON, what each process accepted and everything
that went wrong there.
"""

import json
import multiprocessing
import os
import random
import sys
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

GIVE_UP_S = 900
OFFER_LIFE = timedelta(hours=1)
STEPS_OUT, RUNS_OUT = 0.10, 0.05  # of the rounds of a process

Told = dict[str, Any]


def play(number: int) -> Told:
    """One process: work until nobody waits and nothing is offered."""
    from django.utils import timezone

    from pharos.actions import conversation, routing
    from pharos.actions.errors import Refused
    from pharos.models import Agent, Contact, Offer, Organisation

    rng = random.Random(number)
    told: Told = {"accepted": [], "refused": 0, "wrong": [], "slowest_s": 0.0}
    organisation = Organisation.objects.get()
    agents = list(Agent.objects.select_related("user"))

    def done(action: Callable[..., Any], **arguments: Any) -> Any:
        begun = time.monotonic()
        try:
            return action(**arguments, now=timezone.now())
        except Refused:
            told["refused"] += 1
        except Exception:  # noqa: BLE001 - whatever a person could meet is told
            told["wrong"].append(traceback.format_exc()[-1500:])
        finally:
            told["slowest_s"] = max(told["slowest_s"], time.monotonic() - begun)
        return None

    def serve(offer: Offer) -> None:
        contact = done(routing.accept, offer=offer, agent=offer.agent)
        if contact is None:
            return
        told["accepted"].append(contact.pk)
        by = offer.agent.user
        done(conversation.reply, contact=contact, body="A coach waits.", by=by)
        done(conversation.close, contact=contact, disposition="answered", summary="A coach.", by=by)

    until = time.monotonic() + GIVE_UP_S
    while Contact.objects.filter(state__in=("waiting", "offered")).exists() and time.monotonic() < until:
        agent = rng.choice(agents)
        if rng.random() < STEPS_OUT:
            done(routing.set_status, agent=agent, status=Agent.Status.BREAK)
        if rng.random() < RUNS_OUT:
            done(lambda now: routing.expire_offers(now=now + OFFER_LIFE))
        for out in Agent.objects.exclude(status=Agent.Status.AVAILABLE)[:2]:
            done(routing.set_status, agent=out, status=Agent.Status.AVAILABLE)
        done(routing.dispatch, organisation=organisation)
        for offer in Offer.objects.filter(state=Offer.State.OPEN).select_related("agent__user"):
            serve(offer)
    return told


def main(processes: int) -> None:
    """Begin all at once."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "pharos.settings"
    django.setup()
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        print(json.dumps(pool.map(play, range(processes), chunksize=1)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
