"""The sandbox as its own process, and in a thread."""

import re
import subprocess
import sys

import httpx
import pytest

from tests.fixtures.running_sandbox import running
from tests.unit.sandbox.receiver import HANG, receiving, wait_for
from worker.sandbox import create_app
from worker.sandbox.control import SandboxControl
from worker.sandbox.faults import Fault
from worker.sandbox.pick_and_pack.bodies import NewPickingOrder, WebhookConfig


def test_the_process_prints_its_address_once_it_accepts() -> None:
    """With port 0 the first line names the port that was chosen, and the sandbox answers there at once."""
    command = [sys.executable, "-m", "worker.sandbox", "--port", "0", "--latency-ms", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline().strip()
            match = re.fullmatch(r"SkyHub sandbox listening on (http://127\.0\.0\.1:\d+)", line)
            assert match
            with SandboxControl(match[1]) as control:
                assert control.settings().latency_ms == 5
        finally:
            process.terminate()


def test_stopping_the_server_drops_calls_that_hang(caplog: pytest.LogCaptureFixture) -> None:
    """A call that would hang for an hour neither delays the stop nor is logged as an error."""
    headers = {"X-User-Email": "a", "X-Api-Key": "b", "X-Accountmanager-Key": "c", "Accept": "application/json"}
    with running(create_app()) as base_url:
        with SandboxControl(base_url) as control:
            control.register_account("a", "b", "c")
            control.fault(Fault(call="orders", hang_seconds=3600))
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{base_url}/orders", headers=headers, timeout=0.2, trust_env=False)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_stopping_the_server_ends_what_is_under_way(caplog: pytest.LogCaptureFixture) -> None:
    """A message whose receiver hangs, and one that waits to be repeated, delay no stop and log no error."""
    with receiving() as receiver, running(create_app()) as url:
        receiver.planned.extend([500, HANG])
        with SandboxControl(url) as control:
            control.door("webhook", timeout_seconds=3600, first_delay_seconds=3600, longest_delay_seconds=3600)
            control.pick_and_pack.register_account("acme", "k")
            control.pick_and_pack.register_orders("acme", [NewPickingOrder(order_id="BWW-S-1")])
            control.pick_and_pack.configure_webhook("acme", WebhookConfig(url=receiver.url))
            for number in range(2):
                control.pick_and_pack.set_status("acme", "BWW-S-1", str(number))
            wait_for(lambda: len(receiver.calls) == 2)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
