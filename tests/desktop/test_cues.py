"""What the words suggest, at the desk: shown with the words that made it, answered by one press."""

import pytest
from django.utils import timezone

from pharos.actions import conversation, cues, further, routing, verdicts
from pharos.models import Alarm, Contact, Cue, Offer, Role, SignalVerdict, SupportNeed
from tests.desktop.conftest import Desk
from tests.factories import make_user

DANGER = "Please hurry. I want to die <b>now</b>."
REFUND = "I want my money back"
HEARING = "I cannot hear on the phone"


def heard(desk: Desk, text: str, **fields: object) -> Contact:
    """A contact in hand, with what its words suggest."""
    contact = desk.held(text=text, **fields)
    cues.hear_due(now=timezone.now())
    return contact


def saying(contact: Contact, words: str) -> str:
    """What a button on the page as it is now says."""
    return f"{words}:{Cue.objects.filter(contact=contact, sort=words.split(':')[1]).latest('pk').pk}"


def section(page: str, id_: str) -> str:
    """The panel of the side column with this id."""
    begin = page.index(f'id="{id_}"')
    return page[begin : page.index("</section>", begin)]


def standing(contact: Contact) -> tuple[int, str]:
    fresh = Contact.objects.select_related("lane").get(pk=contact.pk)
    return fresh.lane.band, fresh.request_type


def test_words_are_quoted_with_their_places_and_strength(desk):
    contact = heard(desk, f"{REFUND}. {HEARING}.")
    shown = section(desk.get(contact).content.decode(), "side-cues")
    assert "It is about: " in shown
    assert "They may need: " in shown
    assert "<mark>" in shown
    assert "of 100" in shown
    assert shown.count('data-key="KeyC"') == shown.count('data-key="KeyX"') == 1


def test_without_anything_found_there_is_no_panel(desk):
    page = desk.get(heard(desk, "Hello")).content.decode()
    assert "side-cues" not in page
    assert "side-danger" not in page


def test_danger_comes_first_with_the_drill(desk):
    page = desk.get(heard(desk, f"{REFUND}. {DANGER}")).content.decode()
    assert page.index('id="side-danger"') < page.index('id="side-cues"')
    shown = section(page, "side-danger")
    assert "want to die</mark>" in shown
    assert "<b>now" not in shown
    assert shown.index("May be danger to life") < shown.index("BLAKE")
    assert "It is about: " in section(page, "side-cues")
    assert page.count('data-key="KeyC"') == 1
    assert 'data-key="KeyC"' in shown
    assert "Are you thinking of ending your life?" in shown
    assert "What was written may mean danger to life" in page


def test_words_about_a_child_bring_the_way_to_protect_it(desk):
    contact = heard(desk, DANGER)
    assert "at risk from someone else" not in section(desk.get(contact).content.decode(), "side-danger")
    Cue.objects.filter(contact=contact, sort="danger").update(kinds=["child_at_risk"])
    assert "at risk from someone else" in section(desk.get(contact).content.decode(), "side-danger")


def test_a_contact_in_danger_has_the_drill_without_any_words(desk):
    page = desk.get(desk.held(danger=True, text="Help")).content.decode()
    assert "BLAKE" in section(page, "side-danger")


@pytest.mark.parametrize("script", [True, False])
def test_one_press_says_that_danger_is_so(desk, script):
    contact = heard(desk, DANGER)
    answer = desk.post(contact, "cue", {"say": saying(contact, "yes:danger:danger")}, script=script)
    assert answer.status_code == (200 if script else 302)
    assert Alarm.objects.filter(sort="escalated", cleared_at=None, contact=contact).exists()
    assert SignalVerdict.objects.get().is_right is True
    page = desk.get(contact).content.decode()
    assert "confirmed" in section(page, "side-danger")
    assert "BLAKE" in section(page, "side-danger")


