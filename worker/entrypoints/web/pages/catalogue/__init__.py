"""The sentences that the service can say, as templates: a place in braces, of a kind that `places.PLACES` names.

A template is written as the code writes its f-string; `tests/unit/entrypoints/web/pages` holds the two against each
other.
"""

from worker.entrypoints.web.pages.catalogue import acting, counterparties, events, orders, stores

SAID_BY_CODE = (*orders.TEMPLATES, *stores.TEMPLATES, *counterparties.TEMPLATES, *events.TEMPLATES, *acting.TEMPLATES)
TEMPLATES = (*SAID_BY_CODE, *events.FAULTS)
