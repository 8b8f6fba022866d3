"""How what runs on this machine asks the web process."""

from config.settings import Settings
from worker.entrypoints.listening import LOOPBACK, http_url

# Where a process listens that listens everywhere: no address to call.
_EVERYWHERE = {"": LOOPBACK, "0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 - nothing is opened by it


def own_url(settings: Settings) -> str:
    """Return the web process's address."""
    return http_url(_EVERYWHERE.get(settings.web_host, settings.web_host), settings.web_port)


def own_name(settings: Settings) -> str:
    """Return the name by which a request to that address asks for it: the host, an IPv6 address in brackets."""
    return own_url(settings).removeprefix("http://").rpartition(":")[0]
