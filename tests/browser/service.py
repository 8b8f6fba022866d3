"""A running service whose pages can be entered: by the administrator, and by each store's own people."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import StorageState, StorageStateCookie

from tests.fixtures.deployment import SHORT, stores_file
from tests.fixtures.running_parts import NO_TLS
from tests.fixtures.running_service import RunningService
from worker.sandbox.deployment import SimulatedStore

ADMIN = ""
"""Stands for the administrator, where else a store's name says whose password opened the pages."""

PERSON = "Ana Souza"
# Nothing is looked at again by itself while a test compares what it sees.
_SETTINGS = {**SHORT, "RECONCILE_SECONDS": "3600", "NOT_YET_SECONDS": "30", "NOT_YET_MAX_SECONDS": "60"}


class PagesService(RunningService):
    """Redis and the sandbox run from its opening, each store has doors and a password of its pages."""

    def __init__(self, folder: Path, stores: Sequence[str]) -> None:
        super().__init__(folder, [SimulatedStore(name=store, doors=True) for store in stores], _SETTINGS, doors=True)
        self.secrets |= {_variable(store): password(store) for store in (ADMIN, *stores)}
        self.entered = cache(self._entered)
        """What a browser keeps of a session, which is the same for all that ask."""

    def serve(self, *stores: str) -> None:
        """Name these stores in the stores file; their last table is that of the doors."""
        tables = (
            f'{stores_file([self.simulated[store]], self.sandbox_url)}pages_password = "env:{_variable(store)}"\n'
            for store in stores
        )
        self.file.write_text("".join(tables))

    @contextmanager
    def enter(self, who: str = ADMIN) -> Iterator[httpx.Client]:
        """Give a client that has entered the pages, as a browser does, with a session of its own."""
        origin = {"Origin": self.web}
        with httpx.Client(base_url=self.web, trust_env=False, verify=NO_TLS, headers=origin, timeout=20) as client:
            answer = client.post("/login", data={"name": PERSON, "password": password(who), "next": "/"})
            assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
            yield client

    def _entered(self, who: str) -> StorageState:
        host = urlsplit(self.web).hostname or ""
        with self.enter(who) as client:
            kept = [
                StorageStateCookie(name=cookie.name, value=cookie.value or "", domain=host, path="/")
                for cookie in client.cookies.jar
            ]
        return StorageState(cookies=kept)


def password(who: str) -> str:
    """Return the password that opens a store's pages, or all."""
    return f"pages-password-of-{who or 'the-administrator'}"


def _variable(who: str) -> str:
    return f"{who}_PAGES".upper() if who else "COLETA_ADMIN_PASSWORD"
