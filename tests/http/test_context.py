"""What every template may use: the organisation in the reader's language, and the way round."""

import pytest
from django.test import Client, RequestFactory
from django.utils import translation

from pharos.http.context import home_url, shown
from pharos.models import Agent, Role
from tests.factories import make_agent, make_organisation, make_user

pytestmark = pytest.mark.django_db
HOST = "centre.example.org"


def labels(client: Client, path: str) -> list[tuple[str, bool]]:
    return [(link.label, link.current) for link in client.get(path).context["staff_nav"]()]


def signed_in(user) -> Client:
    client = Client(headers={"host": HOST})
    client.force_login(user)
    return client


def test_staff_nav_by_role_and_place():
    centre = make_organisation("centre", host=HOST)
    lead, admin = make_user(centre, role=Role.LEAD), make_user(centre, role=Role.ADMIN)
    lead_sees = [("Board", False), ("Contacts", True), ("Incidents", False), ("Take down", False)]
    assert labels(signed_in(lead), "/lead/contacts/") == lead_sees
    assert labels(signed_in(admin), "/lead/set-up/people/")[-1] == ("Set-up", True)
    assert labels(signed_in(admin), "/lead/alarms/")[0] == ("Board", True)


def test_staff_nav_of_a_lead_who_takes_contacts_begins_with_the_desk():
    centre = make_organisation("centre", host=HOST)
    agent = make_agent(centre, role=Role.LEAD, status=Agent.Status.OFFLINE)
    assert labels(signed_in(agent.user), "/lead/")[0] == ("Desk", False)


@pytest.mark.parametrize(
    ("path", "home"),
    [("/fa/i/storm/", "/fa/"), ("/lead/alarms/", "/home/"), ("/desk/", "/home/"), ("/set-up/x/", ""), ("/", "")],
)
def test_home_url(path, home):
    assert home_url(RequestFactory().get(path)) == home


def test_shown_falls_back_visibly():
    organisation = make_organisation(name={"en": "Ferries", "fa": "کشتی‌ها"})
    with translation.override("fa"):
        assert (shown(organisation).name, shown(organisation).name_language) == ("کشتی‌ها", "fa")
    with translation.override("hy"):
        assert (shown(organisation).name, shown(organisation).name_language) == ("Ferries", "en")
