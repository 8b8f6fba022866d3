"""Hands native events in, for seller and demo: over HTTP, into the inbox as `coleta send` does, as a Celery task."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from worker.bootstrap import Service
from worker.entrypoints.cli.sending import Sender
from worker.entrypoints.up.sandbox_stores import Door
from worker.ports import InboxFullError

_TIMEOUT_SECONDS = 10.0


class NotTakenError(Exception):
    """A door did not take an event, or nobody knows whether it did; the text says why, without a secret."""


class HandingIn:
    """The native doors of a service, whose web process answers `web`."""

    def __init__(self, service: Service, app: Celery, web: httpx.Client) -> None:
        self._service = service
        self._app = app
        self._web = web
        self._sender = Sender(service, app)

    def __call__(self, door: Door, store: str, event: Mapping[str, Any]) -> None:
        """Hand an event in, if this door is one of them; what is for the inbox waits for `flush`.

        Raises `NotTakenError`.
        """
        with _refusals():
            if door == "native over HTTP":
                self._post(store, event)
            elif door == "native in the inbox":
                reason = self._sender.take(event)
                if reason is not None:
                    raise NotTakenError(f"the event was rejected: {reason}")
            elif door == "Celery task":
                self._app.send_task("coleta.order_invoiced", args=[dict(event)], ignore_result=True)

    def flush(self) -> None:
        """Put into the inbox what waits for it; raises `NotTakenError`."""
        with _refusals():
            self._sender.flush()

    def _post(self, store: str, event: Mapping[str, Any]) -> None:
        kind = "order-canceled" if event.get("event") == "OrderCanceled" else "order-invoiced"
        ingress = self._service.store(store).ingress
        headers = {} if ingress is None else {"Authorization": f"Bearer {ingress.token}"}
        answer = self._web.post(f"/v1/{store}/{kind}", json=dict(event), headers=headers)
        if not answer.is_success:
            raise NotTakenError(f"the door answered {answer.status_code}: {answer.text}")


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise NotTakenError(f"the web process does not take events ({error})") from error
    except (RedisError, InboxFullError) as error:
        raise NotTakenError(f"the inbox does not take events ({error})") from error
    except OperationalError as error:
        raise NotTakenError(f"the broker does not take messages ({error})") from error


@contextmanager
def native_doors(service: Service, app: Celery, web_url: str) -> Iterator[HandingIn]:
    """Give the native doors; nothing connects before it is used."""
    with httpx.Client(base_url=web_url, timeout=_TIMEOUT_SECONDS, trust_env=False) as web:
        yield HandingIn(service, app, web)
