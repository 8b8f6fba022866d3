"""The API's description."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.fixtures.door_calls import ALL
from tests.unit.entrypoints.web.world import World

DESCRIPTION: dict[str, Any] = World().run(lambda client: client.get("/openapi.json")).json()
DOORS = {path: item["post"] for path, item in DESCRIPTION["paths"].items() if "post" in item}
EACH = pytest.mark.parametrize("path", sorted(DOORS))


def _validator(schema: dict[str, Any]) -> Any:  # noqa: ANN401 - jsonschema's protocol
    return Draft202012Validator({**schema, "components": DESCRIPTION["components"]})


def test_the_description_has_every_door() -> None:
    """And nothing else that takes a body."""
    assert set(DOORS) == {door.path("{store}", "{marketplaceOrderId}") for door in ALL}


@EACH
def test_a_door_says_what_it_is_for_and_who_may_enter(path: str) -> None:
    """By header or query."""
    door = DOORS[path]

    assert door["summary"]
    assert door["description"]
    assert door["security"] == [{"header": []}, {"query": []}]
    schemes = DESCRIPTION["components"]["securitySchemes"]
    assert (schemes["header"]["scheme"], schemes["query"]["in"], schemes["query"]["name"]) == (
        "bearer",
        "query",
        "token",
    )


@EACH
def test_a_door_names_every_status_with_schema_and_example(path: str) -> None:
    """Each example is one of its schema."""
    success = "202" if path.startswith("/v1/") else "200"
    responses = DOORS[path]["responses"]

    assert set(responses) == {success, "400", "401", "404", "408", "413", "422", "503"}
    for answer in responses.values():
        assert answer["description"]
        content = answer["content"]["application/json"]
        _validator(content["schema"]).validate(content["example"])
    assert "Retry-After" in responses["503"]["headers"]
    assert "WWW-Authenticate" in responses["401"]["headers"]


@EACH
def test_a_door_describes_its_body_with_examples(path: str) -> None:
    """Each example is one of the schema; so is no number, and no list of them."""
    content = DOORS[path]["requestBody"]["content"]["application/json"]
    validator = _validator(content["schema"])

    assert content["examples"]
    for example in content["examples"].values():
        validator.validate(example["value"])
    assert not any(validator.is_valid(body) for body in (7, [7], "text"))


def test_at_a_door_an_event_need_not_name_its_store() -> None:
    """Nor a cancel at its own door what it is."""
    schemas = DESCRIPTION["components"]["schemas"]

    assert schemas["OrderInvoiced"]["required"] == ["order_id", "occurred_at", "invoice"]
    assert set(schemas["OrderCanceled"]["required"]) == {"event", "order_id", "occurred_at"}
    assert set(schemas["CancelOfOrder"]["required"]) == {"order_id", "occurred_at"}
