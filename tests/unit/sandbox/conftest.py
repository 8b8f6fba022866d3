"""A real sandbox server on loopback for the whole session, emptied before each test, its time moved by hand."""

import ssl
from collections.abc import Iterator

import httpx
import pytest

from tests.fixtures.running_sandbox import running
from tests.unit.sandbox.manual_time import ManualTime
from tests.unit.sandbox.receiver import Receiver, receiving
from worker.sandbox import create_app
from worker.sandbox.control import SandboxControl

ACCOUNT = "ops@acme.example"
STORE = "acme"


@pytest.fixture(scope="session")
def session_time() -> ManualTime:
    """Return the time of the one server."""
    return ManualTime()


@pytest.fixture(scope="session")
def base_url(session_time: ManualTime) -> Iterator[str]:
    """Serve the sandbox and give its address."""
    with running(create_app(clock=session_time.clock, sleep=session_time.sleep)) as url:
        yield url


@pytest.fixture
def time(session_time: ManualTime) -> Iterator[ManualTime]:
    """Give the sandbox's time, and let it run at the end."""
    session_time.slept.clear()
    yield session_time
    session_time.release()


@pytest.fixture
def account() -> str:
    """Return the registered account's user."""
    return ACCOUNT


@pytest.fixture(scope="session")
def session_control(base_url: str) -> Iterator[SandboxControl]:
    """Give the one control client."""
    with SandboxControl(base_url) as control:
        yield control


@pytest.fixture
def control(session_control: SandboxControl, time: ManualTime) -> SandboxControl:
    """Return the control client of an empty sandbox with one account; the rate limits are off."""
    del time
    session_control.reset()
    session_control.register_account(ACCOUNT, "key", "manager")
    session_control.settings(rate_limits=False)
    return session_control


@pytest.fixture(scope="session")
def tls() -> ssl.SSLContext:
    """Return what every client of httpx would otherwise spend its start on."""
    return ssl.create_default_context()


@pytest.fixture(scope="session")
def anyone(base_url: str, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """Give the client of somebody whom the sandbox does not know."""
    with httpx.Client(base_url=base_url, verify=tls, trust_env=False) as client:
        yield client


@pytest.fixture
def skyhub(base_url: str, control: SandboxControl, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """Give the registered account's client of SkyHub."""
    del control
    headers = {
        "X-User-Email": ACCOUNT,
        "X-Api-Key": "key",
        "X-Accountmanager-Key": "manager",
        "Accept": "application/json",
    }
    with httpx.Client(base_url=base_url, headers=headers, verify=tls, trust_env=False) as client:
        yield client


@pytest.fixture
def store(control: SandboxControl) -> str:
    """Return the name of an account that both the OMS and Pick and Pack have."""
    control.vtex.register_account(STORE, "app-key", "app-token")
    control.pick_and_pack.register_account(STORE, "api-key")
    return STORE


@pytest.fixture
def oms(base_url: str, store: str, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """Give the account's client of the OMS."""
    del store
    headers = {"X-VTEX-API-AppKey": "app-key", "X-VTEX-API-AppToken": "app-token", "Accept": "application/json"}
    with httpx.Client(base_url=f"{base_url}/vtex", headers=headers, verify=tls, trust_env=False) as client:
        yield client


@pytest.fixture
def picking(base_url: str, store: str, tls: ssl.SSLContext) -> Iterator[httpx.Client]:
    """Give a client of Pick and Pack without a token."""
    del store
    with httpx.Client(base_url=f"{base_url}/pick-and-pack", verify=tls, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def session_receiver() -> Iterator[Receiver]:
    """Serve the one receiver."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def receiver(session_receiver: Receiver, control: SandboxControl) -> Receiver:
    """Return the receiver, with nothing in it and nothing on its way."""
    del control
    session_receiver.forget()
    return session_receiver
