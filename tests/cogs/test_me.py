"""`/me`: what is stored of a person, a copy of it, and its end."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
import zipfile
from typing import Any

import pytest

from bot.domain.generation import Status
from bot.domain.guild import Holder
from bot.domain.prediction import PredictionStatus
from bot.policy import Keep
from bot.storage.sqlite import SqliteDatabase
from tests.cogs.test_settings import set_limits, shown
from tests.shelf import aged
from tests.world import World, picture

pytestmark = pytest.mark.usefixtures("env")

PROMPT = "xylophone made of amber"
DAY_MS = 24 * 3_600_000


async def image(world: World, who: Any = None, prompt: str = PROMPT, **options: str) -> None:
    await world.imagine(who, prompt, **options)
    await world.env.advance_time(15)


async def export(world: World, who: Any = None) -> list[zipfile.ZipFile]:
    person = who or world.alice
    panel = await person.slash(world.channel, "me")
    result = await person.click(panel.response, label="Export")
    files = [a for message in result.followups for a in message.attachments]
    return [zipfile.ZipFile(io.BytesIO(await a.read())) for a in files]


async def delete(world: World, who: Any = None) -> Any:
    person = who or world.alice
    panel = await person.slash(world.channel, "me")
    await person.click(panel.response, label="Delete …")
    await person.click(panel.response, label="Delete it all")
    return panel.response


TABLES = """
select table_name from information_schema.tables
where table_schema = current_schema() and table_type = 'BASE TABLE'
"""


async def everything_stored(world: World) -> bytes:
    """Every byte of the database, its log, and the images; names too. Of a server: every row."""
    found = b""
    for path in sorted(world.folder.rglob("*")):
        found += str(path.relative_to(world.folder)).encode()
        if path.is_file():
            found += path.read_bytes()
    if not isinstance(world.database, SqliteDatabase):
        for [name] in await world.database.read(TABLES, {}):
            for row in await world.database.read(f"select * from {name}", {}):
                found += b"\0".join(map(_stored, row))
    return found


def _stored(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return value.to_bytes(8, "big", signed=True) if isinstance(value, int) else str(value).encode()


async def vacuum(world: World) -> None:
    """What SQLite keeps of what is gone, in pages of no use."""
    if isinstance(world.database, SqliteDatabase):
        await world.database._writer.execute_fetchall("vacuum")


@pytest.mark.rules(privacy_url="https://example.com/privacy")
async def test_the_panel_says_what_is_stored_why_and_how_long(world: World) -> None:
    result = await world.alice.slash(world.channel, "me")

    assert result.ephemeral
    text = shown(result.response)
    assert "kept 90 days" in text
    assert "kept 30 days" in text
    assert "<https://example.com/privacy>" in text


async def test_an_export_has_every_record_and_every_stored_image(world: World) -> None:
    await image(world)
    await image(world, prompt="=HYPERLINK(1)")
    await image(world, world.bob, prompt="not mine")

    [archive] = await export(world)

    records = json.loads(archive.read("records-1.json"))
    assert [r["prompt"] for r in records] == [PROMPT, "=HYPERLINK(1)"]
    assert {r["status"] for r in records} == {"delivered"}
    assert "token" not in records[0]
    rows = list(csv.DictReader(io.StringIO(archive.read("records-1.csv").decode("utf-8-sig"))))
    assert [row["prompt"] for row in rows] == [PROMPT, "'=HYPERLINK(1)"]
    images = [name for name in archive.namelist() if name.startswith("images/")]
    assert sorted(images) == sorted(f"images/{r['outputs'][0]['name']}" for r in records)
    assert b"not mine" not in archive.read("records-1.json")


async def test_an_export_larger_than_an_upload_comes_in_parts(world: World) -> None:
    world.provider.output = picture("PNG", (2000, 2000), noise=True)  # 12 MB of the 25 MiB here
    for _ in range(3):
        await image(world)

    archives = await export(world)

    assert len(archives) == 2
    images = [n for archive in archives for n in archive.namelist() if n.startswith("images/")]
    assert len(set(images)) == 3


async def test_an_export_of_somebody_new_is_an_empty_one(world: World) -> None:
    [archive] = await export(world)

    assert "README.txt" in archive.namelist()
    assert json.loads(archive.read("changes.json")) == []


async def test_nothing_is_deleted_before_it_is_confirmed(world: World) -> None:
    await image(world)
    panel = await world.alice.slash(world.channel, "me")

    await world.alice.click(panel.response, label="Delete …")
    assert "What stays, without your name" in shown(panel.response)
    await world.alice.click(panel.response, label="Keep it")

    assert (await world.row()).request.prompt == PROMPT


async def test_after_deletion_nothing_of_the_person_is_found_in_any_stored_byte(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "bot")
    await set_limits(world, "member", world.alice, day_images="5")
    await image(world)
    row = await world.row()
    before = await everything_stored(world)
    traces = [
        world.alice.id.to_bytes(8, "big"),  # as SQLite writes a number
        PROMPT.encode(),
        row.outputs[0].name.encode(),
        world.provider.output[-200:],
    ]
    assert [trace for trace in traces if trace not in before] == []
    digest = hashlib.sha256((world.shelf / row.outputs[0].name).read_bytes())
    await export(world)

    panel = await delete(world)

    assert "**Deleted**" in shown(panel)
    await vacuum(world)
    after = (await everything_stored(world)) + caplog.text.encode()
    never = [str(world.alice.id).encode(), b"alice", digest.digest(), digest.hexdigest().encode()]
    assert [trace for trace in (*traces, *never) if trace in after] == []


async def test_deletion_gives_no_new_quota_and_lifts_no_limit(world: World) -> None:
    await set_limits(world, "member", world.alice, day_images="2")
    await image(world)
    await delete(world)

    await image(world, prompt="another")

    refused = await world.imagine()
    assert "this server gives you" in refused.response.content


async def test_deletion_does_not_reset_the_filters_brake(world: World) -> None:
    world.provider.ends_as = PredictionStatus.FAILED
    world.provider.error = "The content was flagged as sensitive (E005)"
    for _ in range(5):
        await image(world)
    await delete(world)

    refused = await world.imagine()

    assert "safety filter has refused 5 prompts" in refused.response.content


async def test_the_accounts_stay_as_they_were(world: World) -> None:
    await image(world)
    await image(world, world.bob)
    await delete(world)

    result = await world.olivia.slash(world.channel, "usage", server=True)

    assert "**This month** · 2 images · about $0.12" in result.response.content
    assert f"<@{world.bob.id}> · 1 image" in result.response.content
    assert "Others · 1 image · about $0.06" in result.response.content


async def test_history_and_usage_begin_empty(world: World) -> None:
    await image(world)
    await delete(world)

    history = (await world.alice.slash(world.channel, "history")).response
    assert "No images yet" in str(history.components)
    text = (await world.alice.slash(world.channel, "usage")).response.content
    assert "Nothing generated yet" in text


async def test_what_runs_is_canceled_and_then_deleted(world: World) -> None:
    await world.imagine(prompt=PROMPT)
    await world.env.advance_time(2)

    panel = await delete(world)
    await world.env.advance_time(25)

    assert world.provider.canceled
    assert "**Deleted**" in shown(panel)
    assert await world.ledger.recent(world.alice.id, 10) == []


async def test_what_cannot_be_canceled_is_deleted_once_it_has_ended(world: World) -> None:
    world.provider.can_cancel = False
    world.provider.seconds = 60
    await world.imagine(prompt=PROMPT)
    await world.env.advance_time(2)
    await delete(world)
    await world.env.advance_time(30)
    assert await world.ledger.recent(world.alice.id, 10) != []

    await world.env.advance_time(90)
    assert await world.bot.retention.go_on() == 0

    assert await world.ledger.recent(world.alice.id, 10) == []


async def test_an_erasure_survives_a_restart(world: World) -> None:
    world.provider.can_cancel = False
    world.provider.seconds = 300
    await world.imagine(prompt=PROMPT)
    await world.env.advance_time(2)
    await delete(world)
    await world.env.advance_time(30)

    await world.env.restart_bot(world.new_bot())
    await world.env.advance_time(400)
    assert await world.bot.retention.go_on() == 0

    assert await world.ledger.recent(world.alice.id, 10) == []


async def test_who_hides_their_name_counts_among_the_others(world: World) -> None:
    await image(world)
    panel = await world.alice.slash(world.channel, "me")
    await world.alice.click(panel.response, label="Hide it")
    assert "does not appear" in shown(panel.response)

    result = await world.olivia.slash(world.channel, "usage", server=True)
    assert str(world.alice.id) not in result.response.content
    assert "Others · 1 image" in result.response.content

    await world.alice.click(panel.response, label="Show it")
    result = await world.olivia.slash(world.channel, "usage", server=True)
    assert f"<@{world.alice.id}> · 1 image" in result.response.content


async def test_prompts_and_images_end_after_their_days_and_accounts_do_not(world: World) -> None:
    await image(world)
    row = await world.row()
    stored = world.shelf / row.outputs[0].name
    assert stored.exists()
    await world.env.advance_time(40 * 24 * 3600)
    old = (world.clock.now() - 40 * DAY_MS) / 1000
    aged(stored, old)

    await world.bot.retention.pass_over(Keep(images=30, prompts=30))

    kept = await world.row()
    assert (kept.request.prompt, kept.request.options) == ("", {})
    assert not stored.exists()
    assert kept.status is Status.DELIVERED
    assert kept.price_micros == 60_000
    text = (await world.alice.slash(world.channel, "usage")).response.content
    assert "(prompt erased)" in text


async def test_options_end_after_their_days_where_there_was_no_prompt(world: World) -> None:
    await image(world)
    await world.database.write("update generation set prompt = ''", {})
    assert (await world.row()).request.options
    await world.env.advance_time(40 * 24 * 3600)

    await world.bot.retention.pass_over(Keep(images=None, prompts=30))

    assert (await world.row()).request.options == {}


async def test_what_is_kept_for_ever_stays(world: World) -> None:
    await image(world)
    await world.env.advance_time(400 * 24 * 3600)

    await world.bot.retention.pass_over(Keep(images=None, prompts=None))

    assert (await world.row()).request.prompt == PROMPT


async def test_pseudonyms_of_erased_people_end_with_their_windows(world: World) -> None:
    await image(world)
    await delete(world)
    [row] = await world.database.read("select user_id from generation", {})
    assert row["user_id"] < 0
    await world.env.advance_time(40 * 24 * 3600)

    await world.bot.retention.pass_over(Keep())

    [row] = await world.database.read("select user_id from generation", {})
    assert row["user_id"] == 0


async def test_a_managers_changes_stay_on_record_by_pseudonym_alone(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "day_images", "5")
    await delete(world, world.olivia)

    text = shown((await world.olivia.slash(world.channel, "settings")).response)

    assert "somebody whose data was erased: This server, images a day: not set → 5" in text


@pytest.mark.sqlite("its log")
async def test_a_reader_of_the_database_delays_the_end_of_a_deletion_but_nobodys_write(
    world: World,
) -> None:
    await image(world)
    reader = sqlite3.connect(world.folder / "imagine.db")
    reader.execute("begin")
    reader.execute("select count(*) from generation").fetchall()

    panel = await delete(world)
    assert "deleted by itself" in shown(panel)
    assert PROMPT.encode() in await everything_stored(world)
    reader.close()
    await world.bot.retention.go_on()

    assert PROMPT.encode() not in await everything_stored(world)


async def test_what_is_left_of_an_image_is_rounded_to_a_quarter_of_an_hour(world: World) -> None:
    await world.env.advance_time(100)
    await image(world)
    await delete(world)

    [row] = await world.database.read("select * from generation", {})

    times = ["created_at", "submitted_at", "provider_ended_at", "ended_at"]
    assert {row[name] % 900_000 for name in times} == {0}
    assert (row["token_expires_at"], row["not_before"], row["cancel_requested_at"]) == (
        0,
        None,
        None,
    )
    assert (row["message_id"], row["outputs"], row["prediction_id"]) == (None, None, None)


async def test_a_manager_reads_nothing_more_of_who_was_erased(world: World) -> None:
    await image(world)
    await delete(world)

    result = await world.olivia.slash(world.channel, "usage", member=world.alice)

    assert "**All time** · 0 images" in result.response.content


async def test_a_wish_made_after_asking_for_deletion_is_kept(world: World) -> None:
    world.provider.can_cancel = False
    world.provider.seconds = 60
    await world.imagine(prompt=PROMPT)
    await world.env.advance_time(2)
    await delete(world)
    panel = await world.alice.slash(world.channel, "me")
    await world.alice.click(panel.response, label="Hide it")
    await world.env.advance_time(120)

    assert await world.bot.retention.go_on() == 0

    again = await world.alice.slash(world.channel, "me")
    assert "does not appear" in shown(again.response)


async def test_an_export_says_what_managers_set_for_this_person(world: World) -> None:
    await set_limits(world, "member", world.alice, day_images="5")

    [archive] = await export(world)

    [limit] = json.loads(archive.read("limits.json"))
    assert (limit["name"], limit["value"]) == ("day_images", "5")
    [change] = json.loads(archive.read("changes.json"))
    assert (change["by_you"], change["about_you"], change["details"]["after"]) == (0, 1, "5")
