"""Secrets and customer data, while everything that would let them out really speaks."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import quote

import httpx

from tests.faults.outcome import Broken, Row, Run
from tests.faults.scenarios import Scenario
from tests.faults.secrecy_world import REFUSING, STORES, WRONG, SecretiveService
from tests.fixtures import clumsy, customer_data, door_calls
from tests.fixtures.running_service import running
from worker.domain.order import Status
from worker.sandbox.sales import NewSale

_ORDERS = 3
_AT_ONCE = 3
_SECONDS = 10.0
# Of the commands in the short cut.
_FEW = 6
# An event that can be read, with a customer in it that nobody asked for; one that cannot; and what is no event.
_NATIVE = {"order_id": "BWW-Submarino-9", "occurred_at": "2026-11-20T12:00:00Z", "invoice": {"number": "1"}}
_BAD = {**customer_data.FIELDS, "order_id": "BWW-Submarino-8", "occurred_at": "yesterday"}
_HOOKED = {"Domain": "Marketplace", "OrderId": clumsy.ORDER, "State": "invoiced", "LastChange": "2026-11-20T12:00:00Z"}
# A place that speaks of its trouble, and the words by which it is known that it did.
_PROVOKED = {
    "SkyHub answers 401": ("log of worker", "SkyHub answered 401"),
    "the OMS answers 403": ("log of worker", "VTEX OMS answered 403"),
    "Pick and Pack's tokens answer 401": ("log of worker", "token service answered 401"),
    "a task breaks": ("log of worker", clumsy.WORDS),
    "a task of no known name": ("log of worker", "coleta.order_misspelled"),
    "a task with an event that cannot be read": ("log of worker", "occurred_at: found 'yesterday'"),
    "a door breaks": ("log of web", clumsy.WORDS),
    "a door refuses a body": ("log of web", "door.refused"),
    "a door refuses a token": ("log of web", "401"),
    "a worker with a wrong password of Redis": ("log of worker-wrong-redis", "correct the user and the password"),
    "a worker with a wrong password of its broker": ("log of worker-wrong-broker", "Cannot connect to redis://"),
    "beat without a broker": ("log of beat-broker-away", "Connection refused"),
    "beat without a RabbitMQ": ("log of beat-rabbit-away", "Connection refused"),
    "a probe without Redis": ("readyz, wrong password", "does not answer"),
    "a command with a wrong password of Redis": ("orders, wrong password", "coleta: "),
    "a command over TLS to a server without": ("orders, no TLS there", "coleta: "),
    "a command without a broker": ("send, broker away", "hint.not_sent"),
    "a command with a malformed address": ("orders, malformed address", "COLETA_BROKER_URL is "),
    "a command with a malformed stores file": ("orders, malformed stores", "coleta: "),
    "a command that shows what was rejected": ("rejected list", "BWW-Submarino-8"),
    "a command that reconciles where SkyHub refuses": ("reconcile", "401"),
}
# What only the whole run provokes.
_LONG = (
    "a worker with a wrong password of Redis",
    "beat without a broker",
    "a command over TLS to a server without",
    "a command with a malformed stores file",
    "a command that reconciles where SkyHub refuses",
)


def perform(run: Run) -> list[Row]:
    """Provoke everything, then search all of it."""
    with running(SecretiveService(run.folder)) as service:
        service.start()
        service.start_misled(few=run.short)
        sold = _sell(service)
        _knock(service)
        _send_astray(service)
        service.until(partial(_asked, service), "the probe of a web that is misled answers")
        service.becomes(sold, Status.REQUESTED)
        commands = _commands(service, sold[0])
        _command(service, dict(list(commands.items())[: _FEW if run.short else None]))
        provoked = {name: words for name, words in _PROVOKED.items() if not run.short or name not in _LONG}
        silent = partial(_silent, service, provoked)
        service.until(lambda: not silent(), "everything that was provoked speaks")
        if not run.short:
            service.run_up()
        leaks = service.leaks()
        assert leaks == [], f"{len(leaks)} leaks: {leaks[:20]}"
        confirmed = service.confirmed(sold)
        places = len(list(service.outputs()))
    return [
        Row(
            part="Secure by default",
            failure="secrets and customer data in any output",
            how="counterparties that say keys back, wrong passwords, addresses that lead nowhere, crashes with secrets"
            " in hand, bodies full of customer data: every log, output, answer and key of Redis is searched",
            orders=len(sold),
            landed=len(provoked),
            requesting=None,
            broken=Broken(lost=confirmed.count(0), twice=sum(times > 1 for times in confirmed)),
            note=f"{places} outputs and keys searched, none of {len(service.secrets)} secrets and no customer found;"
            " what is said does not depend on orders under way",
        )
    ]


def _sell(service: SecretiveService) -> list[NewSale]:
    """Sell orders in every store, told by hook and push; those of `acme` shall be requested."""
    healthy: list[NewSale] = []
    for store in STORES:
        service.connect("hook", "connector", store=store)
        sold = service.sell(_ORDERS if store == "acme" else 1, store)
        healthy += sold if store == "acme" else []
        for sale in sold:
            service.bill(sale, "A", store=store)
            service.bill(sale, "B", store=store)
    return healthy


def _knock(service: SecretiveService) -> None:
    """Post what is full of customer data, or of secrets, to every door; what they answer is searched, too."""
    with httpx.Client(base_url=service.web, trust_env=False, timeout=_SECONDS) as client:
        known = {"Authorization": f"Bearer {service.token()}"}

        def post(path: str, body: object, headers: dict[str, str], name: str) -> None:
            service.note(f"answer of {name}", client.post(path, json=body, headers=headers))

        for door in door_calls.ALL:
            path = door.path("acme", "BWW-Submarino-7")
            good = {**customer_data.FIELDS, **door.content("BWW-Submarino-7")}
            post(path, good, known, door.name)
            post(path, _BAD, known, f"{door.name} to what is no event")
            post(f"{path}?token={quote(WRONG)}", good, {}, f"{door.name} to a stranger")
        post("/vtex/acme/hook", {**_HOOKED, **customer_data.FIELDS}, known, "a door that breaks")
        for path in ("/", "/readyz", "/openapi.json", f"/vtex/x/hook?token={service.token()}"):
            service.note(f"answer of {path.partition('?')[0]}", client.get(path))


def _send_astray(service: SecretiveService) -> None:
    """Send tasks with a customer's data: to a name that nobody knows, and with events that cannot be read."""
    for task, arguments in {
        "coleta.order_misspelled": [{**_NATIVE, **customer_data.FIELDS}],
        "coleta.order_invoiced": [{"store": "acme", **_BAD}],
        "coleta.sweep": [customer_data.FIELDS],
    }.items():
        service.app.send_task(task, args=arguments, queue="inbox")


