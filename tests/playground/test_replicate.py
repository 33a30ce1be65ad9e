"""The small Replicate: what it sells, refuses and breaks, as a function of time."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import pytest
from PIL import Image

from playground.faults import FAULTS, Faults
from playground.models import FLUX
from playground.placeholder import draw
from playground.replicate import SmallReplicate
from tests.playground.shop import MODEL, Shop


async def test_a_prediction_starts_processes_and_succeeds_as_time_passes(shop: Shop) -> None:
    status, bought = await shop.buy()
    assert (status, bought["status"], bought["output"]) == (201, "starting", None)
    assert "started_at" not in bought

    duration = shop.small.invoice[0].duration
    shop.passes(duration * 0.2)
    processing = await shop.look(bought["id"])
    assert (processing["status"], processing["output"]) == ("processing", None)

    shop.passes(duration)
    finished = await shop.look(bought["id"])
    assert finished["status"] == "succeeded"
    assert finished["metrics"]["predict_time"] == pytest.approx(duration * 0.85, abs=1e-5)
    assert finished["version"] == "hidden"
    for stamp in ("created_at", "started_at", "completed_at"):
        assert len(finished[stamp]) == len("2023-11-14T22:13:20.000000253Z")


async def test_its_addresses_point_at_another_provider_but_its_files_do_not(shop: Shop) -> None:
    finished = await shop.finish()
    assert finished["urls"]["get"].startswith("https://api.replicate.com/")
    assert finished["urls"]["cancel"].startswith("https://api.replicate.com/")
    assert finished["output"].startswith(shop.base.removesuffix("/v1") + "/files/")


@pytest.mark.parametrize(
    ("given", "form", "ratio"),
    [
        ({}, "JPEG", 1.0),
        ({"output_format": "png", "aspect_ratio": "16:9"}, "PNG", 16 / 9),
        ({"aspect_ratio": "3:4"}, "JPEG", 3 / 4),
    ],
)
async def test_the_output_is_an_image_of_the_asked_shape_for_anyone(
    shop: Shop, given: dict[str, object], form: str, ratio: float
) -> None:
    finished = await shop.finish(**given)
    async with shop.session.get(finished["output"]) as answer:
        content = await answer.read()
    image = Image.open(io.BytesIO(content))
    image.load()
    assert (image.format, answer.content_type) == (form, f"image/{form.lower()}")
    assert image.width / image.height == pytest.approx(ratio, rel=0.01)
    assert max(image.size) == 1024


async def test_there_is_no_file_before_the_prediction_ends(shop: Shop) -> None:
    _, bought = await shop.buy()
    address = f"{shop.base.removesuffix('/v1')}/files/{bought['id']}/out-0.jpg"
    async with shop.session.get(address) as answer:
        assert answer.status == 404


async def test_durations_vary_around_the_mean(shop: Shop) -> None:
    for _ in range(200):
        await shop.buy()
    durations = [bought.duration for bought in shop.small.invoice]
    assert sum(durations) / 200 == pytest.approx(6.0, rel=0.1)
    assert min(durations) < 5.0
    assert max(durations) > 7.0


async def test_the_invoice_lists_what_was_accepted_and_nothing_else(shop: Shop) -> None:
    await shop.buy()
    await shop.buy(aspect_ratio="1:7")
    await shop.buy(output_format="png", unknown_input="ignored")
    first, second = shop.small.invoice
    assert first.input == {
        "prompt": "a red fox",
        "aspect_ratio": "1:1",
        "output_format": "jpg",
        "safety_filter_level": "block_only_high",
    }
    assert second.input["output_format"] == "png"
    assert "unknown_input" not in second.input


async def test_after_an_hour_input_and_output_are_gone(shop: Shop) -> None:
    finished = await shop.finish()
    shop.passes(3600)
    later = await shop.look(finished["id"])
    assert (later["output"], later["input"], later["data_removed"]) == (None, {}, True)
    async with shop.session.get(finished["output"]) as answer:
        assert answer.status == 404


@pytest.mark.parametrize("header", [{"Authorization": ""}, {"Authorization": "Token x"}])
async def test_a_call_without_a_bearer_token_is_refused(shop: Shop, header: dict[str, str]) -> None:
    status, body = await shop.call("GET", "/account", **header)
    assert (status, body["title"]) == (401, "Unauthenticated")


async def test_only_the_given_token_is_accepted_if_one_is_given() -> None:
    small = SmallReplicate(token="r8_other")
    async with small.serve() as base, aiohttp.ClientSession() as session:
        status, _ = await Shop(base, session, small).buy()
    assert (status, small.invoice) == (401, [])


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"input": {"prompt": "x"}, "version": "1"}, [""]),
        ({}, [""]),
        ([], [""]),
        ({"input": {}}, ["input"]),
        ({"input": {"prompt": 7}}, ["input.prompt"]),
        (
            {"input": {"prompt": "x", "aspect_ratio": "1:7", "output_format": "webp"}},
            ["input.aspect_ratio", "input.output_format"],
        ),
    ],
)
async def test_an_invalid_create_is_refused_field_by_field(
    shop: Shop, body: object, fields: list[str]
) -> None:
    status, refusal = await shop.call("POST", f"/models/{MODEL}/predictions", body)
    assert status == 422
    assert [entry["field"] for entry in refusal["invalid_fields"]] == fields
    assert len(refusal["detail"].splitlines()) == len(fields)
    assert not shop.small.invoice


async def test_an_unknown_model_or_prediction_does_not_exist(shop: Shop) -> None:
    body = {"input": {"prompt": "x"}}
    for method, path in (
        ("POST", "/models/google/none/predictions"),
        ("GET", "/models/google/none"),
        ("GET", "/predictions/none"),
        ("POST", "/predictions/none/cancel"),
    ):
        status, refusal = await shop.call(method, path, body if "models" in path else None)
        assert (status, refusal["status"]) == (404, 404)


async def test_a_model_shows_the_choices_of_its_inputs(shop: Shop) -> None:
    _, body = await shop.call("GET", f"/models/{MODEL}")
    schemas = body["latest_version"]["openapi_schema"]["components"]["schemas"]
    reference = schemas["Input"]["properties"]["aspect_ratio"]["allOf"][0]["$ref"]
    assert schemas[reference.rpartition("/")[2]]["enum"] == ["1:1", "9:16", "16:9", "3:4", "4:3"]


async def test_the_account_can_be_looked_up(shop: Shop) -> None:
    assert (await shop.call("GET", "/account"))[1]["username"] == "playground"


async def test_predictions_are_listed_newest_first_in_pages(shop: Shop) -> None:
    for _ in range(101):
        await shop.buy()
    _, first = await shop.call("GET", "/predictions")
    _, second = await shop.call("GET", "/predictions?" + first["next"].partition("?")[2])
    listed = [entry["id"] for page in (first, second) for entry in page["results"]]
    assert listed == [bought.id for bought in reversed(shop.small.invoice)]
    assert (len(first["results"]), first["previous"], second["next"]) == (100, None, None)


@pytest.mark.parametrize("after", [0.0, 3.0])
async def test_a_cancel_ends_a_prediction_that_runs(shop: Shop, after: float) -> None:
    _, bought = await shop.buy()
    shop.passes(after)
    status, canceled = await shop.call("POST", f"/predictions/{bought['id']}/cancel")
    assert (status, canceled["status"], canceled["output"]) == (200, "canceled", None)
    shop.passes(1_000)
    assert await shop.look(bought["id"]) == canceled


async def test_a_cancel_that_comes_too_late_changes_nothing(shop: Shop) -> None:
    finished = await shop.finish()
    _, canceled = await shop.call("POST", f"/predictions/{finished['id']}/cancel")
    assert canceled == finished


@pytest.mark.parametrize(
    ("header", "seconds"), [("5", 5), ("5s", 5), ("1m", 60), ("1h2m3s", 1800), ("nonsense", 1800)]
)
async def test_cancel_after_ends_what_takes_too_long(
    shop: Shop, header: str, seconds: float
) -> None:
    shop.small.faults = Faults(timeout=True)
    _, bought = await shop.buy(cancel_after=header)
    shop.passes(seconds - 0.1)
    assert (await shop.look(bought["id"]))["status"] == "processing"
    shop.passes(0.2)
    assert (await shop.look(bought["id"]))["status"] == "canceled"


async def test_what_never_began_by_its_deadline_is_aborted(shop: Shop) -> None:
    shop.small.faults = Faults(slow=True)
    while (bought := (await shop.buy(cancel_after="2s"))[1]) and (
        shop.small.invoice[-1].duration * 0.15 <= 2
    ):
        pass
    shop.passes(2)
    aborted = await shop.look(bought["id"])
    assert (aborted["status"], aborted["metrics"]) == ("aborted", {})
    assert "started_at" not in aborted


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        (Faults(no_credit=True), 402, "credit"),
        (Faults(bad_token=True), 401, "token"),
        (Faults(retired=True), 404, "not be found"),
        (Faults(server_error=True), 500, "500"),
        (Faults(rate_limit=True), 429, "resets in ~3s"),
    ],
)
async def test_a_fault_that_refuses_creates_sells_nothing(
    shop: Shop, fault: Faults, status: int, words: str
) -> None:
    shop.small.faults = fault
    found, body = await shop.buy()
    assert found == status
    assert words in (body if isinstance(body, str) else body["detail"])
    assert not shop.small.invoice


async def test_the_rate_limit_accepts_who_waits_as_long_as_it_said(shop: Shop) -> None:
    shop.small.faults = Faults(rate_limit=True)
    _, refusal = await shop.buy()
    shop.passes(refusal["retry_after"])
    assert (await shop.buy())[0] == 201
    assert (await shop.buy())[0] == 429


@pytest.mark.parametrize(
    ("fault", "words"), [(Faults(failing=True), "ModelError"), (Faults(safety=True), "(E005)")]
)
async def test_a_fault_that_fails_predictions_says_so_in_free_text(
    shop: Shop, fault: Faults, words: str
) -> None:
    shop.small.faults = fault
    failed = await shop.finish()
    assert (failed["status"], failed["output"]) == ("failed", None)
    assert words in failed["error"]


async def test_slow_is_four_times_as_long() -> None:
    durations = []
    for faults in (Faults(), Faults(slow=True)):
        small = SmallReplicate(faults, seed=3)
        async with small.serve() as base, aiohttp.ClientSession() as session:
            await Shop(base, session, small).buy()
        durations.append(small.invoice[0].duration)
    assert durations[1] == pytest.approx(4 * durations[0])


async def test_a_fault_belongs_to_the_predictions_that_were_bought_under_it(shop: Shop) -> None:
    _, bought = await shop.buy()
    shop.small.faults = Faults(failing=True)
    shop.passes(1_000)
    assert (await shop.look(bought["id"]))["status"] == "succeeded"


async def test_every_second_look_fails_with_flaky_polls(shop: Shop) -> None:
    shop.small.faults = Faults(flaky_polls=True)
    _, bought = await shop.buy()
    looks = [await shop.call("GET", f"/predictions/{bought['id']}") for _ in range(4)]
    assert [status for status, _ in looks] == [200, 503, 200, 503]


@pytest.mark.parametrize("form", ["jpg", "png"])
async def test_an_oversize_image_is_valid_and_too_large_for_discord(shop: Shop, form: str) -> None:
    shop.small.faults = Faults(oversize=True)
    finished = await shop.finish(output_format=form)
    async with shop.session.get(finished["output"]) as answer:
        content = await answer.read()
    Image.open(io.BytesIO(content)).load()
    assert len(content) > 10 * 1024 * 1024


async def test_a_truncated_image_breaks_off(shop: Shop) -> None:
    shop.small.faults = Faults(truncated=True)
    finished = await shop.finish()
    with pytest.raises(aiohttp.ClientPayloadError):
        async with shop.session.get(finished["output"]) as answer:
            await answer.read()


async def test_not_an_image_is_a_web_page(shop: Shop) -> None:
    shop.small.faults = Faults(not_an_image=True)
    finished = await shop.finish()
    async with shop.session.get(finished["output"]) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")


def test_faults_are_named_alike_everywhere() -> None:
    assert set(Faults.parse(FAULTS).names) == set(FAULTS)
    assert Faults.parse([]) == Faults()
    assert Faults.parse(["rate-limit", "slow"]) == Faults(rate_limit=True, slow=True)
    with pytest.raises(ValueError, match=r"sluggish.*Known: slow, failing"):
        Faults.parse(["slow", "sluggish"])


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        " ",
        "x" * 6_000,
        "word " * 900,
        "日本語" * 300,
        "\N{WOMAN}\u200d\N{GIRL} שלום مرحبا",
        "\ud800\0\n\t\u202e",
        "a\u0301" * 99,
    ],
)
@pytest.mark.parametrize("ratio", ["9:16", "16:9", "0:0", "wide"])
def test_any_prompt_can_be_drawn(prompt: str, ratio: str) -> None:
    image = Image.open(io.BytesIO(draw(prompt, ratio, "png")))
    assert max(image.size) == 1024


def test_the_picture_depends_on_the_prompt_and_the_seed() -> None:
    pictures = {draw(prompt, "1:1", "png", seed) for prompt in ("a", "b") for seed in (1, 2)}
    assert len(pictures) == 4
    assert draw("a", "1:1", "png", 1) in pictures


async def test_a_model_that_counts_makes_so_many_files_and_lists_even_one(shop: Shop) -> None:
    done: Any = None
    for count in (1, 3):
        body = {"input": {"prompt": "a red fox", "num_outputs": count}}
        _, bought = await shop.call("POST", f"/models/{FLUX}/predictions", body)
        shop.passes(1_000)

        done = await shop.look(bought["id"])

        assert len(done["output"]) == done["metrics"]["image_count"] == count
    contents = [await (await shop.session.get(url)).read() for url in done["output"]]
    assert len(set(contents)) == 3


@pytest.mark.parametrize("count", [0, 5, "two"])
async def test_what_is_no_count_is_refused_by_its_field(shop: Shop, count: object) -> None:
    status, body = await shop.buy(num_outputs=count)

    assert status == 422
    assert body["invalid_fields"][0]["field"] == "input.num_outputs"


async def test_a_filter_that_takes_some_leaves_every_second_image(shop: Shop) -> None:
    shop.small.faults = Faults(safety_some=True)

    alone = [await shop.finish() for _ in range(2)]
    body = {"input": {"prompt": "a red fox", "num_outputs": 4}}
    _, bought = await shop.call("POST", f"/models/{FLUX}/predictions", body)
    shop.passes(1_000)

    assert [each["status"] for each in alone] == ["succeeded", "failed"]
    assert len((await shop.look(bought["id"]))["output"]) == 2
