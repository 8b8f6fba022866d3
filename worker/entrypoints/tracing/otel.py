"""Spans for OpenTelemetry, sent by a thread of its own: a collector that is away costs spans and nothing else.

No global provider is set, so that no library adds spans of its own. Of a call its method, address and path are told,
of a failure its kind: no query, header, body or text of an exception.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from importlib.metadata import version
from urllib.parse import urlsplit

from opentelemetry import trace as api
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from worker.adapters.http import Answer, Call, CallFailed, HttpClient
from worker.entrypoints.tracing import context
from worker.entrypoints.tracing.context import Trace
from worker.entrypoints.tracing.spans import Kind, Span

# What the last spans get when the process ends.
_STOP_SECONDS = 1.0
_FAILED = 400
_KINDS = {Kind.DOOR: SpanKind.SERVER, Kind.TASK: SpanKind.CONSUMER, Kind.CALL: SpanKind.CLIENT}

_open: ContextVar[api.Span | None] = ContextVar("open_span", default=None)


class OtelTracer:
    """Sends spans to a collector at `endpoint`, as process `name` of the service."""

    def __init__(self, endpoint: str, name: str) -> None:
        told = {"service.name": "coleta", "service.version": version("coleta"), "coleta.process": name}
        provider = TracerProvider(resource=Resource.create(told), shutdown_on_exit=False)
        self._sender = BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces"))
        provider.add_span_processor(self._sender)
        self._tracer = provider.get_tracer("coleta")

    def begin(self, name: str, kind: Kind, parent: Trace | None, attributes: Mapping[str, str | int]) -> Span:
        """Begin a span under this place, or a new trace."""
        within = api.set_span_in_context(api.NonRecordingSpan(_place(parent))) if parent is not None else None
        span = self._tracer.start_span(name, within, _KINDS[kind], attributes)
        if kind is not Kind.CALL:
            _open.set(span)
        return _OtelSpan(span)

    def client(self) -> HttpClient:
        """Return a client whose calls are spans."""
        return _TracedClient(self)

    def stop(self) -> None:
        """Send what waits, within a second or not at all."""
        ending = threading.Thread(target=self._sender.shutdown, daemon=True)  # it waits for a collector for 30 s
        ending.start()
        ending.join(_STOP_SECONDS)


class _OtelSpan:
    def __init__(self, span: api.Span) -> None:
        self._span = span
        place = span.get_span_context()
        self.trace = Trace(
            api.format_trace_id(place.trace_id), api.format_span_id(place.span_id), f"{place.trace_flags:02x}"
        )

    def end(self, name: str = "", error: str = "", **attributes: str | int) -> None:
        self._span.set_attributes(attributes)
        if name:
            self._span.update_name(name)
        if error:
            self._span.set_status(Status(StatusCode.ERROR, error))
        self._span.end()
        if _open.get() is self._span:
            _open.set(None)


class _TracedClient(HttpClient):
    """Tells of each call that belongs to a trace."""

    def __init__(self, tracer: OtelTracer) -> None:
        super().__init__()
        self._tracer = tracer

    def call(self, request: Call, *, timeout: float, may_send: Callable[[], bool] | None = None) -> Answer:
        """See `HttpClient.call`."""
        place = context.current()
        if place is None:
            return super().call(request, timeout=timeout, may_send=may_send)
        parts = urlsplit(request.url)
        asked = {"http.request.method": request.method, "server.address": parts.hostname or "", "url.path": parts.path}
        span = self._tracer.begin(f"{request.method} {parts.hostname}", Kind.CALL, place, asked)
        try:
            answer = super().call(request, timeout=timeout, may_send=may_send)
        except CallFailed as failure:
            span.end(error=failure.reason)
            raise
        told = {"http.response.status_code": answer.status}
        span.end("", str(answer.status) if answer.status >= _FAILED else "", **told)
        return answer


class OrdersNoted(logging.Handler):
    """Notes a log line that names orders in the span in which it is written, so that a trace is found by its order."""

    def emit(self, record: logging.LogRecord) -> None:
        """Note the event and its orders, and no other field."""
        span, said = _open.get(), record.msg
        if span is None or not isinstance(said, dict):
            return
        named = {key: said[key] for key in ("order_id", "order_ids", "due_ids") if said.get(key)}
        if named:
            span.add_event(str(said.get("event")), named)


def _place(parent: Trace) -> SpanContext:
    return SpanContext(
        int(parent.trace_id, 16), int(parent.span_id, 16), is_remote=True, trace_flags=TraceFlags(int(parent.flags, 16))
    )
