"""A list of colleagues from a spreadsheet: read kindly, every problem named, nothing stored."""

import codecs

import pytest
from django.utils import translation

from pharos.actions.staff import Profile
from pharos.models import Organisation, Role, User
from pharos.supervisor.people_file import MOST_ROWS, sample
from pharos.supervisor.people_rows import Sheet, read
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db
HEAD = "name,user_name,email,role,languages,skills,live,written\n"
ANI = "Ani Petrosyan,ani,ani@example.org,agent,en|hy,general:4|refunds,1,3\n"


@pytest.fixture
def centre() -> Organisation:
    return make_organisation()


def sheet(centre: Organisation, given: bytes | str) -> Sheet:
    return read(given, organisation=centre, skills=centre.skills.order_by("id"), language="en")


def only(found: Sheet) -> Profile:
    assert found.problems == []
    assert found.refused == ""
    return found.profiles[0]


def problems(found: Sheet) -> list[tuple[int, str]]:
    return [(problem.row, problem.column) for problem in found.problems]


def test_read_a_whole_row(centre):
    ids = {skill.code: skill.pk for skill in centre.skills.all()}
    assert only(sheet(centre, HEAD + ANI)) == Profile(
        username="ani",
        name="Ani Petrosyan",
        email="ani@example.org",
        role=Role.AGENT,
        language="en",
        languages=("en", "hy"),
        skills={ids["general"]: 4, ids["refunds"]: 3},
        capacity_live=1,
        capacity_written=3,
    )
    assert not User.objects.exists()


def test_read_the_sample_itself(centre):
    found = sheet(centre, sample(centre.skills.order_by("id")).encode())
    assert (len(found.profiles), found.problems, found.refused) == (2, [], "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_read_encodings_that_spreadsheets_write(encoding, centre):
    text = HEAD + "سارا احمدی,sara,,,fa,general,,\n"
    assert only(sheet(centre, text.encode(encoding))).name == "سارا احمدی"


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_read_other_delimiters_and_line_ends(delimiter, centre):
    text = (HEAD + ANI).replace(",", delimiter).replace("\n", "\r\n")
    assert only(sheet(centre, text.encode())).username == "ani"


def test_read_windows_1256_with_a_notice(centre):
    text = HEAD + "علي كريمي,ali,,,fa,general,,\n"
    found = sheet(centre, text.encode("cp1256"))
    assert only(found).name == "علی کریمی"
    assert "1256" in found.notices[0]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ((HEAD + "Ærø,a,,,en,general,,").encode("latin-1"), "CSV UTF-8"),
        (b"PK\x03\x04 workbook", "Excel workbook"),
        (b"name,user_name\nA\x00B,c", "not a text file"),
        (b"", "name the columns"),
        (b"\n\n", "name the columns"),
        (b"first,second\na,b", "name the columns"),
        (b"name,user_name,name\na,b,c", "twice"),
        (HEAD.encode(), "nobody in this list"),
        (HEAD.encode() + b",,,,,,,\n\n", "nobody in this list"),
        (HEAD.encode() + b'"Ani,ani\n', "quotation marks in row 2"),
        (HEAD.encode() + b"A" * 200_000 + b",b\n", "quotation marks in row 2"),
        (b"x" * (2**20 + 1), "too large"),
        (HEAD.encode() + b"a,b,,,,,,\n" * (MOST_ROWS + 2), "too long"),
        (codecs.BOM_UTF16_LE + b"x", "CSV UTF-8"),
    ],
)
def test_read_refuses_with_what_to_do(data, said, centre):
    found = sheet(centre, data)
    assert said in found.refused
    assert found.profiles == []


def test_read_names_every_problem_by_row_and_column(centre):
    make_user(centre, "taken")
    found = sheet(
        centre,
        HEAD
        + ",,bad,boss,xx,juggling,many,-1\n"
        + "\n"
        + "Two,taken,,,en,general:9,1,99\n"
        + ANI
        + "Four,ANI,,,en,general,,\n"
        + "Five,has space,,,,,,\n",
    )
    assert problems(found) == [
        (2, "role"),
        (2, "skills"),
        (2, "user_name"),
        (2, "name"),
        (2, "email"),
        (2, "languages"),
        (2, "live"),
        (2, "written"),
        (4, "skills"),
        (4, "user_name"),
        (4, "written"),
        (6, "user_name"),
        (7, "skills"),
        (7, "user_name"),
        (7, "languages"),
    ]
    assert [profile.username for profile in found.profiles] == ["ani"]
    assert "Row 5" in next(one.text for one in found.problems if one.row == 6)


def test_read_speaks_the_readers_language(centre):
    with translation.override("fa"):
        found = sheet(centre, HEAD + ",ani,,,fa,general,,\n")
    assert problems(found) == [(2, "name")]


@pytest.mark.parametrize("languages", ["en fa", "en;fa", "English / فارسی", "EN، Persian", "en | fa | en"])
def test_read_languages_by_code_or_name(languages, centre):
    assert only(sheet(centre, HEAD + f"A,a,,,{languages},general,,\n")).languages == ("en", "fa")


@pytest.mark.parametrize("skills", ["refunds:5", "Refunds : ۵", "REFUNDS:5", "refunds：5"])
def test_read_skills_by_code_or_name_and_any_digits(skills, centre):
    assert list(only(sheet(centre, HEAD + f"A,a,,,en,{skills},,\n")).skills.values()) == [5]


def test_read_a_skill_whose_name_has_spaces(centre):
    skill = centre.skills.get(code="care")
    skill.name = {"en": "Care and assistance"}
    skill.save()
    for cell in ("Care and assistance", "Care and assistance:2|general"):
        assert skill.pk in only(sheet(centre, HEAD + f"A,a,,,en,{cell},,\n")).skills


def test_read_columns_in_any_order_and_case_with_unknown_ones_left_out(centre):
    found = sheet(centre, "Shoe size,User Name,NAME,Skills,Languages\n42,Ani,Ani P,general,en\n")
    assert (only(found).username, only(found).name) == ("ani", "Ani P")
    assert "shoe_size" in found.notices[0]


def test_read_a_lead_needs_no_skills_and_a_short_row_is_fine(centre):
    found = only(sheet(centre, HEAD + "Lena,lena,lena@example.org,Lead\n"))
    assert (found.role, found.skills, found.capacity_written) == (Role.LEAD, {}, 3)


def test_read_control_characters_and_line_breaks_do_not_get_in(centre):
    assert only(sheet(centre, HEAD + '"Ani\n\x07 Petrosyan",ani,,,en,general,,\n')).name == "Ani Petrosyan"


def test_read_many_rows_in_few_queries(centre, django_assert_num_queries):
    text = HEAD + "".join(f"Name {number},user{number},,,en,general,,\n" for number in range(500))
    with django_assert_num_queries(2):
        assert len(sheet(centre, text).profiles) == 500


def test_problems_name_rows_in_the_digits_of_the_reader(centre):
    twice = HEAD + ANI + "Ani Two,ani,not-an-address,agent,en,general,99,3\n"
    with translation.override("fa"):
        found = read(twice, organisation=centre, skills=centre.skills.order_by("id"), language="fa")
    said = " ".join(problem.text for problem in found.problems)
    assert "۲" in said
    assert not any(digit in said for digit in "0123456789")
