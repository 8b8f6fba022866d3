"""Runs `coleta up`: checks, then starts, then watches until it is told to stop."""

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from config.environment import inherited, takes_colour
from config.settings import LogFormat, Settings
from config.urls import next_database
from config.watched_stores import WatchedStores
from worker.entrypoints.embedded import EmbeddedServerError
from worker.entrypoints.listening import own_name
from worker.entrypoints.process import leave
from worker.entrypoints.sandbox_home import brisk_variables, in_sandbox
from worker.entrypoints.up import checks
from worker.entrypoints.up.locks import UpError, locked
from worker.entrypoints.up.log_lines import Console, Form, Record, as_json
from worker.entrypoints.up.merged_log import MergedLog
from worker.entrypoints.up.pages_password import made_password
from worker.entrypoints.up.plan import SELLER, WEB, Plan, outside_plans, service_plans, usable_cores
from worker.entrypoints.up.quarantine import say_quarantine
from worker.entrypoints.up.running_child import RunningChild
from worker.entrypoints.up.sandbox_folder import check_home, made_anew
from worker.entrypoints.up.server_keeper import NamedServer, ServerKeeper
from worker.entrypoints.up.stop import Stop, StoppedError
from worker.entrypoints.up.streams import open_closed_streams
from worker.entrypoints.up.summary import facts, pages_opened, summary
from worker.entrypoints.up.supervisor import Outcome, Supervisor

_VARIABLES = {"COLETA_LOG_FORMAT": "json", "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the command line asks for; `workers`: how many, None: one a core."""

    sandbox: bool
    workers: int | None
    orders_per_minute: float


def up(wanted: Wanted) -> None:
    """Run it all until told to stop; ends the process with a sentence where it cannot, or cannot go on."""
    open_closed_streams()
    try:
        outcome = _run(wanted)
    except StoppedError:
        return
    except (UpError, EmbeddedServerError) as error:
        leave(str(error))
    if outcome.gave_up is not None:
        leave(outcome.gave_up)
    if not outcome.in_order:
        raise SystemExit(1)


def _run(wanted: Wanted) -> Outcome:
    settings = checks.checked_settings()
    if wanted.sandbox:
        settings = in_sandbox(settings)
        check_home(settings)
    else:
        checks.checked_stores(settings)
    stop = Stop()
    with stop.by_signals(), ExitStack() as stack:
        log = MergedLog(sys.stdout.fileno(), _form(settings.log_format), stop.ask)
        stack.callback(log.close)
        shown = log
        if settings.log_format == "json" or not sys.stdout.isatty():  # it is kept: no place for a password
            shown = MergedLog(sys.stderr.fileno(), _sentence, lambda: None)
            stack.callback(shown.close)
        lock = stack.enter_context(locked(settings.data_dir, log, stop))
        checks.check_web_port(settings, log, stop)
        outside = _outside(wanted, settings, stop)
        watched = _checked_stores(wanted, settings)
        stores = watched.current()  # once: a look when all runs would put off the one that a restart needs
        server = _server(settings, watched, log, stop)
        stack.callback(server.stop)
        workers = wanted.workers or usable_cores()

        password = made_password() if settings.admin_password is None else ""

        def launch(plan: Plan) -> RunningChild:
            # Said even where it goes without saying: the environment and `.env` may name the real orders' broker.
            broker = {"COLETA_BROKER_URL": next_database(server.url)} if wanted.sandbox else {}
            pages = {"COLETA_ADMIN_PASSWORD": password} if password and plan.name == WEB else {}
            environ = inherited({**_VARIABLES, **outside.variables, "COLETA_REDIS_URL": server.url, **broker, **pages})
            return RunningChild(plan, environ, log, wake=stop.wake, lock=lock)

        def look_after_server() -> str | None:
            before = server.url
            reason = server.look()
            if server.url != before:
                supervisor.move()
            return reason

        def say_ready() -> None:
            known = facts(settings, stores, workers, sandbox=wanted.sandbox)
            log.say("up.started", summary(known), **known)
            if password:
                shown.say("pages.opened", pages_opened(settings, password))

        plans = [*service_plans(workers, after=SELLER if wanted.sandbox else None), *outside.plans]
        supervisor = Supervisor(
            plans,
            launch,
            log,
            stop,
            on_ready=say_ready,
            look_first=look_after_server,
            refusal=partial(checks.refusal, settings, watched),
        )
        outcome = supervisor.run()
        server.stop()
        log.say("up.stopped", "all has stopped")
        return outcome


def _checked_stores(wanted: Wanted, settings: Settings) -> WatchedStores:
    """Return the stores, which the servers that are named can serve."""
    watched = checks.checked_stores(settings)
    stores = watched.current()
    checks.check_redis(settings, stores)
    checks.check_rabbitmq(settings)
    if wanted.sandbox:
        checks.check_sandbox_alone(settings, stores)
    return watched


def _server(settings: Settings, watched: WatchedStores, log: MergedLog, stop: Stop) -> NamedServer | ServerKeeper:
    if settings.redis_url is not None:
        return NamedServer(settings.redis_url)

    def started(url: str) -> None:
        say_quarantine(settings, watched.current(), url, log)

    return ServerKeeper(settings, log, stop, started=started)


@dataclass(frozen=True, slots=True)
class _Outside:
    """The simulated outside world's processes, and what all processes must know of it."""

    plans: tuple[Plan, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


def _outside(wanted: Wanted, settings: Settings, stop: Stop) -> _Outside:
    if not wanted.sandbox:
        return _Outside()
    port = made_anew(settings, stop)
    variables = {
        "COLETA_DATA_DIR": str(settings.data_dir.absolute()),
        "COLETA_STORES_FILE": str(settings.stores_file.absolute()),
        **brisk_variables(settings),
    }
    if settings.web_allowed_hosts:
        variables["COLETA_WEB_ALLOWED_HOSTS"] = f"{settings.web_allowed_hosts},{own_name(settings)}"
    return _Outside(tuple(outside_plans(port, wanted.orders_per_minute)), variables)


def _sentence(record: Record) -> str:
    return f"coleta: {record['message']}"


def _form(log_format: LogFormat) -> Form:
    return as_json if log_format == "json" else Console(colours=takes_colour(sys.stdout))
