"""`/history`: one's own images by pages, found by words and days, and what is done about one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.filter import Filter
from bot.domain.generation import RemovedBy
from bot.domain.guild import Holder
from bot.storage.history import NEWEST, Spot
from bot.views.history import HERE, Where
from tests.cogs.test_desk import restarted, reviewed
from tests.turns import PLENTY
from tests.world import World

pytestmark = [pytest.mark.usefixtures("env"), pytest.mark.rules(capacity=PLENTY, person=1000)]

DAY_MS = 24 * 3_600_000


async def made(world: World, *prompts: str, who: Any = None, **options: Any) -> None:
    for prompt in prompts:
        await world.imagine(who, prompt=prompt, **options)
        await world.env.advance_time(15)


async def opened(world: World, who: Any = None, channel: Any = None) -> Any:
    """The panel's message."""
    result = await (who or world.alice).slash(channel or world.channel, "history")
    assert result.ephemeral
    return result.response


async def press(world: World, panel: Any, label: str, who: Any = None) -> Any:
    return await (who or world.alice).click(panel, label=label)


def parts(found: Any) -> list[dict[str, Any]]:
    """It, and all components in it, in their order."""
    inner = [*found.get("components", ()), *filter(None, [found.get("accessory")])]
    return [found, *(each for part in inner for each in parts(part))]


def components(panel: Any) -> list[dict[str, Any]]:
    return [each for top in panel.components for each in parts(top)]


def texts(panel: Any) -> str:
    return "\n".join(each["content"] for each in components(panel) if "content" in each)


def labels(panel: Any) -> list[str]:
    return [each["label"] for each in components(panel) if each.get("type") == 2]


def prompts(panel: Any) -> list[str]:
    return [line[2:] for line in texts(panel).splitlines() if line.startswith("> ")]


def thumbnails(panel: Any) -> list[dict[str, Any]]:
    return [each for each in components(panel) if each.get("type") == 11]


async def filtered(world: World, panel: Any, **said: str) -> Any:
    form = await press(world, panel, "Filter")
    return await world.alice.submit_modal(form, said)


async def copied(world: World, count: int, prompt: str = "a fox", days: int = 0) -> None:
    """So many more requests of Alice's, each a second after the one before, with the same file."""
    [source] = await world.database.read("select * from generation order by created_at limit 1", {})
    async with world.database.transaction() as connection:
        for number in range(1, count + 1):
            interaction_id = source["interaction_id"] + number + days * 100_000
            row = dict(source) | {
                "id": f"{interaction_id}-0",
                "interaction_id": interaction_id,
                "created_at": source["created_at"] + number * 1000 - days * DAY_MS,
                "prompt": prompt.replace("#", str(number)),
                "prediction_id": f"copy-{days}-{number}",
            }
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            await connection.fetch(
                f"insert into generation ({names}) values ({values})",
                row,
            )


# --- pages


async def test_the_own_images_are_listed_privately_newest_first(world: World) -> None:
    await made(world, "a red fox", "a blue fox")

    panel = await opened(world)

    assert prompts(panel) == ["a blue fox", "a red fox"]
    assert [each["description"] for each in thumbnails(panel)] == ["a blue fox", "a red fox"]
    assert "1 image" in texts(panel)


async def test_somebody_who_has_made_nothing_is_told_how(world: World) -> None:
    await made(world, "a red fox")

    panel = await opened(world, world.bob)

    assert "No images yet" in texts(panel)
    assert thumbnails(panel) == []


