"""A canvas: any text in one line, within its room, meaning nothing but itself."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pictures import canvas
from bot.pictures.canvas import Canvas, blank

ROOT = Path(__file__).parents[2]


def written(drawn: Canvas) -> list[str]:
    return [text.get_text() for text in drawn._paper.texts]


@pytest.mark.fuzz
def test_whatever_is_written_is_one_line_that_stays_in_its_room() -> None:
    with blank() as drawn:

        @given(st.text(max_size=120), st.floats(20, 500))
        def write(text: str, room: float) -> None:
            assert drawn.write(0, 0, text, room=room) <= room
            assert written(drawn)[-1].isprintable()
            drawn._paper.texts[-1].remove()

        write()
        assert drawn.png().startswith(b"\x89PNG")


def test_text_is_cut_no_earlier_than_it_has_to_be() -> None:
    with blank() as drawn:
        room = drawn.write(0, 0, "four")
        drawn.write(0, 0, "four", room=room)
        drawn.write(0, 0, "fourteen", room=room * 1.5)

    assert written(drawn) == ["four", "four", "four…"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", canvas.NAMELESS),
        ("🦊 fox 🦊", "fox"),
        ("桜 sakura", "□ sakura"),
        ("a\u0334\u0335\u0336b\u202ec", "abc"),
        ("one\n two", "one two"),
        ("Zoe\u0308", "Zoë"),
        ("$x$ **y**", "$x$ **y**"),
        ("\uf400 fox", "fox"),
    ],
)
def test_what_the_font_does_not_have_is_left_out_or_a_box(text: str, shown: str) -> None:
    with blank() as drawn:
        drawn.write(0, 0, text)

    assert written(drawn) == [shown]


def test_dollars_are_no_formula() -> None:
    with blank() as drawn:
        assert drawn.write(0, 0, "$x$") > drawn.write(0, 0, "x$") > drawn.write(0, 0, "x")
        assert not any(text.get_parse_math() for text in drawn._paper.texts)


def test_one_canvas_is_drawn_at_a_time_even_after_one_that_failed() -> None:
    with suppress(ZeroDivisionError), blank():
        assert canvas._DRAWING.locked()
        raise ZeroDivisionError

    assert not canvas._DRAWING.locked()


def run(script: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "MPL"))}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env={**ours, **environment},
        cwd=ROOT,
        capture_output=True,
        timeout=120,
        check=False,
    )


def test_the_bots_start_does_not_wait_for_matplotlib() -> None:
    script = "import bot.panels.chart, sys; print({'matplotlib', 'numpy', 'PIL'} & {*sys.modules})"

    assert run(script).stdout == b"set()\n"


def test_without_the_library_all_of_the_bot_can_be_loaded() -> None:
    script = """
import importlib, pkgutil, sys, warnings
warnings.simplefilter("ignore")  # discord.py's own
sys.modules |= dict.fromkeys(("matplotlib", "numpy"))
import bot
names = [each.name for each in pkgutil.walk_packages(bot.__path__, "bot.")]
for name in names:
    if name != "bot.__main__":
        importlib.import_module(name)
print(sys.modules["bot.pictures.canvas"].is_drawable(), len(names) > 100)
"""
    done = run(script)

    assert (done.stderr, done.stdout) == (b"", b"False True\n")


def test_where_the_home_cannot_be_written_it_draws_and_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    script = "from bot.panels.chart import draw; import sys; sys.stdout.buffer.write(draw('', []))"

    done = run(script, HOME=str(tmp_path / "file" / "home"), TMPDIR=str(tmp_path))

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"\x89PNG")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
