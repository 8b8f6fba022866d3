"""Where keys are sent: to the counterparty that the stores file names, under its name, over TLS, and nowhere else."""

import json
from collections.abc import Callable
from contextlib import suppress

import certifi
import pytest

from tests.fixtures.certificates import Authority
from tests.fixtures.raw_server import client
from tests.fixtures.scripted_server import Reply, Request, Scripted, Serve, serve
from tests.fixtures.skyhub_account import skyhub_account
from worker.adapters.http import HttpClient
from worker.adapters.pick_and_pack import PickAndPackApi, PickAndPackSettings
from worker.adapters.skyhub import SkyHubApi, SkyHubRateKeys
from worker.adapters.vtex_oms import VtexOms, VtexSettings
from worker.domain.confirmation import NoEffect
from worker.ports import PermanentError, TransientError

__all__ = ["client", "serve"]

_SECONDS = 5.0
_BODY = json.dumps({"data": "token-secret", "orders": []}).encode()
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


def _fine(_: Request) -> Reply:
    return Reply(body=_BODY)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Give an authority that no machine knows."""
    return Authority(tmp_path_factory.mktemp("tls") / "authority")


@pytest.fixture
def encrypted(authority: Authority, serve: Serve) -> Scripted:
    """Give an HTTPS server whose certificate that authority issued."""
    return serve(_fine, authority)


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
    encrypted: Scripted, authority: Authority, client: HttpClient, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Nor do the variables help that let other programs trust it: nobody is trusted by accident."""
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(authority.own.file))
    monkeypatch.setenv("PYTHONHTTPSVERIFY", "0")

    assert _NOT_TRUSTED in _refused(call, f"https://localhost:{encrypted.port}", client)
    assert encrypted.requests == []


@each_call
def test_no_key_goes_to_a_server_of_another_name(
    encrypted: Scripted, authority: Authority, client: HttpClient, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Its authority is known here, and its certificate is right for `localhost`: under any other name it is refused."""
    monkeypatch.setattr(certifi, "where", lambda: str(authority.own.file))
    assert _NOT_TRUSTED in _refused(call, f"https://127.0.0.1:{encrypted.port}", client)
    assert encrypted.requests == []
    with suppress(TransientError, PermanentError):  # the answer is none of this counterparty's
        CALLS[call](f"https://localhost:{encrypted.port}", client)
    assert encrypted.requests


@each_call
def test_no_redirect_is_followed(serve: Serve, client: HttpClient, call: str) -> None:
    """Whoever answers so may send keys wherever it likes; the other server is not asked at all."""
    statuses = iter((301, 302, 303, 307, 308))

    other = serve(_fine)

    def moved(request: Request) -> Reply:
        if call == "Pick and Pack's status" and request.path.startswith("/auth"):
            return _fine(request)
        return Reply(next(statuses), headers={"Location": f"http://localhost:{other.port}{request.path}"})

    server = serve(moved)
    for _ in range(5):
        with suppress(TransientError, PermanentError):
            CALLS[call](server.url, client)
    assert next(statuses, None) is None, "each was answered"
    assert other.requests == []
