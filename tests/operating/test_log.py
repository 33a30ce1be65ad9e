"""The log of a whole `/imagine`: one chain of ids, in one form, with nobody in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.operating.conftest import Seen
from tests.operating.promql import ROOT

CHAIN = (
    *("command", "reserved", "create sent", "prediction created", "images stored"),
    "generation ended",
)
#: Arguments of a logging call that are no fields.
_METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log"}


def test_an_image_is_followed_by_its_ids_from_the_command_to_its_delivery(seen: Seen) -> None:
    [command] = [line for line in seen.log if line["event"] == "command"]
    interaction = command["interaction"]
    generation = f"{interaction}-0"

    of_it = [
        line
        for line in seen.log
        if line.get("interaction") == interaction or line.get("generation") == generation
    ]
    chain = [line["event"] for line in of_it if line["event"] in CHAIN]

    assert tuple(chain) == CHAIN, of_it
    of_one = [line for line in seen.log if line["event"] in CHAIN[1:]]
    assert {line["generation"] for line in of_one} == {generation}
    predictions = {line["prediction"] for line in of_one if "prediction" in line}
    assert len(predictions) == 1


def test_its_end_says_how_and_how_long(seen: Seen) -> None:
    [end] = [line for line in seen.log if line["event"] == "generation ended"]
    assert end["outcome"] == "delivered"
    assert 0 <= end["lag_seconds"] <= end["seconds"]


def test_every_line_has_its_time_level_logger_and_event_and_ids_are_text(seen: Seen) -> None:
    for line in seen.log:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
        assert line["level"] in {"INFO", "WARNING", "ERROR", "CRITICAL"}
        assert line["logger"]
        assert line["event"]
        assert all(abs(n) < 2**53 for n in line.values() if isinstance(n, int))
    assert any(line["logger"].startswith("discord.") for line in seen.log)


def test_no_line_has_a_prompt_a_person_or_a_token(seen: Seen) -> None:
    for line in seen.log:
        held = [what for what, secret in seen.private.items() if secret in str(line)]
        assert set(held) <= {"server"}, line  # a field of what is about a whole server


def test_every_field_that_is_logged_is_explained() -> None:
    text = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    table = text[text.index("| Field | Is |") : text.index("## Alerts")]
    explained = set(re.findall(r"`(\w+)`", table))
    logged = {name for path in sources() for name in fields(path)}
    assert logged == explained


def test_every_event_is_constant() -> None:
    """So that lines can be counted by it; what differs is in the fields."""
    for path in sources():
        for call in calls(path):
            event = call.args[1] if name_of(call) == "log" else call.args[0]
            branches = [event.body, event.orelse] if isinstance(event, ast.IfExp) else [event]
            assert all(isinstance(each, ast.Constant) for each in branches), f"{path}:{call.lineno}"


def sources() -> list[Path]:
    return sorted(path for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("*.py"))


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "log" and node.func.attr in _METHODS:
                yield node


def name_of(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr


def fields(path: Path) -> Iterator[str]:
    """The names in the dictionaries that logging calls are given, wherever they were filled."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    given: list[ast.AST] = [
        word.value for call in calls(path) for word in call.keywords if word.arg == "extra"
    ]
    named = {node.id for each in given for node in ast.walk(each) if isinstance(node, ast.Name)}
    named.add("fields")  # of `bot.generation.logged`, where all have it from
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) if name in named:
                given.append(node)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in named:
                given.append(value)
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))]) if name in named:
                given.append(node)
            case ast.AugAssign(target=ast.Name(id=name), value=value) if name in named:
                given.append(value)
    for each in given:
        for inner in ast.walk(each):
            match inner:
                case ast.Dict(keys=keys):
                    yield from (str(key.value) for key in keys if isinstance(key, ast.Constant))
                case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=key))]):
                    yield str(key)
