"""What is kept as the reason of an operator's wish, whoever sent it."""

import pytest

from worker.entrypoints.reasons import MOST_TYPED, ReasonError, read_reason, signed


@pytest.mark.parametrize("reason", [{"why": "x"}, 7, None, ["x"], True, b"x"])
def test_only_text_is_a_reason(reason: object) -> None:
    """A message may hold any JSON."""
    with pytest.raises(ReasonError, match=f"it is no text but of type {type(reason).__name__}"):
        read_reason(reason)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("", "it is empty"),
        (" \n\t", "it is empty"),
        ("x" * 200_000, "it has 200000 characters; 500"),
        ("\ud800", "no c"),
    ],
)
def test_a_reason_says_something_that_can_be_kept(reason: str, said: str) -> None:
    """The refusal says what is wrong with it, not the whole of it."""
    with pytest.raises(ReasonError, match=said) as caught:
        read_reason(reason)
    assert len(str(caught.value)) < 100


def test_a_reason_is_kept_on_one_line() -> None:
    """As long as it may be."""
    assert read_reason(" label\n mended\t") == "label mended"
    assert read_reason("é" * 500) == "é" * 500


def test_a_reason_of_the_pages_says_who_gave_it() -> None:
    """In one form, whoever it was; the longest of both is no longer than any reason may be."""
    assert signed("label printed", "Ana Souza") == "label printed (Ana Souza, pages)"
    assert read_reason(signed("é" * MOST_TYPED, "é" * 60))


@pytest.mark.parametrize(
    ("reason", "name", "kept"),
    [
        ("printed (Bob, pages)", "Eve", "printed (Bob, pages) (Eve, pages)"),
        ("printed", "Eve, pages) (Bob", "printed (Eve, pages] [Bob, pages)"),
        ("printed \u202e", "Eve\u200f", "printed  (Eve, pages)"),
    ],
)
def test_nobody_signs_as_somebody_else(reason: str, name: str, kept: str) -> None:
    """The last brackets are the service's, whatever was typed; nothing turns the line around."""
    assert signed(reason, name) == kept
