"""The locks: the one for running it is a part of the one for working on it."""

import re
import tomllib

from tests.fixtures.running_parts import ROOT

_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _pinned(lock: str) -> dict[str, str]:
    """Return each package of a lock with its version, its condition and the hashes of its files."""
    entries = re.split(r"^(?=\S)", (ROOT / lock).read_text(), flags=re.MULTILINE)
    pinned = [re.sub(r"\s*# .*|\s*\\$", "", entry, flags=re.MULTILINE).strip() for entry in entries if "==" in entry]
    return {re.split(r"[=\[]", entry)[0]: entry for entry in pinned}


def _names(*groups: str) -> set[str]:
    """Return the packages that the project asks for to run ("") or in an optional part, as locks spell them."""
    parts = {"": _PROJECT["dependencies"], **_PROJECT["optional-dependencies"]}
    asked = [each for group in groups for each in parts[group]]
    return {re.split(r"[^\w.-]", each)[0].replace(".", "-") for each in asked}


def test_who_runs_it_gets_what_it_was_tested_with() -> None:
    """The same versions and files, for all that it needs or may be told to use; none of the tools of development."""
    run, full = _pinned("requirements-run.lock"), _pinned("requirements.lock")

    assert {name: entry for name, entry in run.items() if full[name] != entry} == {}
    assert _names("", "embedded", "otel", "place", "sentry") - run.keys() == set()
    assert (_names("dev") - {"opentelemetry-proto"}) & run.keys() == set()
    assert _names("dev") - full.keys() == set()
