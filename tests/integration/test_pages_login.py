"""The login as processes of `coleta web` serve it, with one Redis behind them."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests.fixtures.redis_servers import Servers, redis_servers
from tests.fixtures.running_parts import NO_TLS
from tests.fixtures.running_web import PATIENCE, Web

__all__ = ["redis_servers"]

ADMIN = "password-of-the-administrator"


class _Person:
    """A browser that goes on at whichever process it is sent to."""

    def __init__(self, stack: ExitStack, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client = httpx.Client(trust_env=False, verify=NO_TLS, timeout=PATIENCE, headers=named)
        self._client = stack.enter_context(client)

    def enter(self, web: Web, password: str = ADMIN) -> httpx.Response:
        form = {"password": password, "name": "Maria", "next": "/stores"}
        return self._client.post(f"{web.url}/login", data=form, headers={"Origin": web.url})

    def is_known(self, web: Web) -> bool:
        """Whether the login sends them on."""
        return self._client.get(f"{web.url}/login").status_code == 303


@pytest.fixture(scope="module")
def webs(tmp_path_factory: pytest.TempPathFactory, redis_servers: Servers) -> Iterator[tuple[Web, Web]]:
    """Give two processes; the second one believes proxies on this machine."""
    server = redis_servers.get("valkey")

    def start(**settings: str) -> Web:
        folder = tmp_path_factory.mktemp("web")
        return Web(folder, REDIS_URL=f"redis://127.0.0.1:{server.port}/0", ADMIN_PASSWORD=ADMIN, **settings)

    with ExitStack() as stack:
        plain, behind_proxy = start(), start(TRUSTED_PROXIES="127.0.0.1")
        for web in (plain, behind_proxy):
            stack.callback(web.kill)
            web.expect("/readyz", 200)
        yield plain, behind_proxy


def _told(web: Web, event: str) -> list[dict[str, Any]]:
    return [line for line in web.lines() if line["event"] == event]


def test_a_session_holds_over_processes_and_their_restarts(webs: tuple[Web, Web]) -> None:
    """Entered at one, known at the other, also when the first one was killed and came back."""
    first, second = webs
    with ExitStack() as stack:
        person, stranger = _Person(stack), _Person(stack)
        answer = person.enter(first)

        assert (answer.status_code, answer.headers["Location"]) == (303, "/stores")
        assert (person.is_known(second), stranger.is_known(second)) == (True, False)
        first.kill()
        first.start()
        first.expect("/readyz", 200)
        assert (person.is_known(first), stranger.is_known(first)) == (True, False)


def test_only_a_named_proxy_says_for_whom_it_asks(webs: tuple[Web, Web]) -> None:
    """The server below would believe whoever asks from this machine: then anybody could pass for any address."""
    plain, behind_proxy = webs
    with ExitStack() as stack:
        forwarded = _Person(stack, X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="https")
        assert {forwarded.enter(web, "wrong").status_code for web in webs} == {403}
        addresses = [line["address"] for web in webs for line in _told(web, "visitor.refused")]
        assert addresses == ["127.0.0.1", "203.0.113.9"]

        assert "; Secure" not in forwarded.enter(plain).headers["Set-Cookie"]
        assert "__Host-coleta-session" in forwarded.enter(behind_proxy).headers["Set-Cookie"]
        assert not any(ADMIN in web.text or "Maria" in web.text for web in webs)
