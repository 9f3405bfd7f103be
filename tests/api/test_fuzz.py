"""Whatever is sent, it is taken or told what is wrong with it; never a failure of ours."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import Caller

texts = st.text(st.characters(codec=None), max_size=60)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
fields = st.fixed_dictionaries(
    {},
    optional={
        "channel": st.sampled_from(["web", "sms", "voice"]) | anything,
        "incident": st.just("") | anything,
        "language": st.sampled_from(["en", "fa-IR", "zh"]) | anything,
        "text": texts | anything,
        "person": st.fixed_dictionaries({}, optional={"name": texts, "email": anything, "phone": texts}) | anything,
        "booking": texts | anything,
        "request_type": st.sampled_from(["refund", ""]) | anything,
        "needed_by": st.dates().map(str) | anything,
        "time_zone": st.sampled_from(["Asia/Yerevan", "Pacific/Kiritimati"]) | anything,
        "danger": st.booleans() | anything,
        "needs": st.lists(st.sampled_from(["hearing", "sight"]) | anything, max_size=3) | anything,
        "carrier_id": texts | anything,
        "more": anything,
    },
)
calm = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def send(caller: Caller, body: Any) -> Any:
    """POST of whatever JSON can say, NaN and halves of characters included."""
    headers = {"Authorization": f"Bearer {caller.token}"}
    return caller.client.post("/api/v1/contacts", json.dumps(body), content_type="application/json", headers=headers)


@calm
@given(body=fields)
def test_create_takes_it_or_says_why_not(system: Caller, body: Any) -> None:
    response = send(system, body)
    assert response.status_code in {200, 201, 413, 422}, response.content
    if response.status_code < 300:
        read = system.get(f"/contacts/{response.json()['reference']}")
        assert read.status_code == 200
        assert system.get("/queue?limit=10000").status_code == 200


@calm
@given(body=anything)
def test_create_of_anything_says_why_not(system: Caller, body: Any) -> None:
    assert send(system, body).status_code == 422


@calm
@given(key=st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=1100))
def test_create_with_any_key_is_answered(system: Caller, key: str) -> None:
    response = system.post("/contacts", {"channel": "sms", "text": "hello"}, Idempotency_Key=key)
    assert response.status_code in {200, 201, 422}