async def test_pages_go_to_older_ones_and_back_whatever_is_made_meanwhile(world: World) -> None:
    await made(world, "fox 0")
    await copied(world, 11, "fox #")
    panel = await opened(world)
    assert prompts(panel) == [f"fox {n}" for n in range(11, 6, -1)]
    assert labels(panel)[:6] == [*(f"Image {n}" for n in range(1, 6)), "Older"]

    await press(world, panel, "Older")
    await made(world, "a new one")
    await press(world, panel, "Older")
    assert prompts(panel) == ["fox 1", "fox 0"]
    assert "Older" not in labels(panel)

    await press(world, panel, "Newer")
    assert prompts(panel) == [f"fox {n}" for n in range(6, 1, -1)]
    await press(world, panel, "Newer")
    assert prompts(panel) == [f"fox {n}" for n in range(11, 6, -1)]
    await press(world, panel, "Newer")
    assert prompts(panel)[:2] == ["a new one", "fox 11"]
    assert "Newer" not in labels(panel)


async def test_requests_of_the_same_moment_are_all_shown_once(world: World) -> None:
    await made(world, "fox 0")
    await copied(world, 12, "fox #")
    await world.database.write("update generation set created_at = 1000 returning id", {})

    panel = await opened(world)
    found = prompts(panel)
    while "Older" in labels(panel):
        await press(world, panel, "Older")
        found += prompts(panel)

    assert found == [f"fox {n}" for n in range(12, -1, -1)]


async def test_what_is_gone_from_the_disk_is_not_listed(world: World) -> None:
    await made(world, "a red fox")
    for file in world.shelf.iterdir():
        file.unlink()

    assert "No images yet" in texts(await opened(world))


async def test_nothing_sealed_removed_rejected_or_canceled_is_listed(world: World) -> None:
    await made(world, "kept", "gone")
    gone, _kept = await world.history()
    number = gone.spot.interaction_id
    removals = world.bot._storage.removals
    await removals.remove(number, RemovedBy.MODERATOR, until=2**50, now=world.clock.now())
    canceled = await world.imagine(prompt="canceled")
    await world.env.advance_time(2)
    await world.alice.click(canceled.response, label="Cancel")
    await world.env.advance_time(15)

    assert prompts(await opened(world)) == ["kept"]


async def test_what_a_moderator_has_not_decided_is_not_listed(world: World) -> None:
    await reviewed(world)
    await made(world, "waiting")

    assert "No images yet" in texts(await opened(world))


@pytest.mark.parametrize("prompt", ["[" * 2000, "a" * 2000, "\U0001f98a" * 1000, "`" * 2000])
async def test_a_page_of_the_longest_prompts_fits_discords_limits(
    world: World, prompt: str
) -> None:
    await made(world, "a")
    await copied(world, 7, prompt)
    panel = await opened(world)
    await filtered(world, panel, text=prompt[:80], model="imagen", first="2000-01-01")
    await press(world, panel, "Older")

    assert len(components(panel)) <= 40
    assert len(texts(panel).encode("utf-16-le")) // 2 <= 4000
    ids = [each.get("custom_id", "") for each in components(panel)]
    assert max(map(len, ids)) <= 100
    assert all(len(each["description"]) <= 256 for each in thumbnails(panel))

    await press(world, panel, "Image 1")
    assert len(components(panel)) <= 40
    assert len(texts(panel).encode("utf-16-le")) // 2 <= 4000


def test_ids_of_the_largest_numbers_fit_and_come_back_as_they_were() -> None:
    number = 2**63 - 1
    where = Where(HERE, Spot(10**13, number, 9, 9), (number, 9, 9))

    assert Where.named(where.id) == where
    assert len(f"imagine:history:filter:{where.id}") <= 100
    assert Where.named(Where().id) == Where()


@pytest.mark.parametrize("subject", ["", "mine", "theirs-n", "mine-1", "here-n-1", "mine-n-x-0-0"])
def test_an_id_that_is_none_of_ours_is_the_first_page(subject: str) -> None:
    assert Where.named(subject) == Where()


# --- what is looked for


