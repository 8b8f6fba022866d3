"""Where a process of this machine may listen, and how it is asked there."""

import socket
from contextlib import suppress

from config.settings import Settings

LOOPBACK = "127.0.0.1"
# Where a process listens that listens everywhere: no address to call.
_EVERYWHERE = {"": LOOPBACK, "0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 - nothing is opened by it


def free_port(preferred: int | None = None) -> int | None:
    """Return a port of the loopback address that nobody listens on now: the preferred one, else any; None: no port."""
    for port in (preferred, 0) if preferred else (0,):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind((LOOPBACK, port))
                return int(probe.getsockname()[1])
    return None


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that accepts connections there; raises `OSError`."""
    kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    accepting = socket.socket(kind, socket.SOCK_STREAM)
    try:
        # Connections of a process that was killed may linger at its address.
        accepting.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        accepting.bind(address)
        accepting.listen()
    except OSError:
        accepting.close()
        raise
    return accepting


def http_url(host: str, port: int) -> str:
    """Return the address of what listens there."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def cannot_listen(host: str, port: int, error: OSError) -> str:
    """Return the sentence on an address where nobody can listen."""
    mend = "end what listens there, or name another one in COLETA_WEB_PORT and COLETA_WEB_HOST"
    return f"{http_url(host, port)} cannot be listened on ({error.strerror or error}): {mend}"


def own_url(settings: Settings) -> str:
    """Return the address at which what runs on this machine asks the web process."""
    return http_url(_EVERYWHERE.get(settings.web_host, settings.web_host), settings.web_port)


def own_name(settings: Settings) -> str:
    """Return the name by which a request to that address asks for it: the host, an IPv6 address in brackets."""
    return own_url(settings).removeprefix("http://").rpartition(":")[0]
