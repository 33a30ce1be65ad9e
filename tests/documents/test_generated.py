"""What comes from the code in docs/ is what the code says, and all of it is looked after."""

from __future__ import annotations

import pytest

from tests.documents.generated import AT_ONCE, MEASURED, PERFORMED, Place, page
from tests.documents.pages import EVERY, part, parts, written


@pytest.mark.parametrize("place", AT_ONCE, ids=" ".join)
def test_the_part_is_current(place: Place) -> None:
    assert part(page(place), place[1]) == AT_ONCE[place](), "run `make docs`"


def test_every_part_of_every_page_is_written_by_something() -> None:
    found = {(path.name, name) for path in EVERY for name in parts(path.read_text("utf-8"))}

    assert found == {*AT_ONCE, *PERFORMED, *MEASURED}


def test_a_part_is_written_between_its_marks_and_nowhere_else() -> None:
    page = "before\n<!-- it -->\n\nold\n\n<!-- /it -->\nafter\n"

    assert written(written(page, "it", "new"), "it", "newer") == page.replace("old", "newer")
