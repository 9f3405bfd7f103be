"""What became of a message that a carrier handed over."""

from urllib.parse import urlencode

from pharos.models import Organisation
from tests.api.conftest import Caller
from tests.factories import make_contact, make_organisation


def asked(**what: str) -> str:
    return f"/deliveries?{urlencode(what)}"


def test_delivery_is_found_by_its_door_and_key(organisation: Organisation, system: Caller) -> None:
    contact = make_contact(organisation, door="mail", key="<a@example.org>")
    answer = system.get(asked(door="mail", key="<a@example.org>"))
    assert (answer.status_code, answer.json()) == (200, {"reference": contact.reference})
    assert system.get(asked(door="sms:1", key="<a@example.org>")).status_code == 404
    assert system.get(asked(door="mail", key="<b@example.org>")).status_code == 404
    assert system.get(asked(door="mail")).status_code == 422


def test_delivery_of_another_organisation_is_not_found(organisation: Organisation, system: Caller) -> None:
    make_contact(make_organisation(), door="mail", key="<a@example.org>")
    assert system.get(asked(door="mail", key="<a@example.org>")).status_code == 404
