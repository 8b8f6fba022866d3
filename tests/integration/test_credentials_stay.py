"""Where keys are sent: to the counterparty that the stores file names, under its name, over TLS, and nowhere else."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import certifi
import pytest

from tests.fixtures.certificates import Authority
from tests.fixtures.raw_server import client
from tests.fixtures.skyhub_account import skyhub_account
from worker.adapters.http import HttpClient
from worker.adapters.pick_and_pack import PickAndPackApi, PickAndPackSettings
from worker.adapters.skyhub import SkyHubApi, SkyHubRateKeys
from worker.adapters.vtex_oms import VtexOms, VtexSettings
from worker.domain.confirmation import NoEffect
from worker.ports import PermanentError, TransientError

__all__ = ["client"]

_SECONDS = 5.0
_KEYS = SkyHubRateKeys("shipments", "orders", "order")
_NOT_TRUSTED = "certificate is not trusted"


class _NoLimit:
    def wait(self, _key: str, *, interval: float, deadline: float) -> bool:  # noqa: ARG002 - the port's
        return True


def _skyhub(url: str, client: HttpClient) -> SkyHubApi:
    return SkyHubApi(skyhub_account(base_url=url, timeout=_SECONDS), client, _NoLimit(), _KEYS)


def _oms(url: str, client: HttpClient) -> VtexOms:
    return VtexOms(VtexSettings(url, "key-secret", "token-secret", timeout=_SECONDS), client)


def _picking(url: str, client: HttpClient) -> PickAndPackApi:
    return PickAndPackApi(PickAndPackSettings(f"{url}/auth", url, "pick-secret", timeout=_SECONDS), client)


Ask = Callable[[str, HttpClient], object]
# Every call with a key or a token in it.
CALLS: dict[str, Ask] = {
    "SkyHub's list": lambda url, client: _skyhub(url, client).collectables(requested=False, page=1),
    "SkyHub's confirmation": lambda url, client: _skyhub(url, client).confirm(["1"], lambda: True),
    "SkyHub's order": lambda url, client: _skyhub(url, client).order("Submarino-1"),
    "SkyHub's invoiced orders": lambda url, client: _skyhub(url, client).invoiced_orders(1),
    "the OMS's order": lambda url, client: _oms(url, client).order("BWW-Submarino-1"),
    "the OMS's feed": lambda url, client: _oms(url, client).feed(),
    "the OMS's commit": lambda url, client: _oms(url, client).commit(["handle"]),
    "Pick and Pack's token": lambda url, client: _picking(url, client).status("BWW-Submarino-1"),
    "Pick and Pack's status": lambda url, client: _picking(url, client).status("BWW-Submarino-1"),
}
each_call = pytest.mark.parametrize("call", CALLS)


class _Server:
    """Answers what `answer` says of a path: a status and headers; keeps what it was asked."""

    def __init__(self, answer: Callable[[str], tuple[int, dict[str, str]]], authority: Authority | None) -> None:
        asked: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                asked.append(self.path)
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers = answer(self.path)
                body = json.dumps({"data": "token-secret", "orders": []}).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer  # noqa: N815 - http.server's names

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_: Any) -> None:  # noqa: ANN401 - socketserver's own
                """Say nothing: a client that does not trust it leaves early."""

        self.asked = asked
        self._server = Quiet(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        if authority is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(authority.server.file, authority.server.key)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    @contextmanager
    def running(self) -> Iterator["_Server"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


def _fine(_: str) -> tuple[int, dict[str, str]]:
    return 200, {}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give an authority that no machine knows."""
    return Authority(tmp_path_factory.mktemp("tls") / "authority")


@pytest.fixture(scope="module")
def encrypted(authority: Authority) -> Iterator[_Server]:
    """Give an HTTPS server whose certificate that authority issued."""
    with _Server(_fine, authority).running() as server:
        yield server


def _refused(call: str, url: str, client: HttpClient) -> str:
    """Return why a call was not made; one that was made fails the test."""
    try:
        done = CALLS[call](url, client)
    except TransientError as error:
        return error.reason
    assert isinstance(done, NoEffect), done
    return done.reason


@each_call
def test_no_key_goes_to_a_server_whose_authority_is_not_known(
    encrypted: _Server, authority: Authority, client: HttpClient, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Nor do the variables help that let other programs trust it: nobody is trusted by accident."""
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(authority.own.file))
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")

    assert _NOT_TRUSTED in _refused(call, f"https://localhost:{encrypted.port}", client)
    assert encrypted.asked == []


@each_call
def test_no_key_goes_to_a_server_of_another_name(
    authority: Authority, client: HttpClient, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Its authority is known here, and its certificate is right for `localhost`: under any other name it is refused."""
    monkeypatch.setattr(certifi, "where", lambda: str(authority.own.file))
    with _Server(_fine, authority).running() as server:
        assert _NOT_TRUSTED in _refused(call, f"https://127.0.0.1:{server.port}", client)
        assert server.asked == []
        with suppress(TransientError, PermanentError):  # the answer is none of this counterparty's
            CALLS[call](f"https://localhost:{server.port}", client)
        assert server.asked


@each_call
def test_no_redirect_is_followed(client: HttpClient, call: str) -> None:
    """Whoever answers so may send keys wherever it likes; the other server is not asked at all."""
    statuses = iter((301, 302, 303, 307, 308))

    def moved(path: str) -> tuple[int, dict[str, str]]:
        if call == "Pick and Pack's status" and path.startswith("/auth"):
            return 200, {}
        return next(statuses), {"Location": f"http://localhost:{other.port}{path}"}

    with _Server(_fine, None).running() as other, _Server(moved, None).running() as server:
        for _ in range(5):
            with suppress(TransientError, PermanentError):
                CALLS[call](f"http://127.0.0.1:{server.port}", client)
        assert next(statuses, None) is None, "each was answered"
        assert other.asked == []
