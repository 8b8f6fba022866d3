"""docs/performance.md and its plots."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.bench import plots, report
from tests.bench.figures import Figure, Reading, Result, Spread
from tests.bench.outcomes import Outcome
from tests.bench.plots import Plot, Point

_SVG = "{http://www.w3.org/2000/svg}"
SERIES = Outcome(
    name="batch-sizes",
    about="a series",
    results={
        f"at {size}": Result(Figure(what="recorded", unit="/s"), [Reading(rate), Reading(rate + 1_000)])
        for size, rate in ((1_000, 9_000.0), (10, 1_000.0), (100, 5_000.0))
    },
)
PLOT = Plot(
    title="Fast & far",
    across="batch <size>",
    up="events/s",
    points=[
        Point(10, Spread(500, 1_000, 1_500)),
        Point(100, Spread(4_000, 5_000, 6_000)),
        Point(1_000, Spread(9, 9, 9)),
    ],
)


def kept(*outcomes: Outcome) -> dict[str, object]:
    """Return what a whole run of these outcomes keeps."""
    return report.run(outcomes, runs=5, share=1.0, seconds=61.4)


def test_the_page_says_on_what_and_when_it_was_measured(tmp_path: Path) -> None:
    """Commit, cores, Python, Redis, and what each row is about."""
    report.write_page(tmp_path, kept(SERIES))
    page = (tmp_path / "performance.md").read_text()
    assert "Commit " in page
    assert f"{report.machine()['cores']} cores" in page
    assert f"Python {report.machine()['python']}" in page
    assert "Rows: 1, runs: 5, in 61 s." in page
    assert "- **batch-sizes**: a series." in page
    assert "](performance-batch.svg)" in page
    assert (tmp_path / "performance-batch.svg").exists()


def test_what_people_wrote_stays_when_the_page_is_written_anew(tmp_path: Path) -> None:
    """Before the generated part and behind it."""
    page = tmp_path / "performance.md"
    report.write_page(tmp_path, kept(SERIES))
    written = (
        page.read_text().replace("# How fast it is\n", "# How fast it is\n\nAn opening.\n")
        + "\nThe codec took it all.\n"
    )
    page.write_text(written)
    other = Outcome(name="other", about="another row", failed="no server")
    report.write_page(tmp_path, kept(other))
    again = page.read_text()

    assert again.startswith("# How fast it is\n\nAn opening.\n")
    assert again.endswith("## What profiles taught\n\nThe codec took it all.\n")
    assert "**other**" in again
    assert "batch-sizes" not in again
    report.write_page(tmp_path, kept(other))
    assert page.read_text().count("**other**") == 1


@pytest.mark.parametrize("mark", ["From here on written", "Until here written"])
def test_a_page_without_its_marks_is_left_alone(tmp_path: Path, mark: str) -> None:
    """Nobody's text is overwritten by guesswork."""
    page = tmp_path / "performance.md"
    report.write_page(tmp_path, kept(SERIES))
    page.write_text(before := page.read_text().replace(mark, "gone"))
    with pytest.raises(ValueError, match="lacks the mark"):
        report.write_page(tmp_path, kept(SERIES))
    assert page.read_text() == before


def test_a_plot_is_drawn_of_each_series_that_was_measured() -> None:
    """Its points in order, however the figures come; without the row there is none."""
    drawn = plots.drawn([SERIES])
    assert list(drawn) == ["performance-batch.svg"]
    circles = ET.fromstring(drawn["performance-batch.svg"]).findall(f"{_SVG}circle")  # noqa: S314 - we wrote it
    shown = [circle.findtext(f"{_SVG}title") for circle in circles]
    assert shown == ["10: 1,500 (1,000–2,000)", "100: 5,500 (5,000–6,000)", "1,000: 9,500 (9,000–10,000)"]
    assert plots.drawn([]) == {}


def test_a_plot_is_well_formed_and_says_what_it_shows() -> None:
    """To those who cannot see it, too; on a light page and on a dark one."""
    root = ET.fromstring(PLOT.svg())  # noqa: S314 - we wrote it
    ids = {each.get("id"): each.text for each in root if each.get("id")}
    assert root.get("role") == "img"
    assert set((root.get("aria-labelledby") or "").split()) == set(ids)
    assert ids["title"] == "Fast & far"
    assert ids["told"] == "events/s, by batch <size>: 10: 1,000; 100: 5,000; 1,000: 9"
    assert "prefers-color-scheme: dark" in (root.findtext(f"{_SVG}style") or "")
    texts = [each.text for each in root.iter(f"{_SVG}text")]
    assert {"Fast & far", "batch <size>", "events/s", "10", "100", "1,000", "0", "6,000"} <= set(texts)


def test_points_lie_where_they_belong() -> None:
    """Ten times as many is as far each time; twice as fast is twice as high above 0."""
    assert PLOT.x(100) - PLOT.x(10) == pytest.approx(PLOT.x(1_000) - PLOT.x(100))
    assert PLOT.y(0) - PLOT.y(4_000) == pytest.approx(2 * (PLOT.y(0) - PLOT.y(2_000)), abs=0.2)
    root = ET.fromstring(PLOT.svg())  # noqa: S314 - we wrote it
    places = [(float(each.get("cx", "")), float(each.get("cy", ""))) for each in root.iter(f"{_SVG}circle")]
    assert places == [(PLOT.x(point.at), PLOT.y(point.measured.middle)) for point in PLOT.points]
    _, _, width, height = map(float, (root.get("viewBox") or "").split())
    assert all(0 < x < width and 0 < y < height for x, y in places)


@pytest.mark.parametrize(("most", "top"), [(9.4, 10), (100, 100), (5_900, 6_000), (0.31, 0.4), (13_000, 15_000)])
def test_the_vertical_axis_ends_at_a_round_number_above_all_points(most: float, top: float) -> None:
    """With at most eight lines on it."""
    plot = Plot(title="", across="", up="", points=[Point(10, Spread(0, 0, most))])
    assert plot.top == pytest.approx(top)
