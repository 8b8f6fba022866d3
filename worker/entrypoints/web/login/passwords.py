"""The passwords of the pages as settings and stores file say now: which pages each of them opens."""

import hmac
from collections.abc import Mapping
from hashlib import sha256

from worker.adapters.redis_ledger.keys import NO_STORE
from worker.bootstrap import Service

EVERY_STORE = NO_STORE
"""The scope of the administrator; no store can have this name. Every other scope is a store's name."""


def passwords(service: Service) -> Mapping[str, str]:
    """Return the password of each scope that has one."""
    admin = service.settings.admin_password
    known = {EVERY_STORE: admin.get_secret_value()} if admin is not None else {}
    for name, store in service.stores.items():
        if store.ingress is not None and store.ingress.pages_password is not None:
            known[name] = store.ingress.pages_password
    return known


def scope_of(given: str, known: Mapping[str, str]) -> str | None:
    """Return the scope that a password opens, None if it opens none. Compares with all, whichever fits."""
    said = sha256(given.encode()).digest()
    found = None
    for scope, password in known.items():
        if hmac.compare_digest(said, sha256(password.encode()).digest()):
            found = scope
    return found