def _asked(service: SecretiveService) -> bool:
    try:
        service.note("readyz, wrong password", httpx.get(f"{service.misled_web}/readyz", timeout=_SECONDS))
    except httpx.TransportError:
        return False
    return True


def _commands(service: SecretiveService, sale: NewSale) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Return commands as an operator types them, with what is right and with what is wrong; the short cut's first."""
    events = service.folder / "events.ndjson"
    events.write_text("\n".join(json.dumps(line) for line in ({"store": "acme", **_NATIVE}, _BAD)))
    stores = service.folder / "malformed.toml"
    stores.write_text(f'[stores.acme.skyhub]\napi_key = ["{WRONG}"]\nuser_email = {{ pw = "{WRONG}" }}\n')
    wrong = service.redis_url(WRONG)
    return {
        "orders": (["orders", "--json"], {}),
        "stores": (["stores"], {}),
        "rejected list": (["rejected", "list", "--json"], {}),
        "send, broker away": (["send", str(events)], {"BROKER_URL": f"redis://:{REFUSING}@127.0.0.1:1/1"}),
        "orders, wrong password": (["orders"], {"REDIS_URL": wrong}),
        "orders, malformed address": (["orders"], {"BROKER_URL": wrong.replace("/0", "/x")}),
        "orders, malformed stores": (["orders"], {"STORES_FILE": str(stores)}),
        "orders, no TLS there": (["orders"], {"REDIS_URL": service.redis_url(WRONG, "rediss")}),
        "order": (["order", "acme", sale.order_id, "--json"], {}),
        "order of a store that is refused": (["orders", "--store", "barred"], {}),
        "stores as JSON": (["stores", "--json"], {}),
        "reconcile": (["reconcile", "--json"], {}),
        "send": (["send", str(events), "--json"], {}),
    }


def _command(service: SecretiveService, commands: dict[str, tuple[list[str], dict[str, str]]]) -> None:
    def run(name: str) -> None:
        arguments, changed = commands[name]
        done = service.coleta(*arguments, **{f"COLETA_{key}": value for key, value in changed.items()})
        service.said[name] = done.stdout + done.stderr

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(run, commands))


def _silent(service: SecretiveService, provoked: dict[str, tuple[str, str]]) -> list[str]:
    """Return what was provoked and did not speak: nothing would be known of it."""
    told = dict(service.outputs())
    return [name for name, (place, words) in provoked.items() if words not in told.get(place, "")]


SCENARIOS = (Scenario(name="secrecy", perform=perform, seconds=45),)
