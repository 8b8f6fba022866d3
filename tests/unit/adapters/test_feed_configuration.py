"""How an orders feed is configured is read as far as it is said."""

from typing import Any

import pytest

from tests.unit.adapters.answers import answer
from tests.unit.adapters.oms_orders import SETTINGS
from worker.adapters.vtex_oms.answers import read_feed_configuration
from worker.ports import FeedConfiguration, PermanentError, TransientError


def _read(body: object, status: int = 200) -> FeedConfiguration:
    return read_feed_configuration(answer(body, status), SETTINGS, 0.0)


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (
            {
                "filter": {"type": "FromWorkflow", "status": ["invoiced", "handling"]},
                "queue": {"visibilityTimeoutInSeconds": 240, "MessageRetentionPeriodInSeconds": 345600},
                "quantity": 1261,
                "approximateAgeOfOldestMessageInSeconds": 1113.3,
            },
            FeedConfiguration(frozenset({"invoiced", "handling"}), 1261, 1113.3),
        ),
        ({"filter": {"type": "FromOrders", "expression": "value > 100"}, "quantity": 0}, FeedConfiguration(None, 0)),
        ({"filter": None}, FeedConfiguration()),
        ({"filter": {"status": []}}, FeedConfiguration()),
        ({}, FeedConfiguration()),
    ],
)
def test_what_is_said_is_read(body: dict[str, Any], read: FeedConfiguration) -> None:
    """States are known only of a filter by states; an expression may let anything in."""
    assert _read(body) == read


@pytest.mark.parametrize("body", [[], "text", {"filter": "all"}, {"quantity": "many"}])
def test_another_answer_is_none(body: object) -> None:
    """It is quoted nowhere."""
    with pytest.raises(TransientError, match="is not a feed's configuration"):
        _read(body)


@pytest.mark.parametrize(
    ("status", "error"), [(404, PermanentError), (403, PermanentError), (429, TransientError), (503, TransientError)]
)
def test_a_refusal_carries_its_status(status: int, error: type[PermanentError | TransientError]) -> None:
    """Whoever asks can tell a feed that is not there from keys that may not look."""
    with pytest.raises(error) as raised:
        _read({"error": {"code": "1", "message": "no"}}, status)
    assert isinstance(raised.value, PermanentError | TransientError)
    assert raised.value.status == status
