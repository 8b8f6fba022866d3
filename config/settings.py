"""Every setting of a deployment, from `COLETA_*` variables and a `.env` file: the only reader of the environment."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails, PydanticUndefined
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config import reports, urls
from config.addresses import broker_problem, state_problem
from config.contradictions import contradictions
from config.private_files import exposed
from config.problems import ProblemsError, near, said
from config.proxies import Network, read_proxies
from config.secret_files import file_named, read_secret

PREFIX = "COLETA_"
_HOST_NAME = re.compile(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]")
PASSWORD_CHARACTERS = 12
"""A password of the pages that is shorter is warned of: it is guessed in time, whatever slows the guessing down."""
EASILY_GUESSED = (
    f"has fewer than {PASSWORD_CHARACTERS} characters; whoever guesses it reads orders and acts on them: make one with"
    " `openssl rand -hex 12`"
)

LogFormat = Literal["json", "console"]
Duration = Annotated[float, Field(gt=0, allow_inf_nan=False)]  # in the unit that the name ends with
Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]  # calls a second
Count = Annotated[int, Field(ge=1)]


class SettingsError(ProblemsError):
    """The settings cannot work: each variable at fault, what was found, how to mend it."""


class Settings(BaseSettings):
    """What a deployment decides. Fields carry the names of the variables, without `COLETA_` and in lower case."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, populate_by_name=True)

    # Where things are.
    redis_url: str | None = Field(default=None, repr=False)  # None: the embedded server in `data_dir`
    broker_url: str | None = Field(
        default_factory=lambda known: (urls.next_database(known["redis_url"]) if known["redis_url"] else "") or None,
        repr=False,
    )
    stores_file: Path = Path("config/stores.toml")
    data_dir: Path = Path(".coleta")
    # The embedded server's binary, a name or a path; None: the one that wrote `data_dir`, else the first that is found.
    redis_server: str | None = None
    log_format: LogFormat = Field(default_factory=lambda: "console" if sys.stderr.isatty() else "json")
    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=1, le=65535)] = 8000
    web_allowed_hosts: str = ""  # names of this service in requests, with commas between them; empty: any
    metrics_token: SecretStr | None = None  # of who reads /metrics from elsewhere
    admin_password: SecretStr | None = None  # opens the pages of all stores
    session_minutes: Annotated[float, Field(ge=1, le=720)] = 30  # the pages are closed after so long without a click
    trusted_proxies: str = ""  # believed when they say for whom they ask; addresses or networks, with commas between
    allow_unsafe_redis: bool = False

    # Where errors and traces are reported to; None: nowhere.
    sentry_dsn: SecretStr | None = None
    otlp_endpoint: str | None = Field(default=None, validation_alias=reports.OTLP_ENDPOINT, repr=False)

    # Work: how often, how much at once.
    sweep_seconds: Duration = 10
    reconcile_seconds: Duration = 900
    feed_seconds: Duration = 30
    worker_threads: Annotated[int, Field(ge=2)] = 20  # one thread could not record events while SkyHub is slow
    inbox_limit: Count = 1_000_000
    inbox_batch: Count = 200
    confirm_batch: Count = 25  # as SkyHub allows for grouping labels; its maximum for pickups is not documented
    drain_seconds: Duration = 25  # a drain hints itself again after that, and its thread serves stores in line so long
    requested_pages: Count = 200  # of the list of what is requested already, a round

    # Safety: leases, and how long SkyHub's lists may lag behind a confirmation.
    call_timeout_seconds: Duration = 20
    lease_seconds: Duration = 30
    inbox_lease_seconds: Duration = 5  # of recording, where a second drain does no harm: soon taken over
    claim_seconds: Duration = 45
    settling_seconds: Duration = 60

    # Retrying.
    not_yet_seconds: Duration = 60
    not_yet_max_seconds: Duration = 1800
    not_yet_limit_days: Duration = 10
    absent_seconds: Duration = 1800  # missing from both lists for this long: SkyHub is asked for the order's status
    backoff_seconds: Duration = 1
    backoff_max_seconds: Duration = 600
    probe_seconds: Duration = 60
    probe_max_seconds: Duration = 900
    packed_seconds: Duration = 60
    packed_max_seconds: Duration = 600

    # What an operator is shown: orders held until packed, orders that wait for their invoices.
    packed_hold_seconds: Duration = 86_400
    waiting_long_days: Duration = 3

    # Keeping.
    retention_days: Duration = 90
    key_days: Duration = 400

    # Calls a second and store that this service allows itself; SkyHub allows 9 to shipments and 1 to read orders.
    # Why these stay below, and 8 makes 7: worker/adapters/limits.py.
    shipments_rate: Rate = 8
    orders_rate: Rate = 0.66

    @field_validator("redis_url")
    @classmethod
    def _redis_address(cls, value: str | None) -> str | None:
        _refuse(state_problem(value) if value else None)
        return value

    @field_validator("broker_url")
    @classmethod
    def _broker_address(cls, value: str | None) -> str | None:
        _refuse(broker_problem(value) if value else None)
        return value

    @field_validator("sentry_dsn")
    @classmethod
    def _dsn(cls, value: SecretStr | None) -> SecretStr | None:
        _refuse(reports.dsn_problem(value.get_secret_value()) if value else None)
        return value

    @field_validator("otlp_endpoint")
    @classmethod
    def _collector(cls, value: str | None) -> str | None:
        _refuse(reports.otlp_problem(value) if value else None)
        return value

    @field_validator("web_allowed_hosts")
    @classmethod
    def _host_names(cls, value: str) -> str:
        for name in value.split(",") if value else ():
            if not _HOST_NAME.fullmatch(name.strip()):
                _refuse(f"{name.strip()!r} is no host name; name hosts without scheme or port, with commas between")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, value: str) -> str:
        read_proxies(value)
        return value

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The proxies that are believed."""
        return read_proxies(self.trusted_proxies)

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """The names by which this service may be asked, in lower case; empty: any."""
        return frozenset(name.strip().lower() for name in self.web_allowed_hosts.split(",") if name.strip())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 -- the base class's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- see below
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- see below
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 -- see below
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is passed and nothing else: `load_settings` decides which environment is read."""
        return (init_settings,)

    @property
    def quarantine_seconds(self) -> float:
        """For how long nothing is requested once the state's server is another process than before.

        It may have forgotten a claim, and a request that was on its way then.
        """
        return self.claim_seconds + self.settling_seconds

    @property
    def doubt_seconds(self) -> float:
        """For how long an order that becomes known after a change of server may be one that was requested before it.

        What the server forgot is back by then: reconcile had two turns to find it.
        """
        return self.quarantine_seconds + 2 * self.reconcile_seconds

    def with_redis_url(self, url: str) -> Self:
        """Return these settings on a server started since: its next database is the broker, unless one was named."""
        broker = {} if "broker_url" in self.model_fields_set else {"broker_url": urls.next_database(url)}
        return self.model_copy(update={"redis_url": url, **broker})


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in `environ`, or in the process's environment and `.env`; empty counts as unset.

    For a secret, `file:/path` stands for what that file holds. Raises `SettingsError` with everything that is wrong.
    """
    source = EnvSettingsSource(Settings)
    given = read_environment() if environ is None else environ
    known = set(map(variable, Settings.model_fields))  # pydantic would take a field's name for a variable, too
    source.env_vars = {name.lower(): value for name, value in given.items() if value and name.upper() in known}
    written = source()
    try:
        settings = Settings(**_with_secrets(written))
    except ValidationError as error:
        raise SettingsError(_sentences(error, written)) from None  # its text would repeat a password
    problems = [*contradictions(dict(settings)), *_overruled(given), *reports.missing_extras(given)]
    if problems:
        raise SettingsError(problems)
    return settings


def _with_secrets(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with the secrets that they name a file for; raises `SettingsError` where one is of no use."""
    problems = []
    known = dict(values)
    for field in _SECRETS & known.keys():
        if (path := file_named(known[field])) is not None:
            try:
                known[field] = read_secret(Path(path))
            except ValueError as error:
                problems.append(f"{variable(field)} is {values[field]!r}: {error}")
    if problems:
        raise SettingsError(sorted(problems))
    return known


