"""What each of SkyHub's four calls asks for and does, apart from HTTP's own checks."""

from collections.abc import Callable, Iterable

from starlette.requests import Request

from worker.sandbox.answers import Answer, error_answer, json_answer
from worker.sandbox.faults import Fault
from worker.sandbox.forms import FormError, build, form
from worker.sandbox.performing import BadCallError, Understood
from worker.sandbox.settings import Settings
from worker.sandbox.skyhub.account import PAGE_SIZE, Seller
from worker.sandbox.skyhub.documents import confirmation_document, list_row, order_document
from worker.sandbox.skyhub.orders import Listing, Order

LARGEST_PAGE = 100
"""Of `GET /orders`; a larger `per_page` is cut to this."""


@form
class _ConfirmationForm:
    order_codes: tuple[str, ...]


async def read_collectables(request: Request, seller: Seller) -> Understood:
    """`GET /shipments/b2w/collectables`: `requested` is mandatory, `offset` is a page number."""
    listings: dict[str | None, Listing] = {"true": "requested", "false": "open"}
    listing = listings.get(request.query_params.get("requested"))
    if listing is None:
        raise BadCallError(error_answer(422, "requested must be true or false"))
    number = _positive(request, "offset", 1)

    def act(_settings: Settings, now: float) -> Answer:
        return _page(seller.page(listing, number, now))

    def bent(fault: Fault, now: float) -> Callable[[Settings], Answer] | None:
        true, shown = seller.page(listing, number, now), _bent(fault, seller, listing, number, now)
        return None if shown == true else lambda _settings: _page(shown)

    return Understood(lambda now: _codes_of(seller.page(listing, number, now)), act, listing, bent)


def _page(orders: Iterable[Order]) -> Answer:
    return json_answer(200, {"orders": [list_row(order) for order in orders]})


def _bent(fault: Fault, seller: Seller, listing: Listing, number: int, now: float) -> list[Order]:
    """Return a page's orders as the fault's `rows` say."""
    page = seller.page(listing, number, now)
    match fault.rows:
        case "doubled":
            return [order for order in page for _ in range(2)]
        case "skipped" if number > 1:
            return [*page[1:], *seller.page(listing, number + 1, now)[:1]]
        case "repeated" if number > 1 and page:
            return [*seller.page(listing, number - 1, now)[-1:], *page[: PAGE_SIZE - 1]]
        case "both" if number == 1:
            other: Listing = "open" if listing == "requested" else "requested"
            return [*page, *seller.page(other, number, now)]
        case _:
            return page


async def read_confirm(request: Request, seller: Seller) -> Understood:
    """`POST /shipments/b2w/confirm_collection`: remote codes, all or none unless the settings say otherwise."""
    try:
        codes = build(_ConfirmationForm, await request.json()).order_codes
    except FormError as error:
        raise BadCallError(error_answer(422, str(error))) from error
    except ValueError as error:
        raise BadCallError(error_answer(400, "the body is not JSON in UTF-8")) from error
    if not codes:
        raise BadCallError(error_answer(422, "order_codes is empty"))

    def act(settings: Settings, now: float) -> Answer:
        confirmation = seller.confirm(codes, settings, now)
        refusal_status = 200 if settings.refusal_with_200 else 422
        return json_answer(refusal_status if confirmation.refused else 201, confirmation_document(confirmation))

    def bent(fault: Fault, now: float) -> Callable[[Settings], Answer] | None:
        if fault.takes is None or fault.takes >= len(codes):
            return None
        return lambda settings: json_answer(
            201, confirmation_document(seller.confirm(codes[: fault.takes], settings, now))
        )

    known = [order for code in codes if (order := seller.find(code))]
    return Understood(lambda _now: _codes_of(known) | set(codes), act, bent=bent)


async def read_order(request: Request, seller: Seller) -> Understood:
    """`GET /orders/{code}`: the full code only."""
    code = request.path_params["code"]
    order = seller.orders.get(code)

    def act(_settings: Settings, _now: float) -> Answer:
        return error_answer(404, "Order not found") if order is None else json_answer(200, order_document(order))

    return Understood(lambda _now: _codes_of([order]) if order else {code}, act)


async def read_orders(request: Request, seller: Seller) -> Understood:
    """`GET /orders`: full orders by page, filtered by status codes."""
    statuses = request.query_params.getlist("filters[statuses][]")
    number = _positive(request, "page", 1)
    size = min(_positive(request, "per_page", LARGEST_PAGE), LARGEST_PAGE)

    def act(_settings: Settings, _now: float) -> Answer:
        total, orders = seller.status_page(statuses, number, size)
        return json_answer(200, {"total": total, "orders": [order_document(order) for order in orders]})

    return Understood(lambda _now: _codes_of(seller.status_page(statuses, number, size)[1]), act)


def _positive(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or int(text) < 1:
        raise BadCallError(error_answer(422, f"{name} must be a number from 1"))
    return int(text)


def _codes_of(orders: Iterable[Order]) -> set[str]:
    return {code for order in orders for code in (order.code, order.remote_code)}
