"""schemathesis over the whole description of a running service: what it says is what it does."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.fixtures.redis_servers import NOT_PERSISTENT, required, started
from tests.fixtures.running_web import Web, ingress_token

OPERATIONS = (
    "GET /healthz",
    "GET /metrics",
    "GET /readyz",
    "POST /v1/{store}/order-invoiced",
    "POST /v1/{store}/order-canceled",
    "POST /vtex/{store}/pub/orders/{marketplaceOrderId}/invoice",
    "POST /vtex/{store}/pvt/orders/{marketplaceOrderId}/cancel",
    "POST /vtex/{store}/hook",
    "POST /pick-and-pack/{store}/webhook",
)
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    allow_header_conformance,
]
# These ask several times more.
THOROUGH_CHECKS = [*CHECKS, unsupported_method, ignored_auth]
# Making a case costs a tenth of a second.
QUICKLY = settings(max_examples=25, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Give the process on a Redis of its own."""
    folder = tmp_path_factory.mktemp("described")
    with started(required("valkey"), folder / "redis", *NOT_PERSISTENT) as server:
        web = Web(folder, REDIS_URL=f"redis://127.0.0.1:{server.port}/0")
        try:
            web.expect("/readyz", 200)
            yield web
        finally:
            web.kill()


@pytest.fixture(scope="module")
def description(web: Web) -> Any:  # noqa: ANN401 - schemathesis's schema
    """Give the description that the process shows."""
    return schemathesis.openapi.from_url(f"{web.url}/openapi.json")


def test_the_description_names_every_operation(description: Any) -> None:  # noqa: ANN401 - as above
    """Those that the tests below ask."""
    assert sorted(found.ok().label for found in description.get_all_operations()) == sorted(OPERATIONS)


@pytest.mark.slow
@pytest.mark.parametrize("label", OPERATIONS)
def test_what_is_described_is_what_is_answered(description: Any, label: str) -> None:  # noqa: ANN401 - as above
    """With a valid token: some 2xx, no 5xx, no status and no body that the description does not hold.

    For bodies that follow the description, for those that break it, and for its own examples.
    """
    operation = next(found.ok() for found in description.get_all_operations() if found.ok().label == label)
    door = "{store}" in label
    headers = {"Authorization": f"Bearer {ingress_token('acme')}"} if door else {}
    fixed = {"path_parameters": {"store": "acme"}} if door else {}
    statuses: Counter[int] = Counter()

    def ask(case: Any, checks: list[Any]) -> None:  # noqa: ANN401 - schemathesis's case
        answer = case.call(headers=headers, session=session)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=checks, headers=headers)

    def play(cases: Any, checks: list[Any], rules: settings) -> None:  # noqa: ANN401 - a strategy for cases
        @rules
        @given(cases)
        def played(case: Any) -> None:  # noqa: ANN401 - as above
            ask(case, checks)

        played()

    with requests.Session() as session:
        for mode in GenerationMode if door else (GenerationMode.POSITIVE,):  # nothing of a probe's request can be wrong
            play(operation.as_strategy(mode, **fixed), CHECKS, QUICKLY)
        for strategy in operation.get_strategies_from_examples(**fixed):
            play(strategy, THOROUGH_CHECKS, settings(QUICKLY, max_examples=1))

    assert any(200 <= status < 300 for status in statuses)
    assert not door or 422 in statuses
