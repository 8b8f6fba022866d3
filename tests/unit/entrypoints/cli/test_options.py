import pytest
import typer

from worker.entrypoints.cli.options import parsed_age


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("2h", 7200), ("2d", 172_800), ("1W", 604_800), (" 3 D ", 259_200), ("0s", 0)],
)
def test_an_age_is_a_number_and_its_unit(text: str, seconds: int) -> None:
    """In milliseconds."""
    assert parsed_age(text) == seconds * 1000


@pytest.mark.parametrize("text", ["", "2", "d", "-2d", "2 days", "1.5h", "9999999d"])
def test_another_age_is_refused_with_how_to_write_one(text: str) -> None:
    """It names what was found."""
    with pytest.raises(typer.BadParameter, match="is no age; write a number and its unit: 90s, 15m, 2h, 2d or 1w"):
        parsed_age(text)
