"""The tables of README and docs/ say what the code says."""

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from typing import get_args, get_type_hints

import pytest

from config.settings import Settings
from config.stores import Store
from tests.fixtures.pages import table
from tests.fixtures.running_parts import ROOT
from tests.unit.entrypoints.web.world import World
from worker.adapters.redis_ledger import keys
from worker.domain.order import Attention, Status

_OPERATIONS, _CONFIGURATION = "docs/operations.md", "docs/configuration.md"
_STATUSES = (("README.md", "See where an order stands"), (_OPERATIONS, "Statuses"))
# Their defaults depend on one another and on what runs: a page says them in words.
_SAID_IN_WORDS = {"COLETA_REDIS_URL", "COLETA_BROKER_URL"}
_SHOWN = re.compile(r"^#([A-Z]\w+)=(.*)$", re.MULTILINE)


@pytest.mark.parametrize(("page", "under"), _STATUSES)
def test_the_statuses_are_those_of_an_order(page: str, under: str) -> None:
    """Each with its meaning, in the order of the state machine."""
    assert [row[0] for row in table(page, under)] == list(Status)


def test_the_statuses_mean_the_same_everywhere() -> None:
    """README and operations say it in the same words."""
    meanings = [[row[1] for row in table(*where)] for where in _STATUSES]
    assert meanings[0] == meanings[1]


def test_the_reasons_for_attention_are_those_of_an_order() -> None:
    """Each with what an operator does."""
    rows = table(_OPERATIONS, "Attention")
    assert [row[0] for row in rows] == list(Attention)
    assert all(all(row) for row in rows)


@pytest.mark.parametrize("page", ["README.md", _CONFIGURATION])
def test_a_setting_has_the_default_that_the_page_says(page: str) -> None:
    """Names and defaults are those of `.env.example`, which another test holds equal to the code's."""
    shown = dict(_SHOWN.findall((ROOT / ".env.example").read_text()))
    rows = table(page, "Configuration" if page == "README.md" else "Settings")
    said = {name: default for name, default, _ in rows if not name.startswith("**")}
    assert {name: shown.get(name) for name in said if name not in _SAID_IN_WORDS} == {
        name: default for name, default in said.items() if name not in _SAID_IN_WORDS
    }
    if page == _CONFIGURATION:
        assert len(said) == len(Settings.model_fields)


def test_the_fields_of_the_stores_file_are_those_of_the_code() -> None:
    """With their defaults, and which of them are secrets."""
    said = {name: default for name, default, _ in table(_CONFIGURATION, "Stores file")}
    assert said == dict(_store_fields(Store, ""))


def _store_fields(kind: type, prefix: str) -> Iterator[tuple[str, str]]:
    hints = get_type_hints(kind)
    for field in fields(kind):
        inner = [each for each in (hints[field.name], *get_args(hints[field.name])) if is_dataclass(each)]
        if inner:
            assert isinstance(inner[0], type)
            yield from _store_fields(inner[0], f"{field.name}.")
        elif field.name != "name":
            known = {MISSING: "required", None: "none", True: "true", False: "false"}
            default = known.get(field.default) or str(field.default)
            yield f"{prefix}{field.name}", default if field.repr else f"{default}, secret"


def test_every_door_has_a_page() -> None:
    """Whatever the API takes is called somewhere in docs/doors."""
    description = World().run(lambda client: client.get("/openapi.json")).json()
    text = "".join(path.read_text() for path in (ROOT / "docs" / "doors").glob("*.md"))
    shown = {path: _as_called(path) for path, methods in description["paths"].items() if "post" in methods}
    assert [path for path, called in shown.items() if not re.search(called, text)] == []


def _as_called(path: str) -> str:
    return re.sub(r"\\\{(\w+)\\\}", lambda name: r"\w+" if name[1] == "store" else r"[^/\s]+", re.escape(path))


def test_the_keys_in_redis_are_those_of_the_code() -> None:
    """Each with its place in the table, as the module that builds them lists them."""
    listed = {row[0] for row in _rows(keys.__doc__ or "")} - {"key", "---"}
    shown = {row[0] for row in table("docs/architecture.md", "Keys in Redis")}
    assert shown == {re.sub(r" \(.*", "", name) for name in listed}


def _rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        if line.startswith("| "):
            yield [cell.strip().replace("`", "") for cell in line.strip("|").split("|")]


def test_every_decision_is_in_the_index() -> None:
    """By its title."""
    titles = {path.name: path.read_text().splitlines()[0] for path in (ROOT / "docs" / "decisions").glob("*.md")}
    index = (ROOT / "docs" / "architecture.md").read_text()
    listed = re.findall(r"^(\d+\. )\[(.+)\]\(decisions/(.+)\)$", index, re.MULTILINE)
    assert {file: f"# {number}{title}" for number, title, file in listed} == titles
