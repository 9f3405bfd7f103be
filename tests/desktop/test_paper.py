import re
from pathlib import Path

import pytest
from django.test import Client
from fontTools.ttLib import TTFont

from pharos.desktop import paper_fonts, paper_pdf
from pharos.desktop.paper import paper
from tests.desktop.conftest import Desk

LANGUAGES = ("en", "fa", "hy", "zh-hans")


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_to_print_stands_in_its_language(desk: Desk, language: str) -> None:
    answer = desk.client.get(f"/desk/intake/paper/{language}/")
    page = answer.content.decode()
    assert f'<article class="paper" lang="{language}" dir="{"rtl" if language == "fa" else "ltr"}">' in page
    for section in paper(language).sections:
        assert section.title in page


@pytest.mark.parametrize("language", ["fa", "zh-hans"])
def test_pdf_is_drawn_on_three_pages(desk: Desk, language: str) -> None:
    answer = desk.client.get(f"/desk/intake/paper/{language}.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", answer.content)) == 3
    assert f"/Lang ({language})".encode() in answer.content


@pytest.mark.parametrize("language", LANGUAGES)
def test_face_has_every_letter_of_the_form(language: str) -> None:
    form = paper(language)
    faces = paper_fonts.faces()
    known: set[int] = set()
    for face in {faces[language], *faces.values()}:
        with TTFont(face.regular, fontNumber=face.number, lazy=True) as font:
            known |= set(font.getBestCmap())
    asked = "".join(str(form).split())
    assert [one for one in asked if ord(one) not in known and one not in "\u200c\u200f\u200e\\"] == []


def test_day_of_a_persian_form_begins_with_the_year() -> None:
    def order(language: str) -> list[int]:
        [day] = [part for section in paper(language).sections for part in section.parts if len(part.boxes) == 3]
        return [boxes.count for boxes in day.boxes]

    assert [order(language) for language in LANGUAGES] == [[2, 2, 4], [4, 2, 2], [2, 2, 4], [4, 2, 2]]


def test_without_letters_there_is_no_pdf_and_the_page_still_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(paper_fonts, "FOLDERS", (str(tmp_path),))
    paper_fonts.faces.cache_clear()
    paper_pdf.pdf.cache_clear()
    try:
        assert desk.client.get("/desk/intake/paper/fa.pdf").status_code == 404
        assert "fa.pdf" not in desk.client.get("/desk/intake/paper/fa/").content.decode()
        with pytest.raises(paper_pdf.NoFace, match="fonts-noto-core"):
            paper_pdf.pdf("fa", "")
    finally:
        paper_fonts.faces.cache_clear()


def test_nobody_signed_in_gets_no_form(desk: Desk) -> None:
    stranger = Client(headers={"host": desk.organisation.hosts.get().host})
    assert stranger.get("/desk/intake/paper/fa/").status_code == 302
    assert stranger.get("/desk/intake/paper/fa.pdf").status_code == 302
