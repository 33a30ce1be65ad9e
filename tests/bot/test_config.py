"""Settings: what is read from which text, and what is said about the rest."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as trial
from hypothesis import strategies as st

from bot.domain.generation import Price
from bot.errors import ConfigError, Problem
from bot.run import rules_from
from bot.settings.address import Server
from bot.settings.config import GATEWAY_API, OFFICIAL_API, Settings, StorageSettings
from bot.settings.setting import reference

NEEDED: Mapping[str, str] = {
    "DISCORD_TOKEN": "discord-token-made-up",
    "REPLICATE_API_URL": OFFICIAL_API,
    "REPLICATE_API_TOKEN": "provider-token-made-up",
}


MODEL = "google/imagen-4-ultra"


def parse(**changes: str) -> Settings:
    return Settings.parse({**NEEDED, **changes})


def problems(mapping: Mapping[str, str]) -> dict[str, Problem]:
    with pytest.raises(ConfigError) as caught:
        Settings.parse(mapping)
    return {problem.key: problem for problem in caught.value.problems}


def only_problem(**changes: str) -> Problem:
    found = problems({**NEEDED, **changes})
    assert list(found) == list(changes)
    return next(iter(found.values()))


def test_the_documented_defaults_hold_when_only_what_is_needed_is_set() -> None:
    settings = Settings.parse(NEEDED)
    assert settings.discord_token.reveal() == "discord-token-made-up"
    assert settings.replicate_api_token.reveal() == "provider-token-made-up"
    assert (settings.discord_api_url, settings.replicate_api_url) == (None, OFFICIAL_API)
    assert (settings.data_dir, settings.address) == (Path("data"), Path("data/imagine.db"))
    assert settings.default_model == "google/imagen-4-ultra"
    assert (settings.generation_timeout, settings.shutdown_grace) == (600.0, 20.0)
    assert (settings.user_daily_images, settings.monthly_images) == (20, 500)
    assert (settings.allowed_guilds, settings.allowed_guilds_set) == (None, False)
    assert (settings.model_prices, settings.prompt_max_length) == ({}, 2000)
    assert settings.image_retention_days == 30
    assert (settings.log_level, settings.log_format) == ("INFO", "text")


def test_empty_and_blank_texts_count_as_unset() -> None:
    settings = parse(USER_DAILY_IMAGES="", MODEL_PRICES=" ", DISCORD_API_URL="\t", DATA_DIR="")
    assert settings == Settings.parse(NEEDED)
    assert problems({**NEEDED, "DISCORD_TOKEN": "  "})["DISCORD_TOKEN"].what == "is not set"


def test_settings_cannot_be_changed() -> None:
    settings = Settings.parse(NEEDED)
    with pytest.raises(AttributeError, match="immutable"):
        settings.monthly_images = 1_000_000


def test_every_bad_key_is_reported_at_once() -> None:
    found = problems(
        {
            "DISCORD_API_URL": "ftp://host",
            "DATABASE_URL": "postgresql://host",
            "USER_DAILY_IMAGES": "many",
            "LOG_FORMAT": "xml",
        }
    )
    needed = {"DISCORD_TOKEN", "REPLICATE_API_URL", "REPLICATE_API_TOKEN"}
    assert set(found) == needed | {
        "DISCORD_API_URL",
        "DATABASE_URL",
        "USER_DAILY_IMAGES",
        "LOG_FORMAT",
    }
    assert all(problem.what and problem.remedy for problem in found.values())


def test_a_missing_provider_address_names_both_choices() -> None:
    problem = problems({"DISCORD_TOKEN": "x" * 9})["REPLICATE_API_URL"]
    assert GATEWAY_API in problem.remedy
    assert OFFICIAL_API in problem.remedy


@pytest.mark.parametrize("key", ["REPLICATE_API_URL", "DISCORD_API_URL"])
@pytest.mark.parametrize(
    "text",
    [
        "http://api.example.com/v1",
        "https://user:pass@api.example.com/v1",
        "https://@api.example.com/v1",
        "https://api.example.com/v1?key=1",
        "https://api.example.com/v1?",
        "https://api.example.com/v1#top",
        "https://api.example.com\\@evil.example/v1",
        "https://api.example.com/v1 https://x",
        "https://api.example.com:99999/v1",
        "https://api.example.com:0/v1",
        "https://exämple.com/v1",
        "https://[::1/v1",
        "https:///v1",
        "file:///etc/passwd",
        "api.example.com/v1",
        "https://api.example.com/v1/models/a/b/predictions",
        "http://8.8.8.8/v1",
        "http://api.example.com.:80/v1",
    ],
)
def test_an_address_that_could_lose_the_token_is_refused(key: str, text: str) -> None:
    assert only_problem(**{key: text}).remedy


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("https://www.kkiai.com/replicate/v1/", GATEWAY_API),
        ("https://api.replicate.com/v1//", OFFICIAL_API),
        ("http://127.0.0.1:8081/v1", "http://127.0.0.1:8081/v1"),
        ("http://[::1]:8081/v1", "http://[::1]:8081/v1"),
        ("http://localhost:8081", "http://localhost:8081"),
        ("http://192.168.1.20/v1", "http://192.168.1.20/v1"),
        ("http://proxy:8080/v1", "http://proxy:8080/v1"),
        ("http://host.docker.internal/v1", "http://host.docker.internal/v1"),
    ],
)
def test_a_base_address_loses_its_trailing_slash_and_may_be_http_at_home(
    text: str, base: str
) -> None:
    settings = parse(REPLICATE_API_URL=text, DISCORD_API_URL=text)
    assert (settings.replicate_api_url, settings.discord_api_url) == (base, base)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Bot abc.def", "begins with “Bot ”"),
        ("bearer abc", "begins with “Bearer ”"),
        ('"abc"', "has quotes around it"),
        ("'abc'", "has quotes around it"),
        ("abc def", "contains white space"),
        ("abc\ndef", "contains white space"),
        ("abc\u200bdef", "contains characters that no token has"),
        ("абв", "contains characters that no token has"),
    ],
)
@pytest.mark.parametrize("key", ["DISCORD_TOKEN", "REPLICATE_API_TOKEN"])
def test_what_copying_adds_to_a_token_is_explained(key: str, text: str, what: str) -> None:
    assert only_problem(**{key: text}).what == what


@pytest.mark.parametrize("key", ["USER_DAILY_IMAGES", "MONTHLY_IMAGES"])
def test_a_limit_is_a_positive_number_or_lifted_by_none(key: str) -> None:
    assert getattr(parse(**{key: "7"}), key.lower()) == 7
    assert getattr(parse(**{key: "None"}), key.lower()) is None
    for text in ("0", "-1", "1.5", "１", "1_000", "any", "1" * 10):
        assert "`none`" in only_problem(**{key: text}).remedy


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("any", None),
        ("ANY", None),
        ("1, 2", frozenset({1, 2})),
        ("123456789012345678 2,3,", frozenset({123456789012345678, 2, 3})),
    ],
)
def test_allowed_servers_are_ids_or_any(text: str, ids: frozenset[int] | None) -> None:
    settings = parse(ALLOWED_GUILDS=text)
    assert (settings.allowed_guilds, settings.allowed_guilds_set) == (ids, True)


@pytest.mark.parametrize("text", [",", "0", "-5", "my-server", "1;2", "9223372036854775808"])
def test_other_words_for_servers_are_refused(text: str) -> None:
    assert "`any`" in only_problem(ALLOWED_GUILDS=text).remedy


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("600", 600), ("600s", 600), ("10m", 600), ("10 M", 600), ("1.5", 1.5), ("24h", 86_400)],
)
def test_a_timeout_is_read_with_its_unit(text: str, seconds: float) -> None:
    assert parse(GENERATION_TIMEOUT=text).generation_timeout == seconds


@pytest.mark.parametrize("text", ["0", "25h", "-1", "1e3", "nan", "inf", "10 minutes"])
def test_a_timeout_stays_within_what_providers_accept(text: str) -> None:
    assert "10m" in only_problem(GENERATION_TIMEOUT=text).remedy


def test_the_database_lies_in_the_data_folder_unless_named() -> None:
    assert parse(DATA_DIR="/srv/x").address == Path("/srv/x/imagine.db")
    assert parse(DATABASE_URL="sqlite:///a/b.db").address == Path("a/b.db")
    assert parse(DATABASE_URL="sqlite:////a/b.db").address == Path("/a/b.db")


@pytest.mark.parametrize(
    "text",
    ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///dir/", "a.db", "mysql://h/d"],
)
def test_a_database_that_is_no_file_is_refused(text: str) -> None:
    assert "sqlite:///" in only_problem(DATABASE_URL=text).remedy


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:pw@h/d",
        "postgres://h/d",
        "postgresql://u:p%40%3Aw@h.example:6432/d?sslmode=verify-full",
        "postgresql://u@[::1]:5432/d",
        "postgresql://u@a:5432,b:5433/d?target_session_attrs=read-write",
        "postgresql://u@/d?host=/run/postgresql",
        "postgresql:///d?host=/run/postgresql&user=u",
    ],
)
def test_a_servers_database_is_taken_as_it_is_written(text: str) -> None:
    assert parse(DATABASE_URL=text).address == Server(text)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://",
        "postgresql://u:hidden@h",
        "postgresql://u:hidden@h/",
        "postgresql://u:hidden@/d",
        "postgresql:///d",
        "postgresql://u:hidden@h:port/d",
        "postgresql://u:hidden@h:0/d",
        "postgresql://u:hidden@h:99999/d",
        "postgresql://u:hidden@h,/d",
        "postgresql://u:hidden@[::1/d",
        "postgresql://u:hid#den@h/d",
        "postgresql://u:hid/den@h/d",
        "postgresql://u:hid den@h/d",
        "postgresql://u:hidden@h/d#here",
        "postgresql://u:hidden@h/d?sslmode",
        "postgresql://u:hidden@h/d?port=x&host=h",
        "postgresql://u:hid@den@h/d",
        "postgresql://u:123/hid@h/d",
        "postgresql://u:hidden\u00e9@h/d",
        "postgresql:u:hidden@h/d",
        "postgresql+asyncpg://u:hidden@h/d",
        "jdbc:postgresql://h/d",
    ],
)
def test_an_address_that_leads_to_no_servers_database_is_refused_and_never_repeated(
    text: str,
) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(DATABASE_URL=text)

    [problem] = caught.value.problems
    assert "postgresql://user" in problem.remedy
    shown = "".join(traceback.format_exception(caught.value))
    assert text not in shown
    assert "hid" not in shown


def test_a_servers_password_is_shown_by_no_form_of_the_settings() -> None:
    settings = parse(DATABASE_URL="postgresql://u:p%40ss-made-up@h/d")
    for shown in (repr(settings), str(settings), repr(settings.address), f"{settings.address}"):
        assert "made-up" not in shown


@pytest.mark.parametrize(
    ("text", "secrets"),
    [
        ("postgresql://u:p%40ss@h/d", {"p@ss", "p%40ss"}),
        ("postgresql://u@h/d?password=p%40ss", {"p@ss", "p%40ss"}),
        ("postgresql://u:one@h/d?sslpassword=two", {"one", "two"}),
        ("postgresql://u@h/d", set[str]()),
    ],
)
def test_a_password_is_kept_out_of_the_log_as_it_is_and_as_it_is_written(
    text: str, secrets: set[str]
) -> None:
    assert set(Server(text).secrets) == secrets


@pytest.mark.parametrize("text", ["imagen", "a/b:version", "a/b/c", "../b", "a/..", "a b/c", "a/"])
def test_a_model_is_owner_and_name(text: str) -> None:
    assert "google/imagen-4-ultra" in only_problem(DEFAULT_MODEL=text).remedy


def test_prices_are_read_exactly_as_micro_dollars() -> None:
    prices = parse(MODEL_PRICES="a/b=0.06, c/d=$0.000001,e/f=3").model_prices
    assert prices == {"a/b": Price(60_000), "c/d": Price(1), "e/f": Price(3_000_000)}


def test_a_price_may_say_since_when_and_by_whose_word() -> None:
    text = "a/b=0.06@2026-11-01@provider.example/pricing,c/d=1@2026-11-02"
    prices = parse(MODEL_PRICES=text).model_prices
    assert prices == {
        "a/b": Price(60_000, "2026-11-01", "provider.example/pricing"),
        "c/d": Price(1_000_000, "2026-11-02"),
    }


@pytest.mark.parametrize("origin", ["@yesterday", "@2026-13-01", "@@source", "@source@2026-11-01"])
def test_a_price_as_of_no_day_is_refused(origin: str) -> None:
    problem = only_problem(MODEL_PRICES=f"a/b=0.06{origin}")
    assert problem.what == "is not a list of prices"


@pytest.mark.parametrize("key", ["DAILY_BUDGET", "MONTHLY_BUDGET"])
def test_a_budget_without_the_models_price_says_which_price_to_set(key: str) -> None:
    settings = parse(**{key: "25", "MODELS": "google/imagen-4-fast"})

    with pytest.raises(ConfigError) as raised:
        rules_from(settings)

    [problem] = raised.value.problems
    assert problem.key == key
    assert problem.what == f"needs the price of {MODEL}"
    assert "MODEL_PRICES" in problem.remedy


@pytest.mark.parametrize("key", ["DAILY_BUDGET", "MONTHLY_BUDGET"])
def test_a_budget_needs_the_price_of_an_improved_prompt_too(key: str) -> None:
    given = {key: "25", "MODEL_PRICES": f"{MODEL}=0.06", "PROMPT_MODEL": "meta/llama"}

    with pytest.raises(ConfigError) as raised:
        rules_from(parse(**given))

    [problem] = raised.value.problems
    assert problem.key == key
    assert "PROMPT_PRICE" in problem.remedy
    rules = rules_from(parse(**given, PROMPT_PRICE="0.0005"))
    assert (rules.prompt_model, rules.prompt_micros) == ("meta/llama", 500)


def test_without_a_text_model_prompts_are_not_improved() -> None:
    rules = rules_from(parse())

    assert (rules.prompt_model, rules.prompt_micros) == ("", None)


@pytest.mark.parametrize(
    ("lifted", "named"),
    [
        ({"USER_DAILY_IMAGES": "none"}, "USER_MONTHLY_IMAGES"),
        ({"MONTHLY_IMAGES": "none"}, "DAILY_BUDGET"),
    ],
)
def test_outside_servers_there_is_a_limit_for_each_person_and_for_all(
    lifted: Mapping[str, str], named: str
) -> None:
    found = problems({**NEEDED, "USER_INSTALL": "on", **lifted})

    assert list(found) == ["USER_INSTALL"]
    assert named in found["USER_INSTALL"].remedy
    assert not parse(**lifted).user_install


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"USER_DAILY_IMAGES": "none", "USER_MONTHLY_IMAGES": "100"},
        {"MONTHLY_IMAGES": "none", "DAILY_IMAGES": "50"},
        {"MONTHLY_IMAGES": "none", "MONTHLY_BUDGET": "25"},
    ],
)
def test_one_limit_of_each_kind_is_enough(limits: Mapping[str, str]) -> None:
    assert parse(USER_INSTALL="on", **limits).user_install


def test_a_price_that_the_catalogue_knows_is_enough_for_a_budget() -> None:
    rules = rules_from(parse(DEFAULT_MODEL="google/imagen-4-fast", DAILY_BUDGET="25"))

    assert rules.price_micros("google/imagen-4-fast") == 20_000


def test_what_the_operator_says_of_a_price_goes_before_the_catalogue() -> None:
    text = "google/imagen-4-fast=0.05"

    rules = rules_from(parse(DEFAULT_MODEL="google/imagen-4-fast", MODEL_PRICES=text))

    assert rules.price_micros("google/imagen-4-fast") == 50_000


def test_budgets_are_dollars_kept_as_micro_dollars() -> None:
    settings = parse(DAILY_BUDGET="0.5", MONTHLY_BUDGET="none", MODEL_PRICES=f"{MODEL}=0.06")
    assert (settings.daily_budget, settings.monthly_budget) == (500_000, None)


@pytest.mark.parametrize("text", ["0", "-1", "1,5", "ten", "0.0000001"])
def test_a_budget_with_a_doubt_is_refused(text: str) -> None:
    assert "US dollars" in only_problem(DAILY_BUDGET=text).remedy


@pytest.mark.parametrize("text", ["Berlin", "Europe", "../etc/passwd", "Europe/Berlin\0", "/UTC"])
def test_a_time_zone_is_one_that_exists(text: str) -> None:
    assert "Europe/Berlin" in only_problem(TIME_ZONE=text).remedy


@pytest.mark.parametrize("text", ["olivia", "0", "-5", "12345678901234567890"])
def test_the_operator_is_a_user_id(text: str) -> None:
    assert "Developer Mode" in only_problem(OPERATOR_ID=text).remedy


@pytest.mark.parametrize("text", ["http://example.com/privacy", "example.com", "javascript:1"])
def test_a_privacy_policy_is_a_page_that_everybody_can_open(text: str) -> None:
    assert only_problem(PRIVACY_URL=text).key == "PRIVACY_URL"


@pytest.mark.parametrize(
    "text", ["a/b", "a/b=", "a/b=-1", "a/b=0.0000001", "a/b=1,a/b=2", "=1", "a/b=1@today"]
)
def test_a_price_list_with_a_doubt_is_refused(text: str) -> None:
    assert "owner/name=0.06" in only_problem(MODEL_PRICES=text).remedy


@pytest.mark.parametrize(
    ("url", "setting", "expected"),
    [
        (OFFICIAL_API, "auto", True),
        (GATEWAY_API, "auto", False),
        ("https://kkiai.com/replicate/v1", "", False),
        ("https://notkkiai.com/v1", "auto", True),
        (GATEWAY_API, "yes", True),
        (OFFICIAL_API, "No", False),
    ],
)
def test_whether_a_provider_cancels_is_known_by_host_or_told(
    url: str, setting: str, expected: bool
) -> None:
    settings = parse(REPLICATE_API_URL=url, REPLICATE_CAN_CANCEL=setting)
    assert settings.provider_can_cancel is expected


@pytest.mark.parametrize(
    ("url", "setting", "expected"),
    [
        (OFFICIAL_API, "auto", True),
        (GATEWAY_API, "auto", False),
        ("http://127.0.0.1:5000/v1", "auto", False),
        (GATEWAY_API, "yes", True),
        (OFFICIAL_API, "no", False),
    ],
)
def test_whether_a_provider_takes_files_is_known_by_host_or_told(
    url: str, setting: str, expected: bool
) -> None:
    settings = parse(REPLICATE_API_URL=url, REPLICATE_CAN_UPLOAD=setting)
    assert settings.provider_can_upload is expected


def test_the_longest_prompt_is_what_discord_lets_people_type() -> None:
    assert parse(PROMPT_MAX_LENGTH="6000").prompt_max_length == 6000
    assert "6000" in only_problem(PROMPT_MAX_LENGTH="6001").remedy
    assert "6000" in only_problem(PROMPT_MAX_LENGTH="0").remedy


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("REPLICATE_TOKEN", "REPLICATE_API_TOKEN"),
        ("REPLICATE_API_KEY", "REPLICATE_API_TOKEN"),
        ("REPLICATE_BASE_URL", "REPLICATE_API_URL"),
        ("DISCORD_BOT_TOKEN", "DISCORD_TOKEN"),
        ("MONTHLY_IMAGE", "MONTHLY_IMAGES"),
        ("ALLOWED_GUILD", "ALLOWED_GUILDS"),
    ],
)
def test_a_misspelled_key_is_named_with_the_one_that_was_meant(slip: str, meant: str) -> None:
    mapping = {key: text for key, text in NEEDED.items() if key != meant}
    assert meant in problems({**mapping, slip: "5"})[slip].remedy


def test_other_programs_settings_do_not_matter() -> None:
    other = {
        "DISCORD_WEBHOOK_URL": "x",
        "DISCORD_CLIENT_ID": "x",
        "REPLICATE_TOKEN": "x",
        "PROMPT_COMMAND": "x",
        "PATH": "/bin",
    }
    assert Settings.parse({**NEEDED, **other}) == Settings.parse(NEEDED)


def test_usage_needs_no_tokens_but_a_usable_place() -> None:
    assert StorageSettings.parse({"DATA_DIR": "d"}).address == Path("d/imagine.db")
    with pytest.raises(ConfigError):
        StorageSettings.parse({"DATABASE_URL": "postgresql://h"})


def test_no_form_of_the_settings_shows_a_token() -> None:
    settings = Settings.parse(NEEDED)
    for shown in (repr(settings), str(settings), f"{settings.discord_token}"):
        assert "made-up" not in shown


SECRET = "s3cr3t-Value"
texts = st.text(max_size=40).map(lambda text: text.replace("\0", ""))
wrapped = st.tuples(texts, texts).map(lambda around: around[0] + SECRET + around[1])
typical = st.sampled_from(
    [
        f"https://u:{SECRET}@h/",
        f"postgresql://u:{SECRET}@h/d",
        f"sqlite:///{SECRET}?x",
        f"Bot {SECRET}",
        f"{SECRET}/x=1",
        f"https://[{SECRET}]/",
        "https://[",
        "https://h:port",
        "sqlite:",
        "=",
    ]
)
keys = st.sampled_from([setting.key for setting in reference(Settings)] + ["DISCORD_BOT_TOKEN"])


# Hypothesis builds its Unicode tables at the first draw, and this machine may be busy.
@trial(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(keys, texts | wrapped | typical, max_size=8))
@example({"DATABASE_URL": f"postgresql://u:{SECRET}@h/d", "DISCORD_TOKEN": f"Bot {SECRET}"})
def test_whatever_is_set_only_a_config_error_without_values_comes_out(
    mapping: dict[str, str],
) -> None:
    try:
        Settings.parse(mapping)
    except ConfigError as error:
        chain = (error, error.__cause__, error.__context__)
        said = "".join(map(repr, chain)) + str(error) + repr(error.problems)
        assert SECRET not in said
