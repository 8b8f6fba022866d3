"""What `coleta up` says once everything runs."""

from collections.abc import Iterable, Mapping

from config.settings import Settings
from config.urls import without_password
from worker.entrypoints.listening import http_url, own_url

_STORES_NAMED = 5


def facts(settings: Settings, stores: Iterable[str], workers: int, *, sandbox: bool) -> dict[str, str]:
    """Return by name where the web listens, how many workers there are, which stores, and where the data is."""
    return {
        "web": http_url(settings.web_host, settings.web_port),
        "workers": str(workers),
        "stores": _named(sorted(stores)),
        "data": str(settings.data_dir) if settings.redis_url is None else without_password(settings.redis_url),
        **({"orders": _other_commands(settings)} if sandbox else {}),
    }


def summary(facts: Mapping[str, str]) -> str:
    """Return the facts as lines, below how it ends."""
    return "\n".join(["all runs; Ctrl-C stops it", *(f"{name:8} {said}" for name, said in facts.items())])


def pages_opened(settings: Settings, password: str) -> str:
    """Return the sentence that tells a person the password that was made for this start."""
    return f"pages at {own_url(settings)} · password {password} (made for this start; COLETA_ADMIN_PASSWORD sets yours)"


def _named(stores: list[str]) -> str:
    more = len(stores) - _STORES_NAMED
    return ", ".join(stores[:_STORES_NAMED]) + (f" and {more} more" if more > 0 else "")


def _other_commands(settings: Settings) -> str:
    if settings.redis_url is None:
        return "coleta orders (in another terminal, in this directory)"
    return f"COLETA_STORES_FILE={settings.stores_file.absolute()} coleta orders"
