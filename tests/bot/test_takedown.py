"""`takedown` from a shell: what goes, what stays, and what an operator is told."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.act import INSTALLATION, Sought
from bot.domain.attached import Attached, names
from bot.domain.generation import Entry, Generation, RemovedBy, Status
from bot.domain.picture import Stored
from bot.moderation.takedown import Named, Takedown, named
from bot.pictures.store import ImageStore, store_of
from bot.record import replace
from bot.storage import backup
from bot.storage.database import Database
from bot.storage.removals import Messages
from bot.storage.storage import Storage
from tests.bot.command import imagine
from tests.bot.test_operate import AT, MAX, OLIVIA, PROMPT, database, request
from tests.cogs.test_desk import asked, private, public, reviewed
from tests.shelf import Shelf, shelf
from tests.turns import PLENTY, dispatch
from tests.world import World, picture

#: Of the second request with a message of its own.
MESSAGE = 8_000_000_000_000_000_002


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@dataclass
class Place:
    """What lies in DATA_DIR, and the database of a bot that is running."""

    folder: Path
    storage: Storage
    store: ImageStore

    @classmethod
    def of(cls, folder: Path, opened: Database) -> Place:
        return cls(folder, Storage.of(opened), store_of(opened, folder / "data" / "images"))

    @property
    def images(self) -> Path | Shelf:
        return shelf(self.folder / "data" / "images")

    @property
    def files(self) -> list[str]:
        return sorted(path.name for path in self.images.glob("*"))

    @property
    def evidence(self) -> list[Path]:
        return sorted((self.folder / "data" / "evidence").glob("*"))

    def takedown(self) -> Takedown:
        """As the command makes it."""
        return Takedown(self.storage, self.store, self.folder / "data" / "evidence")

    async def reserve(
        self, number: int, user_id: int = OLIVIA, attached: Sequence[bytes] = ()
    ) -> Generation:
        pictures = [Attached("image/png", 3, 1, 1, "", sha256(each)) for each in attached]
        asked = replace(request(number, user_id), pictures=tuple(pictures))
        [row] = await self.storage.ledger.reserve(
            asked, now=AT, price_micros=60_000, limits=(), capacity=PLENTY
        )
        for name in names(row.id, pictures):
            self._write(name, b"cleaned")
        return replace(row, message_id=MESSAGE - 2 + number)

    async def make(
        self,
        number: int,
        *contents: bytes,
        user_id: int = OLIVIA,
        attached: Sequence[bytes] = (),
        known: bool = True,
    ) -> Generation:
        """A delivered request with these images; not `known`: an earlier version stored them."""
        ledger = self.storage.ledger
        row = await self.reserve(number, user_id, attached)
        row = await dispatch(ledger, row, now=AT) or row
        row = (
            await ledger.attach(replace(row, message_id=MESSAGE - 2 + number), f"p{number}") or row
        )
        made = []
        for place, content in enumerate(contents):
            name = f"{row.id}{f'-{place}' if place else ''}.png"
            self._write(name, content)
            made.append(Stored(name, "image/png", len(content), sha256(content) if known else ""))
        row = await ledger.store(row, made, now=AT, compute_ms=1, duration_ms=1) or row
        return await ledger.finish(row, Status.DELIVERED, now=AT, bought=True) or row

    def _write(self, name: str, content: bytes) -> None:
        self.images.mkdir(parents=True, exist_ok=True)
        (self.images / name).write_bytes(content)

    async def find(self, row: Generation) -> Generation:
        found = await self.storage.ledger.find(row.id)
        assert found is not None
        return found

    async def refuses(self, *contents: bytes) -> list[bool]:
        return [await self.storage.takedowns.refuses(sha256(each)) for each in contents]


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with Database.open(database(tmp_path), exclusive=True) as opened:
        yield Place.of(tmp_path, opened)


# ------------------------------------------------------------------- what is named


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("https://discord.com/channels/2/3/8000000000000000002", Named(number=MESSAGE)),
        (f"<https://canary.discord.com/channels/@me/3/{MESSAGE}/>", Named(number=MESSAGE)),
        ("7000000000000000002-0", Named(number=7_000_000_000_000_000_002)),
        (" 7000000000000000002 ", Named(number=7_000_000_000_000_000_002)),
        ("imagine-7000000000000000002-0-3.webp", Named(number=7_000_000_000_000_000_002)),
        ("AB" * 32, Named(sha256="ab" * 32)),
        ("", None),
        ("fox", None),
        ("0", None),
        ("-1", None),
        ("9" * 19, None),
        ("9" * 200, None),
        ("ab" * 31, None),
        ("https://discord.com/channels/2/3", None),
        ("https://discord.com/channels/2/3/4/5", None),
        ("'; drop table generation; --", None),
        ("٣-0", None),
    ],
)
def test_what_is_typed_means_one_thing_or_nothing(typed: str, meant: Named | None) -> None:
    assert named(typed) == meant


@pytest.mark.parametrize(
    "target",
    [
        f"https://discord.com/channels/2/3/{MESSAGE}",
        str(MESSAGE),
        f"{request(2, OLIVIA).interaction_id}-0",
        str(request(2, OLIVIA).interaction_id),
        sha256(b"fox"),
    ],
)
async def test_image_and_message_go_while_the_bot_runs_and_it_is_on_record(
    place: Place, target: str
) -> None:
    other = await place.make(1, b"wolf", user_id=MAX)
    row = await place.make(2, b"fox")

    outcome = await imagine(place.folder, "takedown", target, "--yes", "--reason", "a deepfake")

    after = await place.find(row)
    assert outcome.code == 0
    assert "Taken down: 1 request, 1 image." in outcome.out
    assert (after.removed_by, after.outputs) == (RemovedBy.OPERATOR, ())
    assert place.files == [other.outputs[0].name]
    assert await place.refuses(b"fox", b"wolf") == [True, False]
    assert await place.storage.removals.waiting() == [
        Messages(
            row.request.interaction_id,
            *(2, 3, OLIVIA),
            direct=True,
            tell=False,
            message_id=MESSAGE,
            published_id=None,
        )
    ]
    [entry] = await place.storage.audit.entries(2, Sought(), limit=9)
    assert (entry.action, entry.actor, entry.reason) == ("takedown", INSTALLATION, "a deepfake")
    assert entry.subject == await place.storage.aliases.of(OLIVIA)
    for secret in (PROMPT, str(OLIVIA)):
        assert secret not in outcome.out + outcome.err


async def test_a_moderators_card_names_it_too(place: Place) -> None:
    row = await place.make(2, b"fox")
    await place.storage.ledger._database.write(
        "insert into review (interaction_id, stage, guild_id, card_id) values (:id, 'reviewing',"
        " 2, 99)",
        {"id": row.request.interaction_id},
    )

    outcome = await imagine(place.folder, "takedown", "99", "--yes")

    assert outcome.code == 0
    assert await place.refuses(b"fox") == [True]


async def test_a_request_goes_whole_with_what_it_started_from(place: Place) -> None:
    await place.make(2, b"fox", b"wolf", attached=[b"photo"])

    outcome = await imagine(place.folder, "takedown", sha256(b"wolf"), "--yes")

    assert "The file is an image of 7000000000000000002-0. Requests go whole." in outcome.out
    assert place.files == []
    assert await place.refuses(b"fox", b"wolf", b"photo") == [True, True, False]


@pytest.mark.parametrize("typed", ["n\n", ""])
async def test_nothing_is_taken_down_unless_the_answer_is_yes(place: Place, typed: str) -> None:
    row = await place.make(2, b"fox")

    outcome = await imagine(place.folder, "takedown", row.id, typed=typed)

    assert outcome.code == 1
    assert "2026-11-01 00:00 UTC, server 2, 1 image" in outcome.out
    assert "It is final" in outcome.out
    assert await place.find(row) == row
    assert place.files == ["7000000000000000002-0.png"]
    assert await place.refuses(b"fox") == [False]


async def test_nothing_found_is_said_and_exits_1(place: Place) -> None:
    outcome = await imagine(place.folder, "takedown", "123-0", "--yes")

    assert outcome.code == 1
    assert outcome.err.startswith("Nothing is stored about it")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("fox",),
        ("99999999999999999999",),
        ("123-0", "--undo"),
        ("123-0", "--reason", "x" * 501),
    ],
)
async def test_what_cannot_be_meant_is_refused_with_2(
    place: Place, arguments: tuple[str, ...]
) -> None:
    outcome = await imagine(place.folder, "takedown", *arguments)

    assert (outcome.code, "Traceback" in outcome.err) == (2, False)


async def test_without_a_database_it_says_so_and_makes_none(tmp_path: Path) -> None:
    outcome = await imagine(tmp_path, "takedown", "123-0", "--hold", "--yes")

    assert outcome.code == 1
    assert outcome.err.startswith("There is no database yet.")
    assert list(tmp_path.iterdir()) == []


async def test_what_is_under_way_is_refused_with_what_to_do(place: Place) -> None:
    row = await place.reserve(2)

    outcome = await imagine(place.folder, "takedown", row.id, "--yes", "--hold")

    assert outcome.code == 1
    assert "is still under way. Cancel it in Discord" in outcome.err
    assert (await place.find(row)).status is Status.QUEUED
    assert place.evidence == []


async def test_a_hash_that_nothing_has_is_refused_all_the_same(place: Place) -> None:
    outcome = await imagine(place.folder, "takedown", sha256(b"elsewhere"), "--yes")

    assert outcome.code == 0
    assert "No image here has these bytes. They will be refused from now on." in outcome.out
    assert await place.refuses(b"elsewhere") == [True]


async def test_refused_hashes_are_listed_and_can_be_let_in_again(place: Place) -> None:
    await imagine(place.folder, "takedown", sha256(b"fox"), "--yes")

    listed = await imagine(place.folder, "takedown", "--list")
    undone = await imagine(place.folder, "takedown", sha256(b"fox").upper(), "--undo")
    again = await imagine(place.folder, "takedown", sha256(b"fox"), "--undo")

    assert "Refused, by their hash: 1 file." in listed.out
    assert f"{sha256(b'fox')} since 20" in listed.out
    assert (undone.out, again.out) == ("It is no longer refused.\n", "It was not refused.\n")
    assert await place.refuses(b"fox") == [False]


# ------------------------------------------------------------------- every copy


async def test_every_request_with_one_of_its_images_goes_too(place: Place) -> None:
    await place.make(1, b"fox", user_id=MAX)
    await place.make(2, b"fox", b"wolf")
    await place.make(3, b"wolf", b"bear", user_id=MAX)
    await place.make(4, b"lynx")

    outcome = await imagine(place.folder, "takedown", sha256(b"fox"), "--yes")

    assert "Taken down: 3 requests, 5 images." in outcome.out
    assert await place.refuses(b"fox", b"wolf", b"bear", b"lynx") == [True, True, True, False]
    assert place.files == ["7000000000000000004-0.png"]
    assert len(await place.storage.removals.waiting()) == 3


async def test_what_people_hold_of_an_image_that_did_not_fit_names_it_and_is_refused(
    place: Place,
) -> None:
    row = await place.make(2, b"fox")
    await place.storage.takedowns.delivered(row.id, sha256(b"smaller fox"))

    outcome = await imagine(place.folder, "takedown", sha256(b"smaller fox"), "--yes")

    assert outcome.code == 0
    assert await place.refuses(b"fox", b"smaller fox") == [True, True]
    assert place.files == []


async def test_what_an_earlier_version_stored_is_known_by_its_file(place: Place) -> None:
    row = await place.make(2, b"fox", known=False)

    outcome = await imagine(place.folder, "takedown", row.id, "--yes")

    assert outcome.code == 0
    assert await place.refuses(b"fox") == [True]


async def test_a_picture_somebody_attached_goes_and_what_was_made_of_it_is_named(
    place: Place,
) -> None:
    await place.make(1, b"fox")
    await place.make(2, b"fox in snow", user_id=MAX, attached=[b"fox", b"background"])

    outcome = await imagine(place.folder, "takedown", sha256(b"fox"), "--yes")

    assert "Made from it, and still there: 7000000000000000002-0." in outcome.out
    assert place.files == ["7000000000000000002-0.in1", "7000000000000000002-0.png"]
    assert await place.refuses(b"fox in snow", b"background") == [False, False]


async def test_a_photo_that_was_only_ever_attached_is_taken_down_by_its_hash(place: Place) -> None:
    row = await place.make(2, b"undressed", attached=[b"photo"])

    outcome = await imagine(place.folder, "takedown", sha256(b"photo"), "--yes", "--hold")

    assert "started from it: that picture goes" in outcome.out
    assert place.files == ["7000000000000000002-0.png"]
    assert (await place.find(row)).removed_by is None
    [kept] = place.evidence
    assert sorted(path.name for path in kept.iterdir()) == [
        "7000000000000000002-0.in0",
        "record.json",
    ]


async def test_a_copy_that_is_under_way_is_named_and_taken_down_later(place: Place) -> None:
    await place.make(1, b"fox")
    ledger = place.storage.ledger
    row = await place.reserve(2)
    row = await dispatch(ledger, row, now=AT) or row
    row = await ledger.attach(row, "p2") or row
    made = [Stored(f"{row.id}.png", "image/png", 3, sha256(b"fox"))]
    row = await ledger.store(row, made, now=AT, compute_ms=1, duration_ms=1) or row

    early = await imagine(place.folder, "takedown", sha256(b"fox"), "--yes")
    await ledger.finish(row, Status.KEPT, now=AT, bought=True)
    late = await imagine(place.folder, "takedown", sha256(b"fox"), "--yes")

    assert (early.code, late.code) == (1, 0)
    assert "Taken down: 1 request, 1 image." in early.out
    assert f"Still under way, so not taken down: {row.id}." in early.err
    assert (await place.find(row)).removed_by is RemovedBy.OPERATOR


# ------------------------------------------------------------------- evidence


async def test_evidence_is_kept_before_anything_goes_for_this_account_alone(place: Place) -> None:
    row = await place.make(2, b"fox", attached=[b"photo"])

    outcome = await imagine(
        place.folder, "takedown", row.id, "--hold", "--yes", "--reason", "case 7"
    )

    [kept] = place.evidence
    assert f"Evidence: {kept} (" in outcome.out
    assert (kept / "7000000000000000002-0.png").read_bytes() == b"fox"
    assert (kept / "7000000000000000002-0.in0").read_bytes() == b"cleaned"
    record = json.loads((kept / "record.json").read_bytes())
    [made] = record["generations"]
    assert record["user_id"] == OLIVIA
    assert record["links"] == [f"https://discord.com/channels/2/3/{MESSAGE}"]
    assert (record["reason"], record["refused"]) == ("case 7", [sha256(b"fox")])
    assert record["files"]["7000000000000000002-0.png"] == sha256(b"fox")
    assert (made["prompt"], made["asked_at"]) == (PROMPT, "2026-11-01T00:00:00+00:00")
    assert made["prompt_as_sent"] == PROMPT
    assert made["attached"][0]["sha256_as_attached"] == sha256(b"photo")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (kept.parent, kept)}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept.iterdir()} == {0o600}
    assert place.files == []


@pytest.mark.sqlite("copies of its file")
async def test_no_erasure_sweep_or_backup_touches_evidence(place: Place, tmp_path: Path) -> None:
    row = await place.make(2, b"fox")
    await imagine(place.folder, "takedown", row.id, "--hold", "--yes")
    await imagine(place.folder, "erase", str(OLIVIA), "--yes")
    await place.store.sweep(older_than=1e15, keep=())

    images = place.folder / "data" / "images"
    backup.save(database(place.folder), images, tmp_path / "saved")

    [kept] = place.evidence
    assert (kept / "7000000000000000002-0.png").read_bytes() == b"fox"
    assert [path.name for path in (tmp_path / "saved").rglob("*") if "evidence" in path.name] == []


@pytest.mark.fault(
    "evidence of what is taken down cannot be kept",
    sees="nothing; the operator reads why, and nothing was taken down",
    charged="nothing",
)
async def test_where_evidence_cannot_be_kept_nothing_is_taken_down(place: Place) -> None:
    row = await place.make(2, b"fox")
    (place.folder / "data").mkdir(exist_ok=True)
    (place.folder / "data" / "evidence").write_bytes(b"no folder")

    outcome = await imagine(place.folder, "takedown", row.id, "--hold", "--yes")

    assert outcome.code == 1
    assert "The evidence cannot be kept" in outcome.err
    assert await place.find(row) == row
    assert await place.refuses(b"fox") == [False]
    assert place.files == ["7000000000000000002-0.png"]


# ------------------------------------------------------------------- again, and after a kill


async def test_the_same_takedown_twice_changes_nothing_more(place: Place) -> None:
    row = await place.make(2, b"fox")
    await imagine(place.folder, "takedown", row.id, "--yes")
    first = await place.find(row)

    again = await imagine(place.folder, "takedown", row.id, "--yes", "--hold")
    by_hash = await imagine(place.folder, "takedown", sha256(b"fox"), "--yes")

    assert (again.code, by_hash.code) == (0, 0)
    assert "It was taken down already." in again.out
    assert await place.find(row) == first
    assert len(await place.storage.audit.entries(2, Sought(), limit=9)) == 1


@pytest.mark.fault(
    "a takedown is killed between two of its steps",
    sees="nothing that was taken down; the same command again does the rest",
    charged="nothing more",
)
@pytest.mark.parametrize("steps", [1, 2])
async def test_what_a_kill_left_undone_is_done_by_the_same_command(
    place: Place, steps: int
) -> None:
    row = await place.make(2, b"fox", attached=[b"photo"])
    await place.storage.takedowns.refuse([sha256(b"fox")], now=AT)
    if steps == 2:
        await place.storage.removals.remove(
            row.request.interaction_id, RemovedBy.OPERATOR, until=AT, now=AT
        )

    outcome = await imagine(place.folder, "takedown", sha256(b"fox"), "--yes")

    assert outcome.code == 0
    assert place.files == []
    assert (await place.find(row)).outputs == ()
    assert len(await place.storage.removals.waiting()) == 1
    assert len(await place.storage.audit.entries(2, Sought(), limit=9)) == 1


async def test_what_a_moderator_removed_is_taken_down_before_its_time(place: Place) -> None:
    row = await place.make(2, b"fox")
    await place.storage.removals.remove(
        row.request.interaction_id, RemovedBy.MODERATOR, until=AT * 2, now=AT
    )

    outcome = await imagine(place.folder, "takedown", row.id, "--yes", "--hold")

    assert outcome.code == 0
    assert place.files == []
    assert (await place.find(row)).removed_by is RemovedBy.OPERATOR
    assert len(place.evidence) == 1


@pytest.mark.sqlite("images are files")
async def test_a_file_that_cannot_be_deleted_is_named_and_the_rest_is_done(place: Place) -> None:
    row = await place.make(2, b"fox")
    stuck = place.folder / "data" / "images" / "7000000000000000002-0.png"
    stuck.unlink()
    stuck.mkdir()

    outcome = await imagine(place.folder, "takedown", row.id, "--yes")

    assert outcome.code == 1
    assert "but a file stays" in outcome.err
    assert await place.refuses(b"fox") == [True]
    assert len(await place.storage.removals.waiting()) == 1


async def test_an_erased_persons_image_is_found_by_nothing_and_its_hash_stays_refused(
    tmp_path: Path,
) -> None:
    async with Database.open(database(tmp_path), exclusive=True) as opened:
        place = Place.of(tmp_path, opened)
        row = await place.make(2, b"fox")
    await imagine(tmp_path, "takedown", row.id, "--yes")
    erased = await imagine(tmp_path, "erase", str(OLIVIA), "--yes")

    again = await imagine(tmp_path, "takedown", row.id, "--yes")

    assert erased.out == "Erased.\n"
    assert again.code == 1
    async with Database.open(database(tmp_path), exclusive=True) as opened:
        assert await Storage.of(opened).takedowns.refuses(sha256(b"fox"))


# ------------------------------------------------------------------- the running bot


def beside(world: World) -> Takedown:
    """Over the bot's own folder."""
    storage = Storage.of(world.database)
    return Takedown(
        storage, store_of(world.database, world.folder / "images"), world.folder / "evidence"
    )


