"""Hands native events in: over HTTP, into the inbox as `coleta send` does, or as a Celery task."""

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

    def __call__(self, door: Door, store: str, event: Mapping[str, Any]) -> None:
        """Hand an event in, if this door is one of them; raises `NotTakenError`."""
        try:
            if door == "native over HTTP":
                self._post(store, event)
            elif door == "native in the inbox":
                self._send(event)
            elif door == "Celery task":
                self._app.send_task("coleta.order_invoiced", args=[dict(event)], ignore_result=True)
        except httpx.HTTPError as error:
            raise NotTakenError(f"the web process does not take events ({error})") from error
        except (RedisError, InboxFullError) as error:
            raise NotTakenError(f"the inbox does not take events ({error})") from error
        except OperationalError as error:
            raise NotTakenError(f"the broker does not take messages ({error})") from error

    def _post(self, store: str, event: Mapping[str, Any]) -> None:
        kind = "order-canceled" if event.get("event") == "OrderCanceled" else "order-invoiced"
        ingress = self._service.store(store).ingress
        headers = {} if ingress is None else {"Authorization": f"Bearer {ingress.token}"}
        self._web.post(f"/v1/{store}/{kind}", json=dict(event), headers=headers).raise_for_status()

    def _send(self, event: Mapping[str, Any]) -> None:
        sender = Sender(self._service, self._app)
        sender.take(event)
        sender.flush()


@contextmanager
def native_doors(service: Service, app: Celery, web_url: str) -> Iterator[HandingIn]:
    """Give the native doors; nothing connects before it is used."""
    with httpx.Client(base_url=web_url, timeout=_TIMEOUT_SECONDS, trust_env=False) as web:
        yield HandingIn(service, app, web)