_SECRETS = {
    name for name, field in Settings.model_fields.items() if not field.repr or SecretStr in get_args(field.annotation)
}
"""The settings that are no one's to read, as their type or their `repr` says."""

_CELERYS = "Celery obeys it before COLETA_BROKER_URL; unset it, and set COLETA_BROKER_URL if that broker is meant"
_NEVER_SET = {
    "CELERY_BROKER_URL": _CELERYS,
    "CELERY_BROKER_READ_URL": _CELERYS,
    "CELERY_BROKER_WRITE_URL": _CELERYS,
    "CELERY_LOADER": "Celery would take settings from elsewhere, its broker and whom it trusts among them; unset it",
    "SSLKEYLOGFILE": "whoever reads that file can read what is sent over TLS, keys of stores among it; unset it",
}


def _overruled(given: Mapping[str, str]) -> list[str]:
    """Libraries obey variables of their own before any configuration of ours, unseen."""
    return [f"{name} is set: {mend}" for name, mend in _NEVER_SET.items() if given.get(name)]


def read_environment() -> dict[str, str]:
    """Return the process's environment over what `.env` in the working directory says; empty counts as unset.

    Raises `SettingsError` where `.env` cannot be read.
    """
    return {name: value for name, value in (*_dotenv().items(), *os.environ.items()) if value}


