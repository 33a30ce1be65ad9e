"""The committed table of faults is the one that the tests say."""

from __future__ import annotations

from tests.reliability import TABLE, render, rows


def test_the_table_of_faults_is_current_and_all_of_it_passed() -> None:
    passed = dict.fromkeys((row.test for row in rows()), True)

    assert TABLE.read_text(encoding="utf-8") == render(passed), "run `make reliability`"


def test_no_line_of_the_table_breaks_it() -> None:
    assert [row for row in rows() if "|" in row.happens + row.sees + row.charged] == []