def test_one_press_says_that_there_is_no_danger(desk):
    contact = heard(desk, DANGER)
    answer = desk.post(contact, "cue", {"say": saying(contact, "no:danger:danger")}, script=True).content.decode()
    assert "Noted: no danger. The alarm is over." in answer
    assert "side-danger" not in answer
    assert not Alarm.objects.filter(sort="danger_words", cleared_at=None).exists()
    assert standing(contact)[0] == 3
    assert SignalVerdict.objects.get().is_right is False


def test_a_kind_of_request_is_set_and_passing_it_on_is_offered(desk):
    contact = heard(desk, REFUND)
    answer = desk.post(contact, "cue", {"say": saying(contact, "yes:request:refund")}, script=True).content.decode()
    assert standing(contact)[1] == "refund"
    assert "Such requests are answered by" in answer
    assert "Pass on to another team" in answer


def test_a_dismissed_kind_changes_nothing_but_the_verdict(desk):
    contact = heard(desk, REFUND)
    before = standing(contact)
    answer = desk.post(contact, "cue", {"say": saying(contact, "no:request:refund")}, script=True).content.decode()
    assert "Noted: not so." in answer
    assert "side-cues" not in answer
    assert standing(contact) == before
    assert SignalVerdict.objects.get().is_right is False


def test_a_need_is_asked_about_before_anything_is_noted(desk):
    contact = heard(desk, HEARING)
    answer = desk.post(contact, "cue", {"say": saying(contact, "yes:need:hearing")}, script=True).content.decode()
    assert "Thank you for telling me." in answer
    assert 'name="code" value="hearing"' in answer
    assert not SupportNeed.objects.exists()
    assert "side-cues" not in desk.get(contact).content.decode()


def test_the_next_ones_come_when_these_are_answered(desk):
    contact = heard(desk, REFUND)
    first = Cue.objects.get(contact=contact, sort="request")
    needs = ["sight", "hearing", "mobility", "speech", "pain"]
    Cue.objects.bulk_create(
        Cue(
            contact=contact,
            message=first.message,
            sort="need",
            code=code,
            score=0.9,
            source="lexicon",
            found_at=first.found_at,
        )
        for code in needs
    )
    shown = section(desk.get(contact).content.decode(), "side-cues")
    assert shown.count('value="yes:') == 4


def test_a_second_answer_changes_nothing(desk):
    contact = heard(desk, REFUND)
    desk.post(contact, "cue", {"say": saying(contact, "no:request:refund")})
    answer = desk.post(contact, "cue", {"say": saying(contact, "yes:request:refund")}, script=True).content.decode()
    assert "This was answered before." in answer
    assert standing(contact)[1] != "refund"
    assert SignalVerdict.objects.count() == 1


def test_words_being_typed_are_kept_with_the_press(desk):
    contact = heard(desk, REFUND)
    desk.post(contact, "cue", {"say": saying(contact, "no:request:refund"), "body": "Dear A.,", "after": "0"})
    assert "Dear A.," in desk.get(contact).content.decode()


@pytest.mark.parametrize(
    "said", ["no:danger:danger", "no:danger:danger:", "no:danger:danger:x", f"no:danger:danger:{9 * '9'}1" * 2]
)
def test_an_answer_to_nothing_that_was_shown_is_not_found(desk, said):
    contact = heard(desk, DANGER)
    assert desk.post(contact, "cue", {"say": said}).status_code == 404
    assert Cue.objects.get(sort="danger").state == "open"


def test_words_that_came_after_the_page_was_drawn_stay_open(desk):
    contact = heard(desk, DANGER)
    said = saying(contact, "no:danger:danger")
    assert f'value="{said}"' in desk.get(contact).content.decode()
    words = "I will kill myself tonight"
    further.add_words(contact=contact, text=words, door="page", key="k", digest="d", now=timezone.now())
    cues.hear_due(now=timezone.now())
    answer = desk.post(contact, "cue", {"say": said}, script=True).content.decode()
    assert "New words came meanwhile. Please read them." in answer
    assert "kill myself" in section(answer, "side-danger")
    assert sorted(Cue.objects.filter(sort="danger").values_list("state", flat=True)) == ["dismissed", "open"]
    assert Alarm.objects.filter(sort="danger_words", cleared_at=None).exists()
    assert standing(contact)[0] == 1


