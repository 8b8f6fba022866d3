"""The full run, small: two workers and beat with the settings of production, SkyHub with its documented limits."""

import pytest

from tests.full_run import main

ARGUMENTS = ["--orders", "200", "--events", "500", "--latency-ms", "5", "--workers", "2", "--seconds", "60"]


@pytest.mark.parametrize("seed", ["7"])
def test_a_small_full_run_keeps_every_promise(seed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every Direct order is requested once, no other, none early, within the limits and with few calls."""
    assert main([*ARGUMENTS, "--seed", seed]) == 0, capsys.readouterr().out