async def test_words_are_found_whatever_their_case_also_in_other_scripts(world: World) -> None:
    await made(world, "Ein GRÜNER Fuchs", "緑の狐", "a fox")
    panel = await opened(world)

    await filtered(world, panel, text="grüner")
    assert prompts(panel) == ["Ein GRÜNER Fuchs"]
    await filtered(world, panel, text="の狐")
    assert prompts(panel) == ["緑の狐"]
    await filtered(world, panel, text="gru\u0308ner  fuchs")
    assert prompts(panel) == ["Ein GRÜNER Fuchs"]
    await press(world, panel, "Clear filter")
    assert len(prompts(panel)) == 3


async def test_the_filter_is_there_on_every_page_in_the_form_and_after_a_restart(
    world: World,
) -> None:
    await made(world, "a fox 0")
    await copied(world, 7, "a fox #")
    await copied(world, 7, "a bear #", days=1)
    panel = await opened(world)
    await filtered(world, panel, text="a bear", model="IMAGEN")

    await restarted(world)
    await press(world, panel, "Older")
    assert prompts(panel) == ["a bear 2", "a bear 1"]
    await press(world, panel, "Image 2")
    assert prompts(panel) == ["a bear 1"]
    await restarted(world)
    await press(world, panel, "Back")
    assert prompts(panel) == ["a bear 2", "a bear 1"]
    form = await press(world, panel, "Filter")
    fields = [each["component"] for each in form.modal["components"]]
    assert [each.get("value") for each in fields] == ["a bear", "IMAGEN", None, None]


async def test_days_are_both_included_and_another_text_is_no_day(world: World) -> None:
    await made(world, "now")
    await copied(world, 1, "before", days=10)
    panel = await opened(world)
    now, before = (each.spot.at for each in await world.history())
    day = [f"{Filter(first=f).first}" for f in (_day(before), _day(now))]

    await filtered(world, panel, last=day[0])
    assert prompts(panel) == ["before"]
    await filtered(world, panel, last="", first=day[1], text="")
    assert prompts(panel) == ["now"]
    refused = await filtered(world, panel, first="yesterday")
    assert "2026-11-01" in refused.response.content
    assert prompts(panel) == ["now"]


