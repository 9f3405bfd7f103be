import json
from typing import Any

import pytest
from django.utils import timezone

from pharos.actions import behalf
from pharos.actions.errors import Refused
from pharos.actions.inbound import Looked, OnBehalf
from pharos.models import Behalf, Contact, Enquiry, SupportNeed
from pharos.queries import enquiries
from tests.desktop.conftest import Desk
from tests.desktop.test_intake import record, results, send
from tests.factories import make_contact, make_organisation, who_has

AUNT = OnBehalf("Maryam Rezaei", "family", "none")


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().replace("\u2068", "").replace("\u2069", "").split())


def test_agent_sees_who_asks_for_whom_and_that_nothing_may_be_said(desk: Desk) -> None:
    contact = desk.held(name="Ali", behalf=AUNT)
    page = text_of(desk.get(contact))
    assert "Asked by Ali for Maryam Rezaei" in page
    assert "no ground is known, not checked yet" in page
    assert "Nothing personal" in page


def test_agent_notes_the_ground_and_what_may_be_said(desk: Desk) -> None:
    contact = desk.held(name="Ali")
    given = {"name": "Sara", "relation": "parent", "authority": "parent", "may_say": "matter"}
    assert desk.post(contact, "do/behalf", given).status_code == 302
    row = Behalf.objects.get(contact=contact)
    assert (row.name, row.authority, row.may_say) == ("Sara", "parent", "matter")
    assert row.confirmed_at
    assert contact.events.get(code="behalf_recorded").user == desk.agent.user
    assert "not checked yet" not in text_of(desk.get(contact))


def test_without_a_ground_nothing_personal_may_be_said(desk: Desk) -> None:
    contact = desk.held(behalf=AUNT)
    given = {"name": "Maryam", "relation": "family", "authority": "none", "may_say": "all"}
    answer = desk.post(contact, "do/behalf", given)
    assert answer.status_code in {409, 422}
    assert "Without a ground nothing personal may be said." in text_of(answer)
    assert Behalf.objects.get().may_say == "nothing"


def test_only_who_has_the_contact_in_hand_notes_it(desk: Desk) -> None:
    waits = make_contact(desk.organisation, behalf=AUNT)
    given = {"name": "Maryam", "relation": "family", "authority": "told", "may_say": "all"}
    with pytest.raises(Refused):
        behalf.record(contact=waits, **given, by=desk.agent.user, now=timezone.now())
    held = desk.held(behalf=AUNT)
    behalf.record(contact=held, **given, by=who_has(held), now=timezone.now())
    assert Behalf.objects.filter(may_say="all").get().contact == held


def test_needs_that_somebody_else_names_change_no_place_and_end(desk: Desk) -> None:
    told = {"about_name": "Maryam", "relation": "family", "needs": ["medical_equipment"], "needs_consent": "on"}
    [without] = results(send(desk, record(**told)))
    [with_ground] = results(send(desk, record(**told, authority="told")))
    contact = Contact.objects.get(reference=without["reference"])
    assert (contact.has_needs, contact.lane.band) == (False, 3)
    need = SupportNeed.objects.get(contact=contact)
    assert (need.is_verified, need.basis, need.source) == (False, "care", "observed")
    assert need.ends_at
    assert Contact.objects.get(reference=with_ground["reference"]).has_needs


def test_public_form_asks_for_whom_and_keeps_it_apart(desk: Desk) -> None:
    sent = {"text": "My father", "nonce": "n-1", "about_name": "Hossein", "relation": "family", "authority": "told"}
    sent |= {"missing_name": "Maryam Rezaei", "missing_age": "34", "missing_seen": "The harbour"}
    assert desk.client.post("/en/request/", sent).status_code == 302
    row, enquiry = Behalf.objects.get(), Enquiry.objects.get()
    assert (row.name, row.authority, row.may_say) == ("Hossein", "told", "nothing")
    assert (enquiry.name, enquiry.age, enquiry.last_seen) == ("Maryam Rezaei", 34, "The harbour")
    assert row.contact == enquiry.contact


def test_who_writes_for_themself_has_no_such_row(desk: Desk) -> None:
    assert desk.client.post("/en/request/", {"text": "I", "nonce": "n-2"}).status_code == 302
    assert not Behalf.objects.exists()


def test_enquiry_finds_the_name_in_another_script_and_the_other_way_round(desk: Desk) -> None:
    now = timezone.now()
    found = make_contact(desk.organisation, now=now, name="مریم رضایی")
    make_contact(desk.organisation, now=now, name="Narine Hakobyan")
    make_contact(make_organisation(), now=now, name="Maryam Rezaei")
    looking = make_contact(desk.organisation, now=now, name="Ali", looked_for=Looked("Maryam Rezaei", 34))
    assert [one.contact for one in enquiries.alike(looking, now=now)] == [found]
    [other] = enquiries.alike(found, now=now)
    assert (other.contact, other.is_enquiry) == (looking, True)


def test_enquiry_finds_who_is_written_about(desk: Desk) -> None:
    now = timezone.now()
    written = make_contact(desk.organisation, now=now, name="Ali", behalf=AUNT)
    looking = desk.held(name="Reza", looked_for=Looked("Maryam Rezaei"))
    assert [one.contact for one in enquiries.alike(looking, now=timezone.now())] == [written]
    page = text_of(desk.get(looking))
    assert "Looking for Maryam Rezaei" in page
    assert written.reference in page


def test_nobody_is_told_of_a_likeness(desk: Desk) -> None:
    now = timezone.now()
    found = make_contact(desk.organisation, now=now, name="Maryam Rezaei")
    looking = make_contact(desk.organisation, now=now, name="Ali", looked_for=Looked("Maryam Rezaei"))
    for one in (found, looking):
        page = desk.client.get(f"/en/r/{one.page_token}/")
        assert found.reference not in text_of(page) or one == found


def test_body_of_the_api_names_whom_it_is_for(desk: Desk) -> None:
    from pharos.actions import tokens

    _row, plain = tokens.make_token(organisation=desk.organisation, name="x", agent=None, now=timezone.now())
    body = {
        "channel": "web",
        "text": "For my son",
        "on_behalf": {"name": "Aram", "relation": "parent", "authority": "parent"},
        "looking_for": {"name": "Ani"},
    }
    headers = {"authorization": f"Bearer {plain}"}
    answer = desk.client.post("/api/v1/contacts", json.dumps(body), content_type="application/json", headers=headers)
    assert answer.status_code == 201, answer.content
    row = Behalf.objects.get()
    assert (row.name, row.authority, Enquiry.objects.get().name) == ("Aram", "parent", "Ani")
