"""Pictures that wait in memory for their delivery."""

from __future__ import annotations

from bot.domain.picture import Image, Stored
from bot.generation.tray import Tray
from bot.pictures.spool import Kept


def picture(name: str, size: int = 10) -> Kept:
    stored, image = Stored(name, "image/png", size), Image("image/png", 1, 1, size)
    return Kept(stored, image, bytes(size))


def held(tray: Tray, *names: str) -> list[str]:
    """Which of them; they are taken."""
    return [name for name in names if tray.take(name) is not None]


def test_what_is_taken_makes_room_and_is_there_once() -> None:
    tray = Tray(room=10)
    tray.put("1-0", picture("1-0.png"))

    assert held(tray, "1-0.png", "1-0.png") == ["1-0.png"]
    tray.put("2-0", picture("2-0.png"))
    assert held(tray, "2-0.png") == ["2-0.png"]


def test_a_newcomer_drives_nobody_out() -> None:
    tray = Tray(room=25)
    for number in range(4):
        tray.put(f"{number}-0", picture(f"{number}-0.png"))

    assert held(tray, *(f"{number}-0.png" for number in range(4))) == ["0-0.png", "1-0.png"]


def test_a_picture_that_is_fetched_again_takes_its_own_place() -> None:
    tray = Tray(room=10)
    for _ in range(2):
        tray.put("1-0", picture("1-0.png"))

    assert held(tray, "1-0.png") == ["1-0.png"]
    tray.put("2-0", picture("2-0.png"))
    assert held(tray, "2-0.png") == ["2-0.png"]


def test_all_pictures_of_a_life_that_is_over_make_room_and_no_others() -> None:
    tray = Tray(room=30)
    for of, name in (("1-1", "1-1.png"), ("1-1", "1-1-1.png"), ("1-10", "1-10.png")):
        tray.put(of, picture(name))

    tray.forget("1-1")

    assert held(tray, "1-1.png", "1-1-1.png", "1-10.png") == ["1-10.png"]
    tray.put("2-0", picture("2-0.png", 30))
    assert held(tray, "2-0.png") == ["2-0.png"]


def test_what_is_not_in_memory_whole_is_not_held() -> None:
    tray, large = Tray(), picture("1-0.png")

    tray.put("1-0", Kept(large.stored, large.image, None))

    assert held(tray, "1-0.png") == []
