"""A server's own AutoMod rules: what they forbid, for whom, and what cannot be applied."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import LANGUAGES, _, speaking
from bot.policy.automod import MANY, AutoMod, Doubt, Fired, Why
from bot.policy.automod.refusals import Trouble
from bot.policy.automod.standing import Standing
from bot.policy.patterns import MOST_STEPS_IN_ALL
from bot.text import units
from bot.wording import automod as words

#: Of one message with such a layout, in UTF-16 units.
MOST_SHOWN = 4_000
ROLE, CHANNEL, PARENT = 10, 20, 30


def keyword_rule(*keywords: str, **changes: Any) -> dict[str, Any]:
    """As Discord sends it; `changes` are of the rule, or of its metadata."""
    metadata: dict[str, Any] = {"keyword_filter": list(keywords)}
    for name in ("regex_patterns", "allow_list"):
        metadata[name] = changes.pop(name, [])
    rule = {
        "id": "1",
        "guild_id": "2",
        "creator_id": "3",
        "name": "No cats",
        "event_type": 1,
        "trigger_type": 1,
        "trigger_metadata": metadata,
        "actions": [{"type": 1, "metadata": {}}],
        "enabled": True,
        "exempt_roles": [],
        "exempt_channels": [],
    }
    return rule | changes


def mention_rule(limit: object) -> dict[str, Any]:
    about = {"mention_total_limit": limit, "mention_raid_protection_enabled": False}
    return keyword_rule(name="No crowds", trigger_type=5) | {"trigger_metadata": about}


def fires(rule: Any, *texts: str) -> bool:
    found = AutoMod.of([rule]).first(texts, frozenset(), frozenset({CHANNEL}))
    return found is not None


@pytest.mark.parametrize(
    ("keyword", "text", "blocked"),
    [
        # Discord's own examples
        ("cat*", "catch", True),
        ("cat*", "Catapult", True),
        ("cat*", "a CAttLE drive", True),
        ("the mat*", "the matrix", True),
        ("*cat", "wildcat", True),
        ("*cat", "copyCat", True),
        ("*the mat", "breathe mat", True),
        ("*cat*", "location", True),
        ("*cat*", "eduCation", True),
        ("cat", "a cat", True),
        ("the mat", "on the mat tonight", True),
        # and what they do not match
        ("cat*", "wildcat", False),
        ("*cat", "catch", False),
        ("cat", "location", False),
        ("cat", "cats", False),
        ("ass", "a class of glass", False),
        ("the mat", "the matrix", False),
        # a full stop lets nothing through
        ("cat", "A cat.", True),
        ("cat", "(cat)", True),
        ("cat", "a cat\nand a dog", True),
        ("cat", "cat_dog", False),
        # capitals of any alphabet; letters that grow when folded do not move the rest
        ("ÄRGER", "viel ärger", True),
        ("cat", "İİİß cat", True),
        ("straße", "Die STRAẞE", True),
        # a later place counts where an earlier one is within a word
        ("cat", "wildcat cat", True),
        ("*aa*", "baaab", True),
        # composed or not, it is the same letter
        ("cafe\u0301", "a café", True),
        ("caf", "cafe\u0301", False),
        # nothing to look for
        ("*", "anything", False),
        ("", "anything", False),
        ("**cat**", "location", True),
    ],
)
def test_keywords_match_as_discord_documents(keyword: str, text: str, blocked: bool) -> None:
    assert fires(keyword_rule(keyword), text) is blocked


@pytest.mark.parametrize(
    ("keyword", "allowed", "text", "blocked"),
    [
        ("*cat*", "location", "a location", False),
        ("*cat*", "loc*", "a location", False),
        ("*cat*", "*ion", "a location", False),
        ("*cat*", "location", "a location with a cat", True),
        ("cat*", "catch", "catching", True),
        ("cat", "big cat", "a big cat", False),
        ("cat", "big cat", "a small cat", True),
        ("*aa*", "aaa", "aaa aaaa", True),
        ("*ab*", "abc*", "abcab xab", True),
        ("*ba*", "aba", "aba abab", True),
        ("*aa*", "*aa", "aaaaaa", False),
    ],
)
def test_what_is_allowed_is_allowed_only_where_it_stands(
    keyword: str,
    allowed: str,
    text: str,
    blocked: bool,
) -> None:
    assert fires(keyword_rule(keyword, allow_list=[allowed]), text) is blocked


def test_the_allow_list_holds_for_patterns_too() -> None:
    rule = keyword_rule(regex_patterns=["c.t"], allow_list=["cut"])

    assert not fires(rule, "a clean cut")
    assert fires(rule, "a cut cat")


def test_patterns_run_in_linear_time() -> None:
    assert not fires(keyword_rule(regex_patterns=["(a+)+$"]), "a" * 2_000 + "b")


def test_a_pattern_that_is_too_costly_is_listed_as_not_applied_and_the_rest_holds() -> None:
    costly = r"(\p{L}{1,20}\p{N}?){1,15}NN"
    automod = AutoMod.of([keyword_rule(regex_patterns=[costly, "cat"])])

    assert automod.doubts == (Doubt("No cats", Why.REJECTED, costly),)
    assert automod.first(["a cat"], set(), set()) is not None


def test_the_patterns_of_all_rules_together_cost_no_more_than_a_server_may() -> None:
    patterns = [[rf"\p{{L}}{rule}x{number}" for number in range(10)] for rule in range(6)]
    automod = AutoMod.of([keyword_rule(regex_patterns=each) for each in patterns])

    steps = [pattern.steps for rule in automod.rules for pattern in rule.patterns]
    assert MOST_STEPS_IN_ALL - 2_000 < sum(steps) <= MOST_STEPS_IN_ALL
    assert len(automod.doubts) == 60 - len(steps)


@pytest.mark.parametrize("word", ["*ass*", "*a*"])
def test_what_is_allowed_is_found_in_linear_time(word: str) -> None:
    text = "class" * 8_000

    assert not fires(keyword_rule(word, allow_list=["*class*"]), text)
    assert not fires(keyword_rule(word, allow_list=["*ass*"]), text)
    assert fires(keyword_rule(word, allow_list=["*class*"]), f"{text} ass")


def test_a_pattern_whose_places_are_all_allowed_is_not_searched_for_ever() -> None:
    rule = keyword_rule(regex_patterns=["a[^x]*x|a"], allow_list=["a"])

    assert not fires(rule, "a " * 200)
    assert fires(rule, "a " * 10_000)  # fails closed


@pytest.mark.parametrize(
    ("rules", "long"),
    [
        ([keyword_rule("cat")], False),
        ([keyword_rule("cat", regex_patterns=["c.t"])], True),
        ([keyword_rule(*map(str, range(MANY + 1)))], True),
        ([keyword_rule(*["cat"] * 1_000)], False),
    ],
    ids=["a word", "a pattern", "many words", "the same word"],
)
def test_patterns_and_many_words_are_not_for_the_event_loop(rules: Any, long: bool) -> None:
    assert AutoMod.of(rules).takes_long is long


def test_patterns_do_not_care_for_capitals_and_see_each_text_by_itself() -> None:
    rule = keyword_rule(regex_patterns=["^cat$"])

    assert fires(rule, "CAT")
    assert fires(rule, "a dog", "cat")
    assert not fires(rule, "a dog", "a cat")


def test_a_pattern_that_matches_nothing_at_all_blocks_nothing() -> None:
    assert not fires(keyword_rule(regex_patterns=["x*"]), "a dog")


def test_different_mentions_are_counted_over_all_texts() -> None:
    rule = mention_rule(2)

    assert not fires(rule, "<@1> <@!1> <@1>", "<@&2>")
    assert fires(rule, "<@1> <@!2>", "<@&3>")


@pytest.mark.parametrize(
    ("roles", "channels"),
    [({ROLE}, {CHANNEL}), (set(), {CHANNEL, PARENT}), ({2}, {CHANNEL})],
    ids=["role", "parent of the thread", "everyone"],
)
def test_exempt_roles_and_channels_are_exempt(roles: set[int], channels: set[int]) -> None:
    rule = keyword_rule("cat", exempt_roles=[str(ROLE), "2"], exempt_channels=[str(PARENT)])
    automod = AutoMod.of([rule])

    assert automod.first(["cat"], roles, channels) is None
    assert automod.first(["cat"], {11}, {CHANNEL}) is not None


def test_the_first_rule_that_fires_is_named_with_what_its_managers_say() -> None:
    actions = [{"type": 2}, {"type": 1, "metadata": {"custom_message": "Dogs only"}}]
    rules = [keyword_rule("bird"), keyword_rule("cat", name="Dogs", actions=actions)]

    fired = AutoMod.of(rules).first(["a cat"], set(), set())

    assert fired == Fired("Dogs", "Dogs only")


@pytest.mark.parametrize(
    "change",
    [{"enabled": False}, {"event_type": 2}, {"trigger_type": 6}],
    ids=["switched off", "about members", "about profiles"],
)
def test_rules_that_are_not_about_messages_are_no_matter(change: dict[str, Any]) -> None:
    assert AutoMod.of([keyword_rule("cat", **change)]) == AutoMod()


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (keyword_rule(trigger_type=4), Why.PRESET),
        (keyword_rule(trigger_type=3), Why.SPAM),
        (keyword_rule(trigger_type=99), Why.UNKNOWN),
        (keyword_rule("cat", trigger_metadata=None), Why.UNKNOWN),
        (mention_rule("many"), Why.UNKNOWN),
        (keyword_rule("cat", actions=[{"type": 2, "metadata": {}}]), Why.ALERT),
    ],
)
def test_what_cannot_be_applied_is_named_and_never_claimed(rule: dict[str, Any], why: Why) -> None:
    automod = AutoMod.of([rule])

    assert automod.rules == ()
    assert [(doubt.rule, doubt.why) for doubt in automod.doubts] == [(rule["name"], why)]


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        (r"\bcat\b", Why.DIFFERS),
        (r"c\wt", Why.DIFFERS),
        (r"\d+", Why.DIFFERS),
        (r"a\sb", Why.DIFFERS),
        (r"[a-z&&[^c]]", Why.DIFFERS),
        (r"[a-z--c]", Why.DIFFERS),
        (r"\<cat\>", Why.DIFFERS),
        (r"(?=cat)", Why.REJECTED),
        (r"(c)\1", Why.REJECTED),
        (r"\p{Alphabetic}", Why.REJECTED),
        (r"(?x) cat", Why.REJECTED),
        ("[", Why.REJECTED),
        ("\ud800", Why.REJECTED),
        ("(x|)", Why.REJECTED),
        (r"c[aä]t+", None),
        (r"\\word", None),
        (r"[[:alpha:]]", None),
        (r"\p{Greek}", None),
    ],
)
def test_patterns_that_re2_rejects_or_may_read_otherwise_are_marked(
    pattern: str, why: Why | None
) -> None:
    automod = AutoMod.of([keyword_rule("cat", regex_patterns=[pattern])])

    assert [doubt.why for doubt in automod.doubts] == ([] if why is None else [why])
    assert fires(keyword_rule("cat", regex_patterns=[pattern]), "cat")  # the rest of it holds


@pytest.mark.parametrize("locale", ["", *LANGUAGES])
@pytest.mark.parametrize("trouble", [None, *Trouble])
def test_the_panel_fits_one_message_whatever_the_rules_are(
    trouble: Trouble | None, locale: str
) -> None:
    patterns = [*(["*" * 260] * 5), *([r"\b" * 130] * 5)]
    standing = Standing(
        AutoMod.of([keyword_rule("cat", name="*" * 100, regex_patterns=patterns)] * 20),
        at=1_800_000_000_000,
        trouble=trouble,
    )

    assert standing.automod is not None
    with speaking(locale):
        parts = [_(words.TITLE), _(words.ABOUT), words.state(standing, ignored=False)]
        assert sum(map(units, [*parts, *words.rules(standing.automod)])) < MOST_SHOWN


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_FIELDS = st.sampled_from([*keyword_rule(), "keyword_filter", "regex_patterns", "allow_list"])


@pytest.mark.fuzz
@given(rules=_JSON | st.lists(st.dictionaries(_FIELDS, _JSON)), text=st.text())
def test_no_answer_of_discord_breaks_the_reading(rules: object, text: str) -> None:
    AutoMod.of(rules).first([text], set(), set())


@given(st.text(max_size=12), st.text(max_size=40), st.lists(_JSON, max_size=3))
def test_no_keyword_and_no_text_breaks_a_rule(keyword: str, text: str, junk: list[Any]) -> None:
    rule = keyword_rule(
        keyword, regex_patterns=[keyword, *junk], allow_list=junk, exempt_roles=junk, actions=junk
    )

    fires(rule, text)
    fires(rule | {"trigger_type": 5, "trigger_metadata": {"mention_total_limit": 1}}, text)
