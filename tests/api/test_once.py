"""The same delivery at the same moment, over real connections: one contact, one answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import httpx
import pytest

from pharos.models import Contact, Message, Submission
from tests.api.conftest import caller_of
from tests.factories import make_organisation

THREADS = 8


@pytest.mark.django_db(transaction=True)
def test_create_from_many_threads_at_once_is_one_contact(live_site: str, now: datetime) -> None:
    token = caller_of(make_organisation(host="127.0.0.1"), now=now).token
    together = Barrier(THREADS)

    def send(number: int) -> tuple[int, str]:
        together.wait()
        body = {"channel": "sms", "text": "hello", "carrier_id": "SM-1"}
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"key-{number % 2}"}
        answer = httpx.post(f"{live_site}/api/v1/contacts", json=body, headers=headers, timeout=30, trust_env=False)
        return answer.status_code, answer.json()["reference"]

    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(send, range(THREADS)))
    assert sorted(status for status, _reference in answers) == [200] * (THREADS - 1) + [201]
    assert len({reference for _status, reference in answers}) == 1
    assert Contact.objects.count() == 1
    assert Message.objects.count() == 2
    assert Submission.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_create_of_different_bodies_under_one_key_keeps_the_first(live_site: str, now: datetime) -> None:
    token = caller_of(make_organisation(host="127.0.0.1"), now=now).token
    together = Barrier(THREADS)

    def send(number: int) -> int:
        together.wait()
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "key"}
        body = {"channel": "sms", "text": f"words {number}"}
        return httpx.post(
            f"{live_site}/api/v1/contacts", json=body, headers=headers, timeout=30, trust_env=False
        ).status_code

    with ThreadPoolExecutor(THREADS) as pool:
        assert sorted(pool.map(send, range(THREADS))) == [201] + [422] * (THREADS - 1)
    assert Contact.objects.count() == 1
