"""What a worker does with a deployment that cannot work: it says which setting, and how to mend it."""

import json
import sys
from collections.abc import Iterator, Mapping

import pytest

from tests.fixtures.deployment import environment
from tests.fixtures.redis_servers import NOT_PERSISTENT, free_port, required, started
from tests.fixtures.running_parts import Part, until

NOWHERE = f"redis://user:password-of-redis@127.0.0.1:{free_port()}/0"
STORE = """
[stores.acme.skyhub]
user_email = "ops@acme.example"
api_key = "written-out-key"
accountmanager_key = "env:MANAGER_KEY"
"""
WORKER = ("-m", "celery", "-A", "worker", "worker")
BEAT = ("-m", "celery", "-A", "worker", "beat")
# Settings that make a worker refuse to start, and what it must say about them.
REFUSED: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "contradiction": (
        {"CALL_TIMEOUT_SECONDS": "40"},
        ("COLETA_CALL_TIMEOUT_SECONDS=40 must be below COLETA_LEASE_SECONDS=30", "lower the first or raise the second"),
    ),
    "bad-file": ({"STORES_FILE": "bad.toml"}, ("bad.toml: stores.acme.skyhub.user_email",)),
    "no-secret": (
        {"STORES_FILE": "unset.toml"},
        ("stores.acme.skyhub.accountmanager_key: the variable 'UNSET_KEY' is not set", "export it"),
    ),
    "forgetful": ({"REDIS_URL": "forgetful"}, ("appendonly no", "set appendonly yes", "COLETA_ALLOW_UNSAFE_REDIS=1")),
    "evicting": ({"REDIS_URL": "evicting"}, ("allkeys-lru", "maxmemory-policy noeviction")),
}
OTHERS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "beat": (BEAT, {"CONFIRM_BATCH": "many"}),
    "waiting": (WORKER, {}),
    "allowed": (WORKER, {"REDIS_URL": "forgetful", "ALLOW_UNSAFE_REDIS": "1"}),
    "import": (("-c", "import worker.celery"), {"STORES_FILE": "none.toml", "WORKER_THREADS": "none"}),
}


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Part]]:
    """Start every process that the tests look at, all at once."""
    folder = tmp_path_factory.mktemp("start")
    (folder / "stores.toml").write_text(STORE)
    (folder / "unset.toml").write_text(STORE.replace("MANAGER_KEY", "UNSET_KEY"))
    (folder / "bad.toml").write_text(STORE.replace("user_email", "email"))
    commands = {name: (WORKER, changes) for name, (changes, _) in REFUSED.items()} | OTHERS
    running: dict[str, Part] = {}
    evicting = ("--appendonly", "yes", "--maxmemory-policy", "allkeys-lru")
    with (
        started(required("valkey"), folder / "forgetful", *NOT_PERSISTENT) as forgetful,
        started(required("valkey"), folder / "evicting", *evicting) as evicts,
    ):
        ports = {"forgetful": forgetful.port, "evicting": evicts.port}
        for name, (command, changes) in commands.items():
            running[name] = Part(name, [sys.executable, *command], _environ(changes, ports), folder)
        yield running
        for part in running.values():
            part.kill()


def _environ(changes: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, str]:
    """Return the environment of a worker that would start, but for these changes; a server may be named there."""
    given = {"REDIS_URL": NOWHERE, "STORES_FILE": "stores.toml", "LOG_FORMAT": "json", **changes}
    if given["REDIS_URL"] in ports:
        given["REDIS_URL"] = f"redis://127.0.0.1:{ports[given['REDIS_URL']]}/0"
    return environment({"MANAGER_KEY": "key-of-the-manager"}, **given)


def _ended(part: Part) -> int:
    until(lambda: not part.runs, f"{part.name} ends", lambda: [part], 60)
    return int(part.process.returncode)


@pytest.mark.parametrize("name", REFUSED)
def test_a_worker_that_cannot_work_does_not_start(parts: dict[str, Part], name: str) -> None:
    """It ends with an error code and a sentence that names what is wrong and how to mend it."""
    assert _ended(parts[name]) != 0
    for words in REFUSED[name][1]:
        assert words in parts[name].text
    assert "Traceback" not in parts[name].text


def test_beat_refuses_the_same_settings(parts: dict[str, Part]) -> None:
    """Nothing is scheduled by what no worker would accept."""
    assert _ended(parts["beat"]) != 0
    assert "COLETA_CONFIRM_BATCH is 'many'" in parts["beat"].text


def test_an_import_reads_nothing(parts: dict[str, Part]) -> None:
    """The app can be imported where every setting is wrong."""
    assert _ended(parts["import"]) == 0
    assert parts["import"].text == ""


def test_a_worker_waits_for_a_redis_that_is_not_there_yet(parts: dict[str, Part]) -> None:
    """It says where it looks, in which setting that is, and goes on looking; a password is not shown."""
    part = parts["waiting"]
    until(lambda: part.text.count("redis.not_reached") > 1, "it looks again", lambda: [part], 60)
    assert part.runs
    line = next(json.loads(line) for line in part.text.splitlines() if "redis.not_reached" in line)
    assert line["address"] == NOWHERE.replace("user:password-of-redis@", "")
    assert "COLETA_REDIS_URL" in line["mend"]
    assert "password-of-redis" not in part.text


def test_what_is_allowed_in_spite_of_a_doubt_is_said_in_the_log(parts: dict[str, Part]) -> None:
    """A worker that may use an unsafe Redis starts, and its log names each doubt, in the log's own form."""
    part = parts["allowed"]
    until(lambda: " ready." in part.text, "it takes messages", lambda: [part], 60)
    lines = [json.loads(line) for line in part.text.splitlines() if line.startswith("{")]
    doubts = " ".join(line["reason"] for line in lines if line["event"].endswith(".doubted"))
    assert "appendonly no" in doubts
    assert "stores.acme.skyhub.api_key is written out" in doubts
    assert "every user of this machine can read it: chmod 600 stores.toml" in doubts
    assert "written-out-key" not in part.text