@pytest.mark.parametrize(
    "said", ["", "yes", "yes:danger", "maybe:danger:danger:1", "yes:mood:bad:1", "yes:need:\x00:1"]
)
def test_nonsense_is_not_found(desk, said):
    contact = heard(desk, DANGER)
    assert desk.post(contact, "cue", {"say": said}).status_code == 404
    assert Cue.objects.get(sort="danger").state == "open"


def test_a_contact_that_has_moved_on_is_left_alone(desk):
    contact = heard(desk, DANGER)
    other = Desk(desk.organisation)
    Contact.objects.filter(pk=contact.pk).update(agent=other.agent)
    assert desk.post(contact, "cue", {"say": saying(contact, "no:danger:danger")}).status_code == 409
    assert Cue.objects.get(sort="danger").state == "open"


def test_after_the_close_nothing_is_left_of_it(desk):
    contact = heard(desk, DANGER)
    by, now = desk.agent.user, timezone.now()
    desk.post(contact, "cue", {"say": saying(contact, "no:danger:danger")})
    conversation.close(contact=contact, disposition="solved", summary="Talked", by=by, now=now)
    page = desk.get(contact).content.decode()
    assert "side-cues" not in page
    assert "side-danger" not in page


def corrected(desk: Desk, *, is_danger: bool, why: str = "") -> Contact:
    """A contact in which a lead has set right what the agent had answered."""
    contact = heard(desk, DANGER)
    cue = Cue.objects.get(contact=contact, sort="danger").pk
    desk.post(contact, "cue", {"say": saying(contact, f"{'no' if is_danger else 'yes'}:danger:danger")})
    lead = make_user(desk.organisation, role=Role.LEAD, name="Lena Lead")
    verdicts.put_right(contact=contact, cue=cue, is_right=is_danger, reason=why, by=lead, now=timezone.now())
    return contact


def test_that_there_is_danger_after_all_is_told_kindly_with_the_drill(desk):
    page = desk.get(corrected(desk, is_danger=True, why="They speak of <b>tonight</b>.")).content.decode()
    assert "BLAKE" in section(page, "side-danger")
    assert "confirmed" in section(page, "side-danger")
    assert "What was written may mean danger to life" in page
    assert "Lena Lead has read the words once more" in page
    assert "nobody has to weigh them alone" in page
    assert ">They speak of &lt;b&gt;tonight&lt;/b&gt;.<" in page


def test_that_there_is_no_danger_after_all_is_told_kindly(desk):
    contact = corrected(desk, is_danger=False)
    page = desk.get(contact).content.decode()
    assert "side-danger" not in page
    assert "No danger to life in what was written" in page
    assert "It was right to be careful." in page
    assert "You have asked for the duty lead." not in page
    assert "It was right to be careful." in desk.get(contact, "part/").content.decode()


def test_what_was_put_right_is_told_until_something_new_is_said(desk):
    contact = corrected(desk, is_danger=False)
    words = "I will kill myself tonight"
    further.add_words(contact=contact, text=words, door="page", key="k", digest="d", now=timezone.now())
    cues.hear_due(now=timezone.now())
    assert "has read the words once more" not in desk.get(contact).content.decode()


def test_what_was_put_right_is_not_told_after_the_close(desk):
    contact = corrected(desk, is_danger=False)
    user, now = desk.agent.user, timezone.now()
    conversation.close(contact=contact, disposition="solved", summary="Done", by=user, now=now)
    assert "has read the words once more" not in desk.get(contact).content.decode()
    further.add_words(contact=contact, text="And now?", door="page", key="k", digest="d", now=now)
    routing.dispatch(organisation=desk.organisation, now=now)
    routing.accept(offer=Offer.objects.get(contact=contact, state="open"), agent=desk.agent, now=now)
    assert "has read the words once more" not in desk.get(contact).content.decode()
