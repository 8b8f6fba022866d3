"""The embedded server: a Redis of our own in DATA_DIR, for one machine, as durable as the shipped one."""

from worker.entrypoints.embedded.naming import server_named
from worker.entrypoints.embedded.program import EmbeddedServerError
from worker.entrypoints.embedded.server import EmbeddedServer, is_silent, running_url, start_embedded

__all__ = ["EmbeddedServer", "EmbeddedServerError", "is_silent", "running_url", "server_named", "start_embedded"]
