from pathlib import Path

from config.settings import load_settings
from worker.entrypoints.up.pages_password import made_password
from worker.entrypoints.up.summary import facts, pages_opened, summary


def test_a_start_says_where_everything_is_and_how_to_stop_it() -> None:
    """Web, workers, stores and data, one a line: read at a glance, on a narrow terminal too."""
    settings = load_settings({"COLETA_DATA_DIR": "data", "COLETA_WEB_PORT": "8001"})

    assert summary(facts(settings, ["brava", "acme"], 2, sandbox=False)).splitlines() == [
        "all runs; Ctrl-C stops it",
        "web      http://127.0.0.1:8001",
        "workers  2",
        "stores   acme, brava",
        "data     data",
    ]


def test_a_named_server_is_shown_without_its_password() -> None:
    """The data is there, then; many stores are not all listed."""
    settings = load_settings({"COLETA_REDIS_URL": "redis://user:secret@redis.example:6379/0", "COLETA_WEB_HOST": "::1"})

    known = facts(settings, [f"store-{number}" for number in range(9)], 1, sandbox=False)

    assert known == {
        "web": "http://[::1]:8000",
        "workers": "1",
        "stores": "store-0, store-1, store-2, store-3, store-4 and 4 more",
        "data": "redis://redis.example:6379/0",
    }


def test_the_sandbox_says_how_other_commands_see_its_orders() -> None:
    """They find its embedded server by themselves; on a named server they need its stores file."""
    embedded = load_settings({})
    named = load_settings({"COLETA_REDIS_URL": "redis://localhost/0", "COLETA_STORES_FILE": "data/sandbox/stores.toml"})

    file = Path("data/sandbox/stores.toml").absolute()
    assert facts(embedded, ["acme"], 1, sandbox=True)["orders"].startswith("coleta orders (in another terminal")
    assert facts(named, ["acme"], 1, sandbox=True)["orders"] == f"COLETA_STORES_FILE={file} coleta orders"


def test_a_password_that_was_made_is_told_with_the_address_where_it_is_asked_for() -> None:
    """Also where the web listens everywhere, which is no address to open; each start has another one."""
    settings = load_settings({"COLETA_WEB_HOST": "::"})
    first, second = made_password(), made_password()

    assert pages_opened(settings, first).startswith(f"pages at http://[::1]:8000 · password {first} (")
    assert first != second
    assert len(first) == 19
