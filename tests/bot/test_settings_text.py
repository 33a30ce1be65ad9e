"""Servers' settings as TOML, and the command that prints them."""

from __future__ import annotations

import tomllib
from pathlib import Path

from bot.domain.guild import Change, Holder, Setting
from bot.domain.limits import UNLIMITED
from bot.domain.rule import Kind, Rule
from bot.domain.settings_text import toml
from bot.domain.style import Style
from bot.storage.database import Database
from bot.storage.storage import Storage
from tests.bot.command import imagine

SETTINGS = [
    Setting(Holder.CHANNEL, 71, "roles", "5 6"),
    Setting(Holder.CHANNEL, 71, "spoiler", "1"),
    Setting(Holder.CHANNEL, 71, "models", ""),
    Setting(Holder.GUILD, 0, "mode", "off"),
    Setting(Holder.GUILD, 0, "keep_days", "7"),
    Setting(Holder.GUILD, 0, "desk", "1234567890123456789"),
    Setting(Holder.MEMBER, -9, "day_images", str(UNLIMITED)),
    Setting(Holder.EVERYONE, 0, "day_micros", "1500000"),
    Setting(Holder.GUILD, 0, "newer", 'a "quote"\n\x7f é'),
]


def test_settings_are_tables_by_server_channel_and_member() -> None:
    assert tomllib.loads(toml({3: SETTINGS})) == {
        "guild": {
            "3": {
                "mode": "off",
                "keep_days": 7,
                "desk": "1234567890123456789",
                "newer": 'a "quote"\n\x7f é',
                "everyone": {"day_micros": 1_500_000},
                "member": {"-9": {"day_images": "none"}},
                "channel": {"71": {"models": [], "roles": ["5", "6"], "spoiler": True}},
            }
        }
    }


def test_rules_about_words_are_the_lines_that_make_them_again() -> None:
    rules = [
        Rule(Kind.WORD, "badword", 'the "reason"'),
        Rule(Kind.PATTERN, r"a\d+"),
        Rule(Kind.ALLOW, "class"),
    ]

    lines = tomllib.loads(toml({}, {3: rules}))["guild"]["3"]["words"]

    assert {Rule.read(line) for line in lines} == set(rules)


def test_styles_are_tables_with_the_words_before_and_after() -> None:
    styles = [Style("Oil", suffix='in "oil"'), Style("Noir", "film noir,", "on film")]

    found = tomllib.loads(toml({3: SETTINGS}, {}, {3: styles, 4: styles[:1]}))["guild"]

    assert found["3"]["style"] == [
        {"name": "Noir", "prefix": "film noir,", "suffix": "on film"},
        {"name": "Oil", "suffix": 'in "oil"'},
    ]
    assert found["3"]["mode"] == "off"
    assert found["4"] == {"style": [{"name": "Oil", "suffix": 'in "oil"'}]}


def test_the_order_in_which_they_were_set_does_not_matter() -> None:
    assert toml({3: SETTINGS, 1: []}) == toml({1: [], 3: list(reversed(SETTINGS))})


async def test_the_command_prints_all_servers_or_one(tmp_path: Path) -> None:
    path = tmp_path / "data" / "imagine.db"
    async with Database.open(path, exclusive=True) as database:
        settings = Storage.of(database).settings
        for guild_id in (3, 4):
            change = Change(Holder.GUILD, 0, "mode", "moderated")
            await settings.change(guild_id, 5, [change], now=1)
        words = Storage.of(database).words
        await words.change(4, 5, [Rule(Kind.WORD, "badword", "no")], [], now=1)
        await Storage.of(database).styles.put(4, 5, Style("Oil", "oil"), instead=None, now=1)

    every = await imagine(tmp_path, "settings", "export")
    one = await imagine(tmp_path, "settings", "export", "--guild", "4")
    none = await imagine(tmp_path, "settings", "export", "--guild", "9")

    assert tomllib.loads(every.out)["guild"].keys() == {"3", "4"}
    assert tomllib.loads(one.out)["guild"]["4"] == {
        "mode": "moderated",
        "words": ["badword: no"],
        "style": [{"name": "Oil", "prefix": "oil"}],
    }
    assert none.code == 1