def outranked_variables() -> tuple[str, ...]:
    """Return the variables of `.env` to which this process's environment gives another value, which counts.

    Settings, secrets that a store names, and whatever else reads that file by the same rule. Raises `SettingsError`
    where `.env` cannot be read.
    """
    written = _dotenv().items()
    return tuple(sorted(name for name, value in written if value and (os.environ.get(name) or value) != value))


def _dotenv() -> Mapping[str, str | None]:
    try:
        return DotEnvSettingsSource(Settings, env_file=".env", case_sensitive=True).env_vars
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(
            [f"{Path('.env').absolute()} cannot be read ({reason}); mend it, or its owner and mode"]
        ) from None


def doubted_variables(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return a sentence for each `COLETA_*` variable without effect, most likely a typing error.

    One more for a password that is easily guessed, for each secret's file that others can read, and, where the
    environment is the process's own, for `.env`.
    """
    known = list(map(variable, Settings.model_fields))
    given = read_environment() if environ is None else environ
    unknown = [
        f"{name} is not a setting{_suggestion(name, known)}"
        for name in sorted(given)
        if name.upper().startswith(PREFIX) and name.upper() not in known
    ]
    password = admin_password(given)
    short = [f"{variable('admin_password')} {EASILY_GUESSED}"] if 0 < len(password) < PASSWORD_CHARACTERS else []
    secrets = [Path(path) for field in sorted(_SECRETS) if (path := file_named(given.get(variable(field), "")))]
    opened = [*([Path(".env").absolute()] if environ is None else []), *secrets]
    return (*unknown, *short, *filter(None, map(exposed, opened)))


def admin_password(environ: Mapping[str, str]) -> str:
    """Return the administrator's password in an environment, "" where there is none or its file cannot be read."""
    given = environ.get(variable("admin_password"), "")
    path = file_named(given)
    if path is None:
        return given
    try:
        return read_secret(Path(path))
    except ValueError:  # `load_settings` refuses it with a sentence
        return ""


def variable(field: str) -> str:
    """Return the name of the variable that a field is set by."""
    alias = Settings.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else PREFIX + field.upper()


def _suggestion(name: str, known: list[str]) -> str:
    meant = near(name.upper(), known)
    return f"; did you mean {meant}?" if meant else ""


def _refuse(problem: str | None) -> None:
    if problem:
        raise ValueError(problem)


def _sentences(error: ValidationError, written: Mapping[str, str]) -> list[str]:
    # A default that is made of another setting is not a problem of its own when that setting is wrong.
    return [_sentence(detail, written) for detail in error.errors() if detail["type"] != "default_factory_not_called"]


def _sentence(detail: ErrorDetails, written: Mapping[str, str]) -> str:
    field = str(detail["loc"][0])
    field = "otlp_endpoint" if field == reports.OTLP_ENDPOINT else field
    # A secret's file is named, not quoted: a password without its address may stand in it.
    named = field in _SECRETS and file_named(written.get(field, ""))
    found: Any = written[field] if named else detail["input"]
    shown = urls.without_password(found) if field.endswith(("_url", "_endpoint")) else found
    hidden = not named and Settings.model_fields[field].annotation == SecretStr | None
    is_shown = "is not shown here" if hidden else f"is {shown!r}"
    must = said(detail, "it ")
    default = Settings.model_fields[field].default
    unset = "" if default in (None, "", PydanticUndefined) else f"; leave it unset for {default}"
    return f"{variable(field)} {is_shown}: {must}{unset}"
