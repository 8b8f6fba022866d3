"""`coleta up` as a seller runs it: with a stores file and an embedded server, against the simulated SkyHub."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fixtures.coleta import COLETA
from tests.fixtures.running_parts import NO_TLS
from tests.fixtures.running_up import Up, ending, living_below
from tests.fixtures.sales import Sale, sales
from tests.fixtures.up_world import UpWorld, up_world
from worker.domain.order import Status


@pytest.fixture
def world(tmp_path: Path) -> Iterator[UpWorld]:
    """Give a SkyHub with one store; nothing but it may be left when `up` has ended."""
    with up_world(tmp_path) as world:
        yield world


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[UpWorld, Up]]:
    """Give a SkyHub and an `up` that works for it, for all tests that leave it working."""
    with up_world(tmp_path_factory.mktemp("shop")) as world, ending(world.up("--workers", "2")) as up:
        up.await_ready()
        yield world, up
        assert up.interrupt() == 0


def _is_requested(world: UpWorld, sale: Sale) -> bool:
    return world.statuses([sale]) == {Status.REQUESTED}


@pytest.mark.slow
def test_a_first_pickup_and_what_the_next_start_finds(world: UpWorld) -> None:
    """An invoice leads to one request; stopped by Ctrl-C or SIGTERM nothing is left running, and nothing forgotten."""
    first, second = sales("acme", 2)
    world.register([first, second])
    with ending(world.up("--workers", "1")) as up:
        up.await_ready()
        assert (up.probe("/healthz"), up.probe("/readyz")) == (200, 200)
        world.invoice([first])
        up.until(lambda: _is_requested(world, first), "the pickup is requested")
        assert up.interrupt() == 0
        assert living_below(world.folder) == {}
        assert up.text.rstrip().endswith("}")  # it has no complaint

        again = world.up("--workers", "1")
        with ending(again):
            again.await_ready(starts=2)
            assert len(again.events("pickups.held")) == 1  # of the second server: nobody knew the first one
            assert _is_requested(world, first)
            world.invoice([second])
            again.until(lambda: _is_requested(world, second), "the next pickup is requested")
            found = subprocess.run(
                [COLETA, "orders", "--json"], cwd=world.folder, env=again.environ, capture_output=True, check=True
            )
            assert {order["status"] for order in json.loads(found.stdout)} == {"requested"}
            again.process.send_signal(signal.SIGTERM)
            assert again.ended() == 0
            assert not again.events("process.ended")
            assert living_below(world.folder) == {}

    report = world.skyhub.report()
    assert {code: len(times) for code, times in report.accepted.items()} == {first.code: 1, second.code: 1}
    assert report.violations == {}


def test_ctrl_c_once_more_ends_what_does_not_end(world: UpWorld) -> None:
    """It says what it waits for; then that is killed, the server still shut down in order, and the exit code is 1."""
    with ending(world.up("--workers", "1")) as up:
        up.await_ready()
        os.kill(up.starts("beat")[-1], signal.SIGSTOP)
        up.process.send_signal(signal.SIGINT)
        up.until(lambda: up.events("processes.waited_for"), "it says what it waits for")
        up.process.send_signal(signal.SIGINT)

        assert up.ended() == 1
        assert up.events("processes.waited_for")[0]["names"] == ["beat"]
        assert up.events("processes.killed")[0]["names"] == ["beat"]
        assert not (world.folder / "data" / "server.json").exists()
        assert living_below(world.folder) == {}


def test_a_log_that_nobody_reads_any_more_ends_it(world: UpWorld) -> None:
    """`coleta up | head -1`: with its children and its server, and without a complaint."""
    piped = f"{COLETA} up --workers 1 | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", piped],
        cwd=world.folder,
        env=world.environ(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", 1)
    assert living_below(world.folder) == {}


# ---- while it works


def test_every_process_is_announced_and_then_all_of_them(shop: tuple[UpWorld, Up]) -> None:
    """Each with its name and number, as many workers as were asked for; the summary says where everything is."""
    world, up = shop
    up.until(lambda: up.probe("/readyz") == 200, "the web is ready")
    names = ["server", "worker-1", "worker-2", "beat", "web"]

    assert {up.starts(name)[-1] for name in names} < living_below(world.folder).keys()
    announced = [record["name"] for record in up.records() if record["event"] in {"process.started", "server.started"}]
    assert sorted(announced[: len(names)]) == sorted(names)
    (started,) = up.events("up.started")
    assert (
        started.items()
        >= {"web": f"http://127.0.0.1:{up.port}", "workers": "2", "stores": "acme", "data": "data"}.items()
    )
    assert all(started[name] in started["message"] for name in ("web", "workers", "stores", "data"))


def test_the_password_that_was_made_opens_the_pages(shop: tuple[UpWorld, Up]) -> None:
    """It is told once, on standard error; no line of the log holds it, and no command line."""
    world, up = shop
    (password,) = re.findall(
        r"^coleta: pages at http://127\.0\.0\.1:\d+ · password (\S+) ", up.sentence(), re.MULTILINE
    )
    form = {"password": password, "name": "Maria", "next": "/stores/acme"}

    up.until(lambda: up.probe("/readyz") == 200, "the web is ready")
    url = f"http://127.0.0.1:{up.port}"
    answer = httpx.post(f"{url}/login", data=form, headers={"Origin": url}, trust_env=False, verify=NO_TLS)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/stores/acme")
    assert password not in json.dumps(up.records())
    assert password not in str(living_below(world.folder))


def test_a_server_that_comes_back_elsewhere_is_found(shop: tuple[UpWorld, Up]) -> None:
    """Somebody shut it down: its address is given up with it, and every process is started with the new one."""
    world, up = shop
    (sale,) = sales("acme")
    world.register([sale])
    before = world.service()
    starts = {name: len(up.starts(name)) for name in ("worker-1", "worker-2", "beat", "web")}
    before.redis.shutdown()
    up.until(
        lambda: all(len(up.starts(name)) == count + 1 for name, count in starts.items()), "all runs on the new server"
    )
    assert world.service().settings.redis_url != before.settings.redis_url
    up.until(lambda: up.probe("/readyz") == 200, "the web is ready")
    world.invoice([sale])
    up.until(lambda: _is_requested(world, sale), "the pickup is requested")


def test_a_stores_file_that_went_bad_is_waited_for(shop: tuple[UpWorld, Up]) -> None:
    """What died meanwhile is not started in vain, five times, to stop all; it is when the file is mended."""
    world, up = shop
    file = world.folder / "stores.toml"
    sound = file.read_text()
    starts, ends = len(up.starts("worker-1")), len(_of_worker_1(up, "process.ended"))
    file.write_text("[stores.acme.skyhub")
    os.kill(up.starts("worker-1")[-1], signal.SIGKILL)
    up.until(lambda: _of_worker_1(up, "process.held"), "it is said")
    (said,) = _of_worker_1(up, "process.held")
    mended = "worker-1 is started again when stores.toml is mended: stores.toml is not TOML"
    assert said.startswith(mended)
    assert up.probe("/healthz") == 200
    file.write_text(sound)
    up.until(lambda: len(up.starts("worker-1")) == starts + 1, "it works again")
    assert len(_of_worker_1(up, "process.ended")) == ends + 1


def _of_worker_1(up: Up, event: str) -> list[str]:
    return [record["message"] for record in up.events(event) if record["name"] == "worker-1"]
