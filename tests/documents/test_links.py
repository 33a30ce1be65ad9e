"""Every page is found, and everything that it points to is there."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.browser.pictures import PICTURES, TAKEN
from tests.documents.pages import DOCS, EVERY, ROOT, named

#: Who draws those that show no playground.
MEASURED = {"performance", "polling"}
BLOCK = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"^ *```.*?^ *```|`[^`\n]+`", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^()\s]+)\)")

every_page = pytest.mark.parametrize("page", EVERY, ids=named)


def links(page: Path) -> list[str]:
    return LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each).strip().lower().replace(" ", "-") for each in headings}


@every_page
def test_everything_that_a_page_links_is_there(page: Path) -> None:
    for link in links(page):
        if "://" in link:
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_the_index_lists_every_page_of_the_documents_once() -> None:
    linked = [link for link in links(DOCS / "README.md") if not link.startswith("..")]
    pages = [link for link in linked if "#" not in link]

    assert sorted(pages) == sorted(path.name for path in DOCS.glob("*.md") if path.stem != "README")


def test_every_picture_is_shown_somewhere_and_taken_by_a_command() -> None:
    shown = {
        (page.parent / link).resolve()
        for page in EVERY
        for link in links(page)
        if link.endswith(".png")
    }
    there = set(PICTURES.iterdir())

    assert shown == there
    assert {path.stem for path in there} == {*TAKEN, *MEASURED}


def test_every_picture_says_what_it_shows_to_those_who_do_not_see_it() -> None:
    for page in EVERY:
        said = re.findall(r"!\[(.*?)\]\(", page.read_text(encoding="utf-8"))
        assert all(len(each) > 10 for each in said), named(page)


def test_the_newcomers_page_is_short() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()

    assert len(lines) <= 120
