"""Needs from and for other registers: a file is taken whole or not at all, and only what may be goes out."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from pharos.actions import needs
from pharos.models import Contact, NeedView, Person, SupportNeed
from pharos.queries import needs as register
from tests.factories import make_agent, make_contact, make_organisation

HEAD = "name,email,phone,booking,code,end_date\n"


def send(client, text: str, **fields: str):
    return client.post(reverse("register"), {"text": HEAD + text, "basis": "consent", **fields})


def export(client) -> list[dict[str, str]]:
    answer = client.post(reverse("register_export"))
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_rows_are_kept_with_their_ground_and_end(as_admin, admin, centre):
    contact = make_contact(centre, now=timezone.now(), email="ani@example.org", name="Ani")
    answer = send(as_admin, "Ani,ANI@example.org,,,8,\nAra,,+37410000000,,32,2099-03-31\n")
    assert answer.status_code == 302
    sight = SupportNeed.objects.get(person=contact.person)
    assert (sight.code, sight.said("psr"), sight.source, sight.basis) == ("sight", "8", "imported", "consent")
    assert (sight.consent_way, sight.noted_by, sight.is_verified) == ("other_system", admin, True)
    change = SupportNeed.objects.exclude(pk=sight.pk).get()
    assert change.person.name == "Ara"
    assert change.ends_at
    assert change.ends_at.isoformat() == "2099-04-01T00:00:00+00:00"


def test_a_row_that_is_wrong_keeps_all_out_and_says_which(as_admin, centre):
    bad = [
        "Ani,ani@example.org,,,8,",
        "Ara,,,,8,",
        "Ara,ara@,,,8,",
        "Ara,ara@example.org,,,99,",
        "Ara,ara@example.org,,,33,",
        "Ara,ara@example.org,,,33,soon",
        "Ara,ara@example.org,,,33,2020-01-01",
    ]
    page = send(as_admin, "\n".join(bad))
    assert page.status_code == 422
    text = page.content.decode()
    for row, said in (
        (3, "to know who it is"),
        (4, "This cannot be read."),
        (5, "There is no such code"),
        (6, "its last day is needed"),
        (7, "Write the day like"),
        (8, "This day is over."),
    ):
        assert f'<td class="num">{row}</td>' in text
        assert said in text
    assert not SupportNeed.objects.exists()
    assert not Person.objects.exists()


@pytest.mark.parametrize(("text", "fields"), [("", {}), ("x", {"basis": ""}), ("x", {"basis": "because"})])
def test_an_empty_list_and_no_ground_are_refused(as_admin, text, fields):
    assert send(as_admin, text, **fields).status_code == 422
    assert not SupportNeed.objects.exists()


def test_the_same_need_twice_is_one(as_admin, centre):
    contact = make_contact(centre, now=timezone.now(), email="ani@example.org", needs=("sight",))
    for _ in range(2):
        send(as_admin, "Ani,ani@example.org,,,8,\n")
    assert SupportNeed.objects.count() == 1
    assert register.codes(contact.person_id, now=timezone.now()) == ["sight"]


def test_an_imported_need_moves_a_waiting_contact_forward(as_admin, centre):
    contact = make_contact(centre, now=timezone.now(), email="ani@example.org")
    send(as_admin, "Ani,ani@example.org,,,4,\n")
    assert Contact.objects.select_related("lane").get(pk=contact.pk).lane.band == 1


def test_only_what_may_be_passed_on_goes_out_and_it_is_kept_who_took_it(as_admin, admin, centre, now):
    agent = make_agent(centre)
    contact = make_contact(centre, now=timezone.now(), email="ani@example.org", name="=Ani", needs=("sight",))
    Contact.objects.filter(pk=contact.pk).update(state="active", agent=agent)
    for code, may in (("after_hospital", True), ("hearing", False), ("medical_equipment", True)):
        needs.record(
            contact=contact, code=code, words="", consent=True, may_pass_on=may, by=agent.user, now=timezone.now()
        )
    make_contact(make_organisation(), now=timezone.now(), needs=("speech",))
    SupportNeed.objects.exclude(organisation=centre).update(may_pass_on=True)
    (row,) = export(as_admin)
    assert (row["name"], row["email"], row["code"]) == ("'=Ani", "ani@example.org", "33")
    assert row["end_date"] > timezone.now().date().isoformat()
    view = NeedView.objects.get()
    assert (view.person, view.user, view.why) == (contact.person, admin, NeedView.Why.EXPORT)


def test_what_came_in_goes_out_the_same(as_admin, centre):
    rows = "Ani,ani@example.org,,,4,\nAra,,+37410000000,,32,2099-03-31\nAni,ani@example.org,,,1,\n"
    send(as_admin, rows)
    out = sorted((row["name"], row["email"], row["phone"], row["code"], row["end_date"]) for row in export(as_admin))
    assert out == [
        ("Ani", "ani@example.org", "", "1", ""),
        ("Ani", "ani@example.org", "", "4", ""),
        ("Ara", "", "+37410000000", "32", "2099-03-31"),
    ]


def test_what_was_taken_back_does_not_go_out(as_admin, centre):
    send(as_admin, "Ani,ani@example.org,,,4,\n")
    needs.end([SupportNeed.objects.get().pk], SupportNeed.End.WITHDRAWN, now=timezone.now())
    assert export(as_admin) == []
