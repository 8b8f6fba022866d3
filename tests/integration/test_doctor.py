"""`coleta doctor` on a running deployment that is broken on purpose, in one place after the other."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.deployment import SHORT, stores_file
from tests.fixtures.redis_servers import Servers, free_port, redis_servers
from tests.fixtures.running_service import RunningService, running
from worker.adapters.redis_ledger.processes import RedisProcesses
from worker.entrypoints.doctor.findings import Check
from worker.ports import Reconciled
from worker.ports.processes import Kind
from worker.sandbox.deployment import SimulatedStore
from worker.sandbox.faults import Fault

__all__ = ["redis_servers"]

# The sandbox keeps no pace here, and neither does the service: each look would take seconds.
# What workers do by the clock they do once, at the start: it would meet what is broken here.
QUICK = {
    **SHORT,
    "ORDERS_RATE": "100",
    "SHIPMENTS_RATE": "100",
    "FEED_SECONDS": "3600",
    "RECONCILE_SECONDS": "3600",
    "ADMIN_PASSWORD": "password-of-the-administrator",
}
STATES = ("invoiced", "payment-approved")
ACME = SimulatedStore(name="acme", doors=True, vtex=True, pick_and_pack=True, tells=frozenset({"feed"}))
BRAVA = SimulatedStore(name="brava")


class Examined(RunningService):
    """A deployment that the doctor looks at."""

    def examine(self, *arguments: str, **variables: str) -> tuple[int, dict[tuple[str, str], dict[str, Any]]]:
        """Return the exit code, and the findings by check and store, "" where it is of none."""
        done = self.coleta("doctor", "--json", *arguments, **variables)
        assert done.stderr == "", done.stderr
        self.document = json.loads(done.stdout)
        return done.returncode, {(each["check"], each["store"] or ""): each for each in self.document["findings"]}

    def secrets_shown(self) -> list[str]:
        """Return the secrets that the last report holds."""
        text = json.dumps(self.document, ensure_ascii=False)
        return [secret for secret in self.secrets.values() if secret in text]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Examined]:
    """Give a deployment in which all is well."""
    with running(Examined(tmp_path_factory.mktemp("doctor"), (ACME, BRAVA), QUICK, doors=True)) as service:
        service.sandbox.settings(rate_limits=False)
        service.start_worker()
        service.start_beat()
        service.start_web()
        seen = RedisProcesses(service.service.redis).seen
        service.until(lambda: {trace.kind for trace in seen()[0]} == {*Kind}, "each process has said something")
        looked = partial(service.service.fleet.overview, ["acme", "brava"])
        service.until(lambda: all(each.reconciled for each in looked()), "both stores are reconciled")
        yield service


@pytest.fixture
def spoiled(service: Examined) -> Iterator[Examined]:
    """Give the deployment to a test that breaks it, and mend it."""
    yield service
    service.sandbox.clear_faults()
    service.sandbox.settings(feed_states=STATES)
    service.sandbox.vtex.configure_feed("acme")
    service.service.ledger("acme").save_reconciled(Reconciled())
    assert service.coleta("stores", "resume", "--all", "--yes").returncode == 0
    assert service.coleta("failed", "discard", "--all", "--yes", "--reason", "a test").returncode == 0


def _expect(findings: Mapping[tuple[str, str], Mapping[str, Any]], expected: Mapping[tuple[Check, str], str]) -> None:
    """Each of these was found, with this in its advice."""
    for (check, store), advice in expected.items():
        finding = findings.get((check.title, store))
        assert finding is not None, (check.title, store, sorted(findings))
        assert finding["level"] == check.level
        assert advice in (finding["advice"] or ""), finding


def test_where_all_is_well_it_says_so(service: Examined) -> None:
    """Everything that was looked at is named, on few lines; the exit code is 0."""
    code, findings = service.examine(COLETA_SHIPMENTS_RATE="8")
    done = service.coleta("doctor", COLETA_SHIPMENTS_RATE="8")

    assert (code, service.document["level"]) == (0, "note"), findings
    assert {check for (check, _), each in findings.items() if each["level"] == "note"} == {"store.no_teller"}
    well = "settings redis broker worker beat web store skyhub vtex feed pick_and_pack"
    assert {f"{name}.ok" for name in well.split()} <= {check for check, _ in findings}
    assert service.secrets_shown() == []
    assert (done.returncode, done.stderr) == (0, "all is well\n")
    assert "ok       skyhub.ok: 0 orders listed for pickup, 0 orders read\n" in done.stdout


def test_without_redis_the_rest_is_looked_at(service: Examined) -> None:
    """Redis that is away is said with its mend; what needs none of it is answered all the same."""
    code, findings = service.examine(COLETA_REDIS_URL=f"redis://127.0.0.1:{free_port()}/0", COLETA_BROKER_URL="")

    assert code == 1
    _expect(
        findings,
        {
            (Check.REDIS_UNREACHABLE, ""): "name another one in COLETA_REDIS_URL",
            (Check.BROKER_UNREACHABLE, ""): "COLETA_BROKER_URL",
            (Check.SKYHUB_OK, "acme"): "",
            (Check.VTEX_OK, "acme"): "",
            (Check.PICK_AND_PACK_OK, "acme"): "",
        },
    )


def test_a_wrong_password_and_a_broker_that_is_away_are_told_apart(service: Examined) -> None:
    """Each names its own setting, and no password."""
    url = f"redis://nobody:secret-word@127.0.0.1:{service.redis.port}/0"
    code, findings = service.examine(
        COLETA_REDIS_URL=url, COLETA_BROKER_URL=f"amqp://nobody:secret-word@127.0.0.1:{free_port()}//"
    )

    assert code == 1
    _expect(
        findings,
        {
            (Check.REDIS_WRONG_PASSWORD, ""): "correct the user and the password in COLETA_REDIS_URL",
            (Check.BROKER_UNREACHABLE, ""): "start it, or correct COLETA_BROKER_URL",
        },
    )
    assert "secret-word" not in json.dumps(service.document)


def test_a_server_that_forgets_and_nobody_who_works(service: Examined, redis_servers: Servers) -> None:
    """A bare server: no append-only file, eviction on, and no process has ever spoken there."""
    server = redis_servers.get("valkey", "--maxmemory-policy", "allkeys-lru")
    code, findings = service.examine(
        "--store", "brava", COLETA_REDIS_URL=f"redis://127.0.0.1:{server.port}/0", COLETA_BROKER_URL=""
    )

    assert code == 1
    _expect(
        findings,
        {
            (Check.REDIS_FORGETS, ""): "set appendonly yes and appendfsync always, as config/redis.conf does",
            (Check.REDIS_EVICTS, ""): "set maxmemory-policy noeviction",
            (Check.WORKER_ABSENT, ""): "celery -A worker worker",
            (Check.BEAT_ABSENT, ""): "celery -A worker beat",
            (Check.WEB_ABSENT, ""): "coleta web",
            (Check.SKYHUB_OK, "brava"): "",
        },
    )
    assert {store for _, store in findings} == {"", "brava"}


def test_keys_that_are_refused_name_their_place(service: Examined) -> None:
    """SkyHub, VTEX and Pick and Pack, each with the table to correct; the other store is looked at as ever."""
    names = ("ACME_SKYHUB_API_KEY", "ACME_VTEX_APP_TOKEN", "ACME_PICK_AND_PACK_API_KEY")
    code, findings = service.examine(**dict.fromkeys(names, "a-wrong-one"))

    assert code == 1
    _expect(
        findings,
        {
            (Check.SKYHUB_UNAUTHORIZED, "acme"): "the store goes on by itself once they work",
            (Check.VTEX_REFUSED, "acme"): "correct app_key and app_token in [stores.acme.vtex]",
            (Check.PICK_AND_PACK_REFUSED, "acme"): "correct api_key in [stores.acme.pick_and_pack]",
            (Check.SKYHUB_OK, "brava"): "",
        },
    )
    assert ("feed.ok", "acme") not in findings, "whose key is refused is not asked for its feed"
    assert "a-wrong-one" not in json.dumps(service.document)


def test_a_shell_that_outranks_the_file_is_told_of(service: Examined) -> None:
    """A `.env` that was sourced before it was mended: the finding names the variable, what wins, and no value."""
    written = service.folder / ".env"
    written.write_text("ACME_SKYHUB_API_KEY='a-newer-one'\nCOLETA_SHIPMENTS_RATE='8'\n")
    written.chmod(0o600)
    try:
        code, findings = service.examine("--store", "brava")
    finally:
        written.unlink()

    assert code == 0
    _expect(findings, {(Check.SETTINGS_OUTRANKED, ""): "`unset` the variable, or open a new shell"})
    said = [each["found"] for each in service.document["findings"] if each["check"] == "settings.outranked"]
    assert said == [
        f"{name} of this shell differs from what .env says, and outranks it"
        for name in ("ACME_SKYHUB_API_KEY", "COLETA_SHIPMENTS_RATE")
    ]
    assert "a-newer-one" not in json.dumps(service.document)
    assert service.secrets_shown() == []
    assert "COLETA_SHIPMENTS_RATE=100 is above 8" in findings["settings.doubted", ""]["found"]


def test_counterparties_that_are_not_reached_name_their_address(service: Examined) -> None:
    """Nobody listens there."""
    away = service.folder / "away.toml"
    away.write_text(stores_file([ACME, BRAVA], f"http://127.0.0.1:{free_port()}"))
    code, findings = service.examine(COLETA_STORES_FILE=str(away))

    assert code == 1
    _expect(
        findings,
        {
            (Check.SKYHUB_UNREACHABLE, "brava"): "check base_url in [stores.brava.skyhub]",
            (Check.VTEX_UNREACHABLE, "acme"): "check base_url in [stores.acme.vtex]",
            (Check.PICK_AND_PACK_UNREACHABLE, "acme"): "check auth_url and base_url in [stores.acme.pick_and_pack]",
        },
    )


def test_what_counterparties_answer_is_understood(spoiled: Examined) -> None:
    """A 403, a feed without `invoiced` whose events somebody else takes, a 429, lists spelled in another way."""
    prefixed = json.dumps({"orders": [{"code": f"Submarino-{n}"} for n in range(50)]})
    spoiled.sandbox.fault(Fault(call="oms_order", status=403))
    spoiled.sandbox.fault(Fault(call="collectables", account=ACME.user_email, times=2, status=200, body=prefixed))
    spoiled.sandbox.fault(
        Fault(
            call="orders", account=BRAVA.user_email, status=429, headers={"Retry-After": "7"}, body='{"error": "slow"}'
        )
    )
    code, findings = spoiled.examine()

    assert code == 1
    _expect(
        findings,
        {
            (Check.VTEX_REFUSED, "acme"): "the right to view orders",
            (Check.SKYHUB_CODES_PREFIXED, "acme"): "coleta stores pause acme",
            (Check.SKYHUB_PAGES_SHIFTED, "acme"): "coleta stores pause acme",
            (Check.SKYHUB_PAGE_SIZE, "acme"): "nothing to do here",
            (Check.SKYHUB_THROTTLED, "brava"): "COLETA_ORDERS_RATE lower",
        },
    )
    answers = {(each["store"], each["question"]): each["answer"] for each in spoiled.document["answers"]}
    assert answers["brava", "what does a 429 say?"] == "SkyHub answered 429: slow (Retry-After 7 s)"

    spoiled.sandbox.settings(feed_states=("handling",))
    spoiled.service.ledger("acme").save_reconciled(Reconciled(opened=3))
    _, findings = spoiled.examine("--store", "acme")
    _expect(
        findings,
        {
            (Check.FEED_WITHOUT_INVOICED, "acme"): "add `invoiced`",
            (Check.FEED_TAKEN, "acme"): "an app key of its own",
        },
    )
    spoiled.sandbox.vtex.configure_feed("acme", configured=False)
    _, findings = spoiled.examine("--store", "acme")
    _expect(findings, {(Check.FEED_NOT_CONFIGURED, "acme"): "set feed = false in [stores.acme.vtex]"})


def test_what_needs_an_operator_is_named_with_its_command(spoiled: Examined) -> None:
    """A failed order, a pause, and a worker that lives without progress."""
    spoiled.failed("brava")
    assert spoiled.coleta("stores", "pause", "brava", "--reason", "inventory").returncode == 0
    worker = next(part for part in spoiled.parts if part.name == "worker")
    worker.pause()
    key = next(iter(spoiled.service.redis.scan_iter("coleta:{_}:process:worker:*")))
    turned = int(spoiled.service.redis.hget(key, "at:turned") or 0)
    spoiled.service.redis.hset(key, "at:turned", turned - 300_000)
    code, findings = spoiled.examine("--store", "brava")
    spoiled.service.redis.hset(key, "at:turned", turned)
    worker.resume()

    assert code == 1
    _expect(
        findings,
        {
            (Check.PROCESS_STUCK, ""): "restart it",
            (Check.STORE_PAUSED, "brava"): "coleta stores resume brava",
            (Check.STORE_FAILED, "brava"): "coleta failed list --store brava",
            (Check.SKYHUB_NOT_ASKED, "brava"): "ask again when that is over",
        },
    )


def _same_user(text: str) -> str:
    return text.replace("ops@brava.example", "OPS@acme.example")


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda text: text + "[stores.acme", "is not TOML in UTF-8: "),
        (lambda text: text.replace("user_email", "user_mail"), "stores.acme.skyhub.user_mail is not known"),
        (lambda text: text.replace("env:BRAVA_", "env:NO_"), "the variable 'NO_SKYHUB_API_KEY' is not set"),
        (_same_user, "stores.brava.skyhub.user_email is that of stores.acme, too"),
    ],
    ids=["no TOML", "a wrong field", "a secret is missing", "one user twice"],
)
def test_a_broken_stores_file_is_named_with_its_place(
    service: Examined, tmp_path: Path, spoil: Callable[[str], str], found: str
) -> None:
    """Redis and processes are looked at all the same."""
    file = tmp_path / "stores.toml"
    file.write_text(spoil(service.file.read_text()))
    code, findings = service.examine(COLETA_STORES_FILE=str(file))

    assert code == 1
    _expect(findings, {(Check.STORES_REFUSED, ""): "correct it as the line says", (Check.REDIS_OK, ""): ""})
    assert any(found in each["found"] for each in service.document["findings"] if each["check"] == "stores.refused")
    assert "store.taken_out" not in {check for check, _ in findings}


def test_settings_that_cannot_be_used_are_named(service: Examined) -> None:
    """Then nothing else can be looked at."""
    code, findings = service.examine(COLETA_CLAIM_SECONDS="0.5")

    assert (code, [*findings]) == (1, [("settings.refused", "")])
    assert "COLETA_CLAIM_SECONDS=0.5" in findings["settings.refused", ""]["found"]


def test_it_says_what_to_do_in_words(service: Examined) -> None:
    """A problem is a line with its level, and a second one with what to do; the last line counts."""
    done = service.coleta("doctor", "--store", "brava", ACME_SKYHUB_API_KEY="", COLETA_BROKER_URL="")

    assert done.returncode == 1
    lines = done.stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("problem  stores.refused: "))
    assert lines[at + 1].startswith("         -> correct it as the line says")
    assert done.stderr.startswith("1 problem, ")
