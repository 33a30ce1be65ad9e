"""From the command line to the saved image, with the unmodified bot."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.playground.launched import finished


async def test_one_command_shows_progress_saves_the_image_and_shows_its_ledger_row(
    tmp_path: Path,
) -> None:
    code, said = await finished(
        tmp_path, "--once", "a red fox", "--option", "aspect_ratio=16:9", "--seconds", "3"
    )

    assert code == 0, said
    told = [said.find(words) for words in ("thinking…", "buttons: Cancel", "alt text: a red fox")]
    assert -1 < told[0] < told[1] < told[2], said
    (saved,) = (tmp_path / "playground-out").iterdir()
    assert str(saved) in said
    with Image.open(saved) as image:
        image.load()
        assert image.width / image.height == pytest.approx(16 / 9, rel=0.02)
    header, row = re.findall(r"^ +(?:user_id|\d{17,}) .*$", said, re.MULTILINE)
    figures = dict(zip(header.split(), row.split(), strict=True))
    assert (figures["delivered"], figures["failed"], figures["pending"]) == ("1", "0", "0")


async def test_a_refused_image_is_a_failure_in_the_bots_words(tmp_path: Path) -> None:
    code, said = await finished(tmp_path, "--once", "x", "--seconds", "0.1", "--fault", "safety")

    assert code == 1
    assert "The bot ended its reply without an image." in said
    assert "Traceback" not in said
    assert not (tmp_path / "playground-out").exists()


async def test_an_option_that_discord_would_refuse_is_explained(tmp_path: Path) -> None:
    code, said = await finished(tmp_path, "--once", "x", "--option", "aspect_ratio=7:1")

    assert code == 1
    assert "“aspect_ratio” must be one of:" in said
    assert "Traceback" not in said


async def test_rehearsed_trouble_with_discord_still_ends_in_an_image(tmp_path: Path) -> None:
    trouble = ("--fault", "discord-429", "--data-dir", "data")
    code, said = await finished(tmp_path, "--once", "x", "--seconds", "0.1", *trouble)

    assert code == 0, said
    assert "is rate limited" in (tmp_path / "data" / "bot.log").read_text(encoding="utf-8")
