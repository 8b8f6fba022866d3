"""The capacity plan: its formulas against its simulation, and what follows from the costs."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench import capacity, report
from tests.bench.capacity import costs_of, differences, full_at
from tests.bench.costs import ROWS
from tests.bench.figures import Figure, Reading, Result
from tests.bench.model import Costs, Deployment, Load, in_line, need, rounds
from tests.bench.outcomes import Outcome
from tests.bench.simulation import simulate

SETTINGS = Deployment()
COSTS = Costs(
    lone_event=(4_000, 1_000),
    event=(200, 50),
    lone_order=(20_000, 2_500),
    order=(900, 180),
    reconcile=(7_000, 1_300),
    reconcile_calls=1,
    sweep=(200, 12),
    open_bytes=1_200,
    ended_bytes=700,
    key_bytes=200,
    cores=2,
)
MEASURED = Outcome(
    name="costs",
    about="-",
    results={name: Result(figure, [Reading(float(len(name)))]) for name, figure in ROWS[0].figures.items()},
)


@pytest.mark.parametrize(
    ("load", "processes"),
    [
        (Load(stores=200, orders_a_day=400), 1),
        (Load(stores=10, orders_a_day=60_000), 1),
        (Load(stores=3, orders_a_day=400_000), 1),
    ],
)
def test_the_formulas_say_what_the_simulation_sees(load: Load, processes: int) -> None:
    """Stores that sell seldom, often, and as fast as their calls allow: within a twentieth."""
    for what, (said, seen) in differences(load, SETTINGS, processes).items():
        assert said == pytest.approx(seen, rel=0.05), what


def test_waiting_for_a_place_is_foretold() -> None:
    """At four fifths of the places the line counts: half of a tenth, for a formula of many equal rounds."""
    load = Load(stores=400, orders_a_day=1_000)
    said, seen = differences(load, Deployment(places=14), 1)["s until confirmed"]
    alone = rounds(load.rate, load.call_seconds, SETTINGS).wait
    assert seen > alone
    assert said == pytest.approx(seen, rel=0.1)


def test_a_lone_order_takes_two_pages_and_a_confirmation() -> None:
    """The second page is the empty one that ends the list; one call after the other."""
    lone = rounds(1e-9, 0.2, SETTINGS)
    assert lone.calls == pytest.approx(3)
    assert lone.seconds == pytest.approx(0.6)
    assert lone.wait == pytest.approx(0.6)


def test_a_fast_skyhub_is_called_as_often_as_it_allows() -> None:
    """The next call waits for its slot, not only for the answer."""
    assert rounds(1e-9, 0.01, SETTINGS).seconds == pytest.approx(2 / 7 + 0.01)


def test_more_than_there_are_places_for_waits_forever() -> None:
    """And nearly nobody waits where there are many more."""
    assert in_line(15, 15, 0.6) == math.inf
    assert in_line(1, 15, 0.6) < 1e-9


def test_the_same_seed_plays_the_same_day() -> None:
    """Another one another day."""
    load = Load(stores=50, orders_a_day=1_000)
    assert simulate(load, SETTINGS, 1, 200) == simulate(load, SETTINGS, 1, 200)
    assert simulate(load, SETTINGS, 1, 200) != simulate(load, SETTINGS, 1, 200, seed=2)


def test_half_the_orders_come_where_the_shape_says_half() -> None:
    """`shape` thins the busiest hour's stream."""
    load = Load(stores=50, orders_a_day=5_000)
    whole, half = simulate(load, SETTINGS, 1, 200), simulate(load, SETTINGS, 1, 200, shape=lambda _: 0.5)
    assert half.orders == pytest.approx(whole.orders / 2, rel=0.1)


def test_ten_times_the_stores_need_ten_times_as_much() -> None:
    """Every store is one more of the same."""
    one, ten = need(Load(stores=100), COSTS, SETTINGS), need(Load(stores=1_000), COSTS, SETTINGS)
    for what in ("workers", "redis", "sweep", "places", "calls_a_second", "bytes"):
        assert getattr(ten, what) == pytest.approx(10 * getattr(one, what))


def test_processes_are_as_many_as_the_scarcer_of_processors_and_places_asks_for() -> None:
    """Slow answers fill places; dear work fills processors."""
    load = Load(stores=10_000)
    slow = need(replace(load, call_seconds=2.0), COSTS, SETTINGS)
    dear = need(load, replace(COSTS, lone_order=(200_000, 2_500)), SETTINGS)
    assert slow.processes(SETTINGS) == math.ceil(slow.places / 15 / 0.7) > math.ceil(slow.workers / 0.7)
    assert dear.processes(SETTINGS) == math.ceil(dear.workers / 0.7) > math.ceil(dear.places / 15 / 0.7)


def test_memory_is_what_is_kept_of_each_day() -> None:
    """Two days open, 90 days ended, 400 days the key."""
    filled = need(Load(stores=1, orders_a_day=10), COSTS, SETTINGS).bytes
    assert filled == 10 * (2 * 1_200 + 90 * 700 + 400 * 200)


def test_what_is_full_first_stands_first() -> None:
    """The least number of stores."""
    full = list(full_at(COSTS, SETTINGS).values())
    assert full == sorted(full)
    assert next(iter(full_at(replace(COSTS, sweep=(1e6, 0)), SETTINGS))).startswith("the sweep")


def test_costs_come_from_the_row_that_measures_them() -> None:
    """Bytes from the row `memory`, else from its bars; without the row there is no plan."""
    found = costs_of([MEASURED], 2)
    assert found is not None
    assert list(found.lone_event) == [len("lone event worker"), len("lone event redis")]
    assert found.ended_bytes == 700
    assert not found.bytes_measured
    memory = Outcome(name="memory", about="-", results={"ended": Result(Figure(what="", unit=""), [Reading(512)])})
    known = costs_of([MEASURED, memory], 2)
    assert known is not None
    assert [known.ended_bytes, known.key_bytes] == [512, 200]
    assert costs_of([memory], 2) is None


def test_the_plan_is_part_of_the_page_and_a_command_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same lines."""
    kept = report.run([MEASURED], runs=1, share=1, seconds=1)
    report.write_page(tmp_path, kept)
    report.write(tmp_path / "bench.json", kept)
    assert capacity.main([str(tmp_path / "bench.json")]) == 0
    told = capsys.readouterr().out
    assert told.startswith("## Capacity\n")
    assert told.strip() in (tmp_path / "performance.md").read_text()


@pytest.mark.parametrize("content", [None, '{"rows": [], "machine": {"cores": 2}}'])
def test_without_what_was_measured_there_is_no_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    """It says what to measure."""
    file = tmp_path / "bench.json"
    if content is not None:
        file.write_text(content)
    assert capacity.main([str(file)]) == 1
    assert "python -m tests.bench" in capsys.readouterr().err
