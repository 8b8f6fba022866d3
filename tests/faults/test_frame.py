"""The frame of the fault suite: what it calls kept, and what it writes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults import report
from tests.faults.outcome import Broken, Row, judged
from tests.fixtures.sales import Sale
from worker.sandbox.report import Report

ROW = Row(
    part="Redis",
    failure="killed",
    how="SIGKILL | restart",
    orders=1200,
    landed=3,
    requesting=7,
    broken=Broken(),
    recovery=1.25,
)
DIRECT, CORREIOS = Sale("acme", 1), Sale("acme", 2, "correios")


def accepted(*sales: Sale) -> Report:
    """Return what SkyHub counts after so many confirmations."""
    times = {sale.code: tuple(0.0 for other in sales if other is sale) for sale in sales}
    return Report(
        orders=2, accepted=times, early=(), second=(), wrong_carrier=(), unexpected=(), lost=(), calls={}
    )  # fmt: skip


def test_a_row_is_kept_only_if_faults_landed_and_no_promise_broke() -> None:
    """A fault that never struck proves nothing."""
    assert ROW.kept
    assert not replace(ROW, landed=0).kept
    for promise in ("lost", "early", "twice", "correios"):
        assert not replace(ROW, broken=Broken(**{promise: 1})).kept


@pytest.mark.parametrize(
    ("confirmed", "broken"),
    [
        ((DIRECT,), Broken()),
        ((), Broken(lost=1)),
        ((DIRECT, DIRECT), Broken(twice=1)),
        ((DIRECT, CORREIOS), Broken(correios=1)),
    ],
)
def test_complete_direct_orders_are_to_be_accepted_exactly_once(confirmed: tuple[Sale, ...], broken: Broken) -> None:
    """And no other order at all."""
    assert judged(accepted(*confirmed), [DIRECT, CORREIOS]) == broken


def test_an_order_without_its_last_invoice_is_not_to_be_accepted() -> None:
    """Whatever the sandbox itself was told of its invoices."""
    assert judged(accepted(DIRECT), [], incomplete=[DIRECT]) == Broken(early=1)
    assert judged(accepted(), [], incomplete=[DIRECT]) == Broken()


def test_the_page_shows_every_figure_of_the_run(tmp_path: Path) -> None:
    """Seed, commit, runs, and a table a part; what failed stands above it."""
    named = replace(ROW, part="SkyHub", failure="forgotten", requesting=None, named=2, runs=50, note="why so")
    file = tmp_path / "faults.json"
    report.keep(file, {"killed": [ROW], "storms": [named]}, seed=7, seconds=61.4, failed=["storms"], whole=True)
    page = report.page(json.loads(file.read_text()))

    assert "seed 7" in page
    assert "2 failures, 51 runs in 61 s." in page
    assert "Failed: storms." in page
    assert "\n## Redis\n" in page
    assert "| killed | SIGKILL \\| restart | 1,200 | 3 | 7 | 0 | 0 | 0 | 0 | 1.2 s |" in page
    assert "| - | 0 (2 shown as `collectable_but_unknown`) |" in page
    assert "\nforgotten: why so" in page


def test_a_scenario_that_is_run_again_replaces_what_it_showed(tmp_path: Path) -> None:
    """In its place, and the page says when; what failed before has failed no longer."""
    file = tmp_path / "faults.json"
    other = replace(ROW, failure="stopped")
    report.keep(file, {"killed": [ROW], "stops": [other]}, seed=7, seconds=61.4, failed=["killed"], whole=True)
    report.keep(file, {"killed": [replace(ROW, landed=5)]}, seed=8, seconds=9, failed=[], whole=False)
    page = report.page(json.loads(file.read_text()))

    assert "in place of what it showed: killed (commit " in page
    assert "seed 8, 9 s)" in page
    assert "Failed" not in page
    assert page.index("| 1,200 | 5 | 7 |") < page.index("| stopped |")


def test_a_scenario_without_rows_is_told_with_its_complaint() -> None:
    """Also one whose fault did not land."""
    assert report.line("storms", [], 3.2, "no server") == "FAILED storms (3 s): it brought no rows\nno server"
    assert "no fault landed" in report.line("storms", [replace(ROW, landed=0)], 3.2)
    assert report.line("storms", [ROW], 3.2).startswith("ok     storms (3 s): 1 rows, 3 faults, lost 0, early 0")
