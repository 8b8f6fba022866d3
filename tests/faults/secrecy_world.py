"""A service that has much to keep to itself, and everything that it says or writes, to be searched."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
from redis import Redis

from tests.fixtures import clumsy, customer_data
from tests.fixtures.deployment import MANAGER_KEY, account, api_key, secret
from tests.fixtures.redis_servers import free_port
from tests.fixtures.running_doors import DOORS, RunningDoors
from tests.fixtures.running_up import Up, ending
from worker.adapters.redis_ledger.compact import expand
from worker.sandbox.calls import CallName
from worker.sandbox.faults import Fault
from worker.sandbox.vtex.customers import CUSTOMER_WORDS

# `acme` is well; each of the others has one counterparty that refuses it, or a place of ours that breaks.
STORES = ("acme", "wrong", "barred", "boxed", "clumsy")
# With signs that an address percent-encodes.
_REDIS = "secret/of+redis password"
WRONG = "secret/that+opens nothing"
REFUSING = "secret-of-a-broker-that-is-away"
# Of the misled processes in the short cut.
_FEW = 3
_ECHO = '{{"error": {{"code": "1", "message": "{keys}"}}, "message": "{keys}", "result": "erro"}}'


class SecretiveService(RunningDoors):
    """Its Redis wants a user's password, its web and its worker are clumsy, its counterparties say keys back."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, STORES, DOORS, feeds=("barred",), packed=("boxed",))
        self.said: dict[str, str] = {}
        self.secrets |= {"REDIS": _REDIS, "WRONG": WRONG, "REFUSING": REFUSING, "ADDRESS": clumsy.PASSWORD}

    def open(self) -> None:
        """Start what everything else needs, and let nobody in without a password."""
        super().open()
        with Redis.from_url(self.redis.url) as client:
            client.acl_setuser("coleta", True, passwords=[f"+{_REDIS}"], keys=["*"], channels=["*"], commands=["+@all"])  # noqa: FBT003 - enabled
            client.config_set("requirepass", _REDIS)
        self.variables["COLETA_REDIS_URL"] = self.redis_url(_REDIS)
        self._let_counterparties_refuse()

    def redis_url(self, password: str, scheme: str = "redis", database: int = 0) -> str:
        """Return the address of Redis with this password."""
        return f"{scheme}://coleta:{quote(password, safe='')}@127.0.0.1:{self.redis.port}/{database}"

    def _let_counterparties_refuse(self) -> None:
        """Let each refuse a store's calls, and say back what it was sent."""
        keys = {
            "wrong": [api_key("wrong"), MANAGER_KEY],
            "barred": [secret("barred", "vtex.app_key"), secret("barred", "vtex.app_token")],
            "boxed": [secret("boxed", "pick_and_pack.api_key")],
        }
        calls: dict[str, tuple[str, int, tuple[CallName, ...]]] = {
            "wrong": (account("wrong"), 401, ("collectables", "confirm", "orders", "order")),
            "barred": ("barred", 403, ("oms_order", "feed")),
            "boxed": ("boxed", 401, ("pnp_token",)),
        }
        for store, (name, status, refused) in calls.items():
            body = _ECHO.format(keys=" ".join(keys[store]))
            for call in refused:
                self.sandbox.fault(Fault(call=call, account=name, status=status, body=body, times=None))

    # ---- its processes

    def start(self) -> None:
        """Start the service, clumsy as it is."""
        web = self._start("web", ["-m", "tests.fixtures.clumsy", "web"], self.variables)
        self.until(lambda: "web.started" in web.text, "web answers")
        command = ["-m", "tests.fixtures.clumsy", "celery", "-A", "worker", "worker"]
        worker = self._start("worker", command, self.variables)
        self.until(lambda: " ready." in worker.text, "the worker takes messages")
        self.start_beat()

    def start_misled(self, *, few: bool) -> None:
        """Start processes whose addresses hold passwords that are refused, or lead nowhere."""
        celery = ["-m", "celery", "-A", "worker"]
        wrong = {"REDIS_URL": self.redis_url(WRONG), "WEB_PORT": str(free_port())}
        commands: dict[str, tuple[list[str], dict[str, str]]] = {
            "web-wrong-redis": (["-m", "worker.entrypoints.web"], wrong),
            "beat-rabbit-away": ([*celery, "beat", "-s", "rabbit"], {"BROKER_URL": _away("amqp", "/")}),
            "worker-wrong-broker": (
                [*celery, "worker", "-n", "w@%h"],
                {"BROKER_URL": self.redis_url(WRONG, database=1)},
            ),
            "worker-wrong-redis": ([*celery, "worker"], wrong),
            "beat-broker-away": ([*celery, "beat", "-s", "away"], {"BROKER_URL": _away("redis", "1")}),
        }
        for name, (command, changed) in list(commands.items())[: _FEW if few else None]:
            variables = {f"COLETA_{key}": value for key, value in changed.items()}
            self._start(name, command, {**self.variables, **variables})
        self.misled_web = f"http://127.0.0.1:{wrong['WEB_PORT']}"

    def run_up(self) -> None:
        """Run `coleta up` on a server of its own until its stores are refused; note what it said and what it wrote."""
        folder = self.folder / "shop"
        folder.mkdir()
        settings = {"STORES_FILE": str(self.file), "DATA_DIR": "data", **self._settings, "WEB_PORT": str(free_port())}
        with ending(Up(folder, settings=settings, secrets=self.secrets)) as up:
            up.await_ready()
            token = {"Authorization": f"Bearer {self.token()}"}
            for body in (customer_data.FIELDS, {**customer_data.FIELDS, "OrderId": "1", "State": "invoiced"}):
                answer = httpx.post(f"http://127.0.0.1:{up.port}/vtex/acme/hook", json=body, headers=token, timeout=30)
                self.note("answer of a door of up", answer)
            up.until(
                lambda: "answered 401" in up.text and "answered 403" in up.text, "counterparties refuse its stores"
            )
            kept = [path for path in (folder / "data").rglob("*") if path.is_file() and path.name != "server.json"]
            opened = [path.name for path in (folder / "data", *kept) if path.stat().st_mode & 0o077]
            assert opened == [], f"others may open {opened}"
            self.said |= {f"file {path.name}": path.read_bytes().decode(errors="replace") for path in kept}
            up.interrupt()
            self.said["up"] = up.text

    # ---- all that it says

    def note(self, name: str, answer: httpx.Response) -> None:
        """Keep an answer."""
        self.said[name] = f"{answer.headers} {answer.text}"

    def outputs(self) -> Iterator[tuple[str, str]]:
        """Yield everything that was said or kept, under the name of its place."""
        yield from self.said.items()
        for part in self.parts:
            yield f"log of {part.name}", part.text
        yield from ((f"Redis {key}", text) for key, text in stored(self.redis_url(_REDIS)))

    def leaks(self) -> list[str]:
        """Return where a secret or a word of a customer stands."""
        words = {f"the secret {name}": secret for name, secret in self.secrets.items()}
        words |= {f"the secret {name}, encoded": quote(secret, safe="") for name, secret in self.secrets.items()}
        words |= {f"the customer's {word}": word for word in (*CUSTOMER_WORDS, *customer_data.WORDS)}
        return [f"{what} in {place}" for place, text in self.outputs() for what, word in words.items() if word in text]


def _away(scheme: str, database: str) -> str:
    return f"{scheme}://coleta:{REFUSING}@127.0.0.1:1/{database}"


def stored(url: str) -> Iterator[tuple[str, str]]:
    """Yield each key of both databases with all that it holds, as text: DUMP would pack it, ended documents are."""
    for database in (0, 1):
        with Redis.from_url(url, db=database, decode_responses=True, encoding_errors="replace") as client:
            for key in client.scan_iter("*"):
                yield f"{database} {key}", f"{key} {_held(client, key)}"


def _held(client: "Redis", key: str) -> object:
    match client.type(key):
        case "string" if ":order:" in key:
            document = str(client.get(key)).split(" ", 7)[-1]
            return document if document.startswith("{") else expand(document)
        case "string":
            return client.get(key)
        case "hash":
            return client.hgetall(key)
        case "set":
            return client.smembers(key)
        case "list":
            return client.lrange(key, 0, -1)
        case "zset":
            return client.zrange(key, 0, -1)
        case "stream":
            return client.xrange(key)
        case _:  # it expired meanwhile
            return ""
