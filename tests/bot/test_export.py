"""A person's data as zip files: whole, within the limit, and safe to open."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import Row, connect
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.panels.export import RECORDS, Part, parts
from bot.storage.people import Stored

#: The smallest upload that Discord takes.
SMALLEST = 10 * 1024 * 1024
#: Discord's own limit on an option, in characters.
LONGEST_PROMPT = 6_000


def stored(rows: Sequence[Row]) -> Stored:
    return Stored(rows, changes=(), blocks=(), limits=(), unlisted=False)


def record(
    number: int, prompt: str = "a red fox", image: str | None = None, pictures: str = "[]"
) -> Row:
    """A row of the database, as far as an export looks at it by name."""
    with closing(connect(":memory:")) as connection:
        connection.row_factory = Row
        outputs = image and json.dumps([{"name": image, "type": "image/png", "bytes": 1}, None])
        values = (f"{number}-0", prompt, "{}", outputs, image, pictures)
        select = (
            "select ? id, ? prompt, ? options, ? outputs, ? image_name, ? pictures,"
            " 'off' review, null approved_at, null sealed_until, null origin, null style"
        )
        [row] = connection.execute(select, values)
    assert isinstance(row, Row)
    return row


def with_image(folder: Path, number: int, size: int) -> Row:
    """A record whose image has so many bytes."""
    name = f"{10**18 + number}-0.png"
    (folder / name).write_bytes(bytes(size))
    return record(number, image=name)


def opened(found: Sequence[Part]) -> dict[str, bytes]:
    """All that is in them, by name; nothing twice."""
    archives = [ZipFile(part.file) for part in found]
    named = [(name, archive.read(name)) for archive in archives for name in archive.namelist()]
    assert len(dict(named)) == len(named)
    return dict(named)


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """One for all examples: Hypothesis runs many within one test."""
    with TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.fuzz
@given(
    st.lists(st.integers(0, 40_000), max_size=12),
    st.integers(6_000, 60_000),
)
def test_no_part_exceeds_the_limit_and_nothing_is_lost_or_there_twice(
    folder: Path, sizes: list[int], limit: int
) -> None:
    rows = [with_image(folder, number, size) for number, size in enumerate(sizes)]

    found = list(parts(stored(rows), folder.joinpath, limit))

    assert max(len(part.file.getvalue()) for part in found) <= limit
    left_out = [name for part in found for name in part.left_out]
    images = {f"images/{row['image_name']}" for row in rows}
    packed = {name for name in opened(found) if name.startswith("images/")}
    assert (packed | set(left_out), packed & set(left_out)) == (images, set())
    assert sum(part.images for part in found) == len(packed)


def test_a_great_many_small_images_are_within_the_limit_with_the_list_of_all_their_names(
    tmp_path: Path,
) -> None:
    rows = [with_image(tmp_path, number, 9) for number in range(500)]

    found = list(parts(stored(rows), tmp_path.joinpath, 40_000))

    assert max(len(part.file.getvalue()) for part in found) <= 40_000
    assert sum(part.images for part in found) == 500


def test_an_image_larger_than_the_limit_is_named_and_holds_up_no_other(tmp_path: Path) -> None:
    rows = [with_image(tmp_path, number, size) for number, size in enumerate((10, 60_000, 20))]

    [part] = parts(stored(rows), tmp_path.joinpath, 50_000)

    assert part.left_out == (f"images/{rows[1]['image_name']}",)
    assert part.images == 2


def test_the_records_come_first_and_then_the_newest_images(tmp_path: Path) -> None:
    rows = [with_image(tmp_path, number, 30_000) for number in range(3)]

    found = list(parts(stored(rows), tmp_path.joinpath, 50_000))
    first, *others = (ZipFile(part.file).namelist() for part in found)

    newest_first = [f"images/{row['image_name']}" for row in reversed(rows)]
    assert first[0] == "README.txt"
    assert [name for names in (first, *others) for name in names][-3:] == newest_first
    assert [len(names) for names in others] == [1, 1]


def test_more_records_than_fit_a_file_are_split_and_all_there_in_order(tmp_path: Path) -> None:
    rows = [record(number) for number in range(2 * RECORDS + 1)]

    files = opened(list(parts(stored(rows), tmp_path.joinpath, SMALLEST)))

    split = [json.loads(files[f"records-{number}.json"]) for number in (1, 2, 3)]
    assert [len(each) for each in split] == [RECORDS, RECORDS, 1]
    assert [row["id"] for each in split for row in each] == [row["id"] for row in rows]
    tables = [rows_of(files[f"records-{number}.csv"]) for number in (1, 2, 3)]
    assert [row["id"] for each in tables for row in each] == [row["id"] for row in rows]


@pytest.mark.parametrize("character", ["\x01", '"', "狐", "🦊"])
def test_the_longest_prompts_of_all_keep_no_record_out_of_the_smallest_upload(
    tmp_path: Path, character: str
) -> None:
    rows = [record(number, character * LONGEST_PROMPT) for number in range(RECORDS + 1)]

    found = list(parts(stored(rows), tmp_path.joinpath, SMALLEST))

    assert [part.left_out for part in found if part.left_out] == []
    assert "records-2.csv" in opened(found)


def test_an_image_that_was_removed_meanwhile_is_passed_over(tmp_path: Path) -> None:
    rows = [with_image(tmp_path, number, 30_000) for number in range(3)]
    packing = parts(stored(rows), tmp_path.joinpath, 50_000)
    first = next(packing)
    for row in rows[:2]:
        (tmp_path / row["image_name"]).unlink()

    others = list(packing)

    assert first.images == 1
    assert sum(part.images for part in others) == 0
    assert [part.left_out for part in (first, *others)] == [()] * (1 + len(others))


def test_an_image_whose_time_was_over_before_is_not_missed(tmp_path: Path) -> None:
    [part] = parts(stored([record(1, image="1-0.png")]), tmp_path.joinpath, 50_000)

    assert (part.images, part.left_out) == (0, ())


@pytest.mark.fuzz
@given(st.text(max_size=200))
def test_any_prompt_comes_back_as_it_was_typed_but_for_a_disarmed_formula(
    folder: Path, prompt: str
) -> None:
    rows = [record(1, prompt), record(2, "the next")]

    files = opened(list(parts(stored(rows), folder.joinpath, SMALLEST)))

    assert [row["prompt"] for row in json.loads(files["records-1.json"])] == [prompt, "the next"]
    first, second = rows_of(files["records-1.csv"])
    assert (first["id"], second["id"], second["prompt"]) == ("1-0", "2-0", "the next")
    formula = prompt.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    assert first["prompt"] == ("'" if formula else "") + prompt


@pytest.mark.parametrize("between", ["\r", "\n", "\r\n"])
def test_a_line_break_in_a_prompt_begins_no_row_and_so_no_formula(
    tmp_path: Path, between: str
) -> None:
    prompt = f"a fox{between}=HYPERLINK(1)"

    files = opened(list(parts(stored([record(1, prompt)]), tmp_path.joinpath, SMALLEST)))

    assert f'"{prompt}"'.encode() in files["records-1.csv"]


def test_attached_pictures_are_in_it_beside_the_images(tmp_path: Path) -> None:
    row = record(1, image="1-0.png", pictures='[{"media_type": "image/jpeg", "size": 4}]')
    (tmp_path / "1-0.png").write_bytes(b"made")
    (tmp_path / "1-0.in0").write_bytes(b"mine")

    found = opened(list(parts(stored([row]), tmp_path.joinpath, SMALLEST)))

    assert found["images/1-0.png"] == b"made"
    assert found["pictures/1-0.in0.jpg"] == b"mine"
    [shown] = json.loads(found["records-1.json"])
    assert shown["pictures"] == [{"media_type": "image/jpeg", "size": 4}]
