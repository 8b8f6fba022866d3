"""Where a trace comes from, and where it goes on."""

import pytest
import structlog

from worker.entrypoints.tracing import context
from worker.entrypoints.tracing.context import Trace, carrying, headers_for

_TRACE, _SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
_GIVEN = Trace(_TRACE, _SPAN, "00")


def test_a_header_is_read_and_written_in_the_same_form() -> None:
    """With the caller's word on whether it is sampled."""
    header = f"00-{_TRACE}-{_SPAN}-00"

    assert context.read(header) == _GIVEN
    assert _GIVEN.header == header


def test_a_version_to_come_is_read_as_far_as_it_is_known() -> None:
    """As the standard asks for."""
    assert context.read(f"cc-{_TRACE}-{_SPAN}-00-what the future brings") == _GIVEN


@pytest.mark.parametrize(
    "header",
    [
        None,
        7,
        [f"00-{_TRACE}-{_SPAN}-01"],
        "",
        f"00-{_TRACE}-{_SPAN}",
        f"00-{_TRACE}-{_SPAN}-01-more",
        f"cc-{_TRACE}-{_SPAN}-01more",
        f"ff-{_TRACE}-{_SPAN}-01",
        f"00-{_TRACE.upper()}-{_SPAN}-01",
        f"00-{'0' * 32}-{_SPAN}-01",
        f"00-{_TRACE}-{'0' * 16}-01",
        f" 00-{_TRACE}-{_SPAN}-01",
        f"cc-{_TRACE}-{_SPAN}-01-{'x' * 200}",
    ],
)
def test_what_is_no_trace_is_ignored(header: object) -> None:
    """Whoever sent it gets a new one, and no error."""
    assert context.read(header) is None


def test_new_traces_differ_and_can_be_read() -> None:
    """By anybody who follows the standard."""
    first, second = context.made(), context.made()

    assert first.trace_id != second.trace_id
    assert context.read(first.header) == first


def test_what_is_sent_of_a_store_carries_its_trace() -> None:
    """And nothing does before or after."""
    assert headers_for("coleta.drain_inbox", "acme") == {}
    with carrying("acme", _GIVEN):
        assert headers_for("coleta.drain_inbox", "acme") == {"traceparent": _GIVEN.header}
        assert headers_for("coleta.drain_inbox", "other") == {}
    assert headers_for("coleta.drain_inbox", "acme") == {}


def test_a_drain_that_hints_at_itself_begins_a_new_trace() -> None:
    """A busy store would else be one trace for ever; another drain goes on with it."""
    with carrying("acme", _GIVEN), structlog.contextvars.bound_contextvars(task="coleta.drain_inbox"):
        assert headers_for("coleta.drain_inbox", "acme") == {}
        assert headers_for("coleta.request_pickups", "acme") == {"traceparent": _GIVEN.header}