def _day(ms: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


@pytest.mark.parametrize("text", ["'; drop table generation; --", "%", "a:b", "<@1> **x** `y`"])
async def test_what_is_looked_for_is_only_ever_text(world: World, text: str) -> None:
    await made(world, f"x {text} y", "other")
    panel = await opened(world)

    await filtered(world, panel, text=text)
    await press(world, panel, "Image 1")
    await press(world, panel, "Back")

    assert len(prompts(panel)) == 1
    await filtered(world, panel, text="none such")
    assert "No image fits" in texts(panel)


# --- one image


async def test_one_image_is_sent_again_to_them_alone(world: World) -> None:
    await made(world, "a red fox", "a blue fox")
    panel = await opened(world)
    await press(world, panel, "Image 2")
    assert labels(panel) == ["Send again", "Run again", "Delete …", "Open message", "Back"]

    sent = await press(world, panel, "Send again")

    assert sent.ephemeral
    assert [a.description for a in sent.response.attachments] == ["a red fox"]


async def test_the_link_leads_to_the_message_of_a_public_image_only(world: World) -> None:
    await made(world, "a red fox")
    panel = await opened(world)
    await press(world, panel, "Image 1")

    place = f"https://discord.com/channels/{world.guild.id}/{world.channel.id}"
    urls = [each["url"] for each in components(panel) if "url" in each]
    assert urls == [f"{place}/{(await world.row()).message_id}"]


async def test_a_private_image_has_no_link(world: World) -> None:
    await made(world, "a red fox", private=True)
    panel = await opened(world)
    await press(world, panel, "Image 1")

    assert "Open message" not in labels(panel)


async def test_all_images_of_a_request_are_shown_as_one_entry(world: World) -> None:
    await made(world, "foxes", count=3)
    panel = await opened(world)
    assert prompts(panel) == ["foxes"]
    assert "3 images" in texts(panel)

    await press(world, panel, "Image 1")

    [gallery] = [each for each in components(panel) if each.get("type") == 12]
    assert [each["description"] for each in gallery["items"]] == [
        f"{n} of 3: foxes" for n in (1, 2, 3)
    ]


async def test_what_is_deleted_is_gone_with_its_thumbnail(world: World) -> None:
    await made(world, "a red fox")
    panel = await opened(world)
    await press(world, panel, "Image 1")
    asked = await press(world, panel, "Delete …")
    assert len(list(world.shelf.iterdir())) == 2

    await press(world, asked.response, "Delete it")

    assert list(world.shelf.iterdir()) == []
    await press(world, panel, "Back")
    assert "No images yet" in texts(panel)


async def test_an_image_that_has_gone_meanwhile_says_so(world: World) -> None:
    await made(world, "a red fox")
    panel = await opened(world)
    for file in world.shelf.iterdir():
        file.unlink()

    await press(world, panel, "Image 1")

    assert "not there" in texts(panel)
    assert labels(panel) == ["Back"]


async def test_somebody_elses_image_is_not_shown_by_a_forged_press(world: World) -> None:
    await made(world, "a red fox")
    await made(world, "x", who=world.bob)
    [mine] = await world.history()
    panel = await opened(world, world.bob)
    forged = f"imagine:history:image:{Where(chosen=mine.spot.ids).id}"
    stored = world.env.backend.get_message(panel.channel_id, panel.id)
    button = next(b for b in components(stored) if b.get("label") == "Image 1")
    button["custom_id"] = forged

    await world.forged(world.bob, panel, forged)

    assert "red" not in json.dumps(panel.components)
    assert "not there" in texts(panel)


async def test_a_spoiler_is_one_here_too(world: World) -> None:
    await world.set_limit(Holder.GUILD, 0, "spoiler", "1")
    await made(world, "a red fox")

    panel = await opened(world)

    assert [each["spoiler"] for each in thumbnails(panel)] == [True]


async def test_a_numbered_button_of_an_earlier_version_still_sends_the_image(world: World) -> None:
    await made(world, "a red fox")
    row = await world.row()
    panel = await opened(world)

    sent = await world.forged(
        world.alice, await _old(world, panel, row.id), f"imagine:resend:{row.id}"
    )

    assert [a.description for a in sent.response.attachments] == ["a red fox"]


async def _old(world: World, panel: Any, generation_id: str) -> Any:
    stored = world.env.backend.get_message(panel.channel_id, panel.id)
    button = next(b for b in components(stored) if b.get("label") == "Image 1")
    button["custom_id"] = f"imagine:resend:{generation_id}"
    return panel


async def test_somebody_elses_image_is_not_sent(world: World) -> None:
    await made(world, "a red fox")
    await made(world, "x", who=world.bob)
    row = await world.row()
    panel = await _old(world, await opened(world, world.bob), row.id)

    sent = await world.forged(world.bob, panel, f"imagine:resend:{row.id}")

    assert sent.response.attachments == []
    assert "not stored" in sent.response.content


# --- much


@pytest.mark.sqlite("its query plans")
@pytest.mark.parametrize("query", ["up_to", "after"])
async def test_a_page_reads_one_range_of_an_index_in_its_order(world: World, query: str) -> None:
    from bot.storage.history import _SQL

    asked = {"user_id": 5, "since": 0, "until": 9, "limit": 9}
    spot = {"at": NEWEST.at, "interaction_id": NEWEST.interaction_id}
    found = await world.database.read("explain query plan " + _SQL[query], asked | spot)

    told = "\n".join(row["detail"] for row in found)
    assert "USING INDEX generation_with_images (user_id=?" in told
    assert "TEMP B-TREE" not in told


async def test_ten_thousand_images_are_looked_through_in_small_steps(world: World) -> None:
    await made(world, "the one")
    await copied(world, 10_000)
    panel = await opened(world)
    assert prompts(panel) == ["a fox"] * 5

    await filtered(world, panel, text="THE one")

    assert prompts(panel) == ["the one"]
