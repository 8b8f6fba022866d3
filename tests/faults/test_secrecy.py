"""Nothing that is to be kept leaves the service, while everything that would let it out speaks."""

from pathlib import Path

import pytest

from tests.faults.outcome import Run
from tests.faults.secrecy import perform


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_output_holds_a_secret_or_a_customer(tmp_path: Path) -> None:
    """Logs, outputs, answers and all that Redis holds are searched, after each refusal and crash that can be had."""
    rows = perform(Run(folder=tmp_path, seed=1, short=True))

    assert [row for row in rows if not row.kept] == []
