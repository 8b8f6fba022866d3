"""Draws pages as a reader in Brazil sees them; writes what is drawn where `COLETA_SCREENSHOTS` names a folder."""

import os
from pathlib import Path
from urllib.parse import quote

from tests.browser.reader import Reader
from worker.adapters.redis_ledger import RedisMeters
from worker.adapters.redis_ledger.processes import RedisProcesses
from worker.ports.processes import Kind, Trace

ZONE = "America/Sao_Paulo"
_FOLDER = os.environ.get("COLETA_SCREENSHOTS", "")


def drawn(reader: Reader, path: str, *, whole: bool = True) -> bytes:
    """Return a picture of a page of a service that works, all of it or as far as the screen shows it."""
    redis = reader.site.service.redis
    worker = Trace(kind=Kind.WORKER, name="worker-1@here", host="here", pid=1, version="1")
    RedisProcesses(redis).note(worker, {"began": 0.0})
    RedisMeters(redis).swept()
    return reader.open(path).screenshot(full_page=whole)


def of_brazil(reader: Reader) -> Reader:
    """Let the browser be one of Brazil, as the pages know it from its last visit."""
    reader.context.add_cookies([{"name": "zone", "value": quote(ZONE, safe=""), "url": reader.site.web}])
    return reader


def write(picture: bytes, name: str) -> None:
    """Write a picture, if there is a folder for it."""
    if not _FOLDER:
        return
    path = Path(_FOLDER) / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture)
