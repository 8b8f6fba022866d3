"""Traces: the ids by which log lines of several processes belong together, and spans where OpenTelemetry is set up."""
