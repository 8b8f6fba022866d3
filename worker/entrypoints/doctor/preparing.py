"""What can be said before anything is asked: settings and stores file, and what is doubtful about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from config.doubts import doubts
from config.settings import Settings, SettingsError, doubted_variables, outranked_variables, read_environment
from config.stores import Store, Stores, StoresError, load_stores
from worker.entrypoints.doctor.findings import Check, Finding
from worker.entrypoints.words import counted


@dataclass(slots=True)
class Prepared:
    """What can be said before anything is asked: settings and stores, and what is wrong with them."""

    settings: Settings
    stores: Mapping[str, Store] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def prepare(settings: Settings) -> Prepared:
    """Read the stores file and what is doubtful about the settings."""
    prepared = Prepared(settings)
    try:
        environ = read_environment()
        prepared.findings += outranked()
        doubted = (*doubted_variables(), *doubts(settings))
        prepared.findings += [Finding(Check.SETTINGS_DOUBTED, sentence) for sentence in doubted]
        stores: Stores = load_stores(settings.stores_file, environ)
    except SettingsError as error:
        prepared.findings += [Finding(Check.SETTINGS_REFUSED, problem) for problem in error.problems]
        return prepared
    except StoresError as error:
        prepared.findings += [Finding(Check.STORES_REFUSED, problem) for problem in error.problems]
        return prepared
    prepared.stores = stores
    prepared.findings += [Finding(Check.SETTINGS_DOUBTED, sentence) for sentence in stores.warnings]
    if not prepared.findings:
        prepared.findings.append(
            Finding(Check.SETTINGS_OK, f"{counted(len(stores), 'store')} in {settings.stores_file}")
        )
    return prepared


def outranked() -> list[Finding]:
    """Say which variables of `.env` are not the ones that count here; nothing where that file cannot be read."""
    try:
        names = outranked_variables()
    except SettingsError:
        return []
    said = "{} of this shell differs from what .env says, and outranks it"
    return [Finding(Check.SETTINGS_OUTRANKED, said.format(name)) for name in names]
