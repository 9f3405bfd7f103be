from pathlib import Path

from pharos.content.glossary_page import page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_in_docs_is_current():
    assert (DOCS / "glossary.md").read_text(encoding="utf-8") == page()


def test_terms_stand_in_english_order():
    terms = [row.split("|")[2].strip().casefold() for row in page().splitlines() if row.startswith("| `")]
    assert terms == sorted(terms)
    assert len(terms) > 120