@pytest.mark.usefixtures("env")
async def test_the_running_bot_deletes_the_messages_within_a_minute(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(15)
    link = f"https://discord.com/channels/{world.guild.id}/{world.channel.id}/{world.message.id}"
    target = named(link)
    assert target is not None
    await beside(world).carry_out(target, reason="", hold=False, now=world.clock.now())

    await world.bot.removal.pass_over()

    assert world.channel.history() == []
    assert await world.history() == []
    assert list(world.shelf.glob("*")) == []


@pytest.mark.usefixtures("env")
async def test_a_bot_that_starts_later_deletes_them_then(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(15)
    row = await world.row()
    target = Named(number=row.request.interaction_id)
    await beside(world).carry_out(target, reason="", hold=False, now=world.clock.now())
    await world.env.restart_bot(world.new_bot())

    await world.bot.removal.pass_over()

    assert world.channel.history() == []


@pytest.mark.usefixtures("env")
async def test_the_same_bytes_made_again_after_a_takedown_are_not_shown(world: World) -> None:
    world.provider.output = picture("PNG")
    await world.imagine(world.bob)
    await world.env.advance_time(15)
    [bobs] = await world.ledger.recent(world.bob.id, 9)
    target = Named(sha256=bobs.outputs[0].sha256)
    await beside(world).carry_out(target, reason="", hold=False, now=world.clock.now())

    await world.imagine()
    await world.env.advance_time(15)

    assert (await world.row()).error == "taken_down"
    assert list(world.shelf.glob("*")) == []


@pytest.mark.fault(
    "an image is taken down while another, byte for byte the same, waits for a moderator",
    sees="that it was taken down, whoever approves it",
    charged="nothing; the payer's budget one image",
)
@pytest.mark.usefixtures("env")
async def test_what_was_taken_down_is_not_published_by_an_approval(world: World) -> None:
    desk = await reviewed(world)
    await asked(world)
    row = await world.row()
    target = Named(sha256=row.outputs[0].sha256)
    found, _ = await beside(world).carry_out(target, reason="", hold=False, now=world.clock.now())
    [card] = desk.history()

    await world.mona.click(card, label="Approve")
    await world.env.advance_time(15)

    assert [each.id for each in found.underway] == [row.id]
    assert [message for message in public(world) if message.attachments] == []
    after = await world.row()
    assert (after.status, after.error) == (Status.FAILED, "taken_down")
    assert after.budget is Entry.SETTLED
    assert after.quota is Entry.RELEASED
    assert "has taken down" in private(world).content


@pytest.mark.usefixtures("env")
async def test_a_copy_in_history_is_not_shown_even_before_it_is_taken_down(world: World) -> None:
    await world.imagine()
    await world.env.advance_time(15)
    row = await world.row()
    assert await world.bot.imagine.form(row, 10 << 20) is not None

    await Storage.of(world.database).takedowns.refuse([row.outputs[0].sha256], now=1)

    assert await world.bot.imagine.form(row, 10 << 20) is None
