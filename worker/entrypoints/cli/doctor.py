"""`coleta doctor`: everything that was found, and what to do about it."""

import logging
from collections.abc import Sequence
from itertools import zip_longest

import typer
from rich.text import Text

from config.scrub import scrub_text
from config.settings import SettingsError, load_settings
from worker.entrypoints import process
from worker.entrypoints.cli.doctor_json import print_report
from worker.entrypoints.cli.terminal import complain, console, printable, showing
from worker.entrypoints.doctor.examine import Report, examine
from worker.entrypoints.doctor.findings import LEVELS, Check, Finding, Level, worst
from worker.entrypoints.doctor.one_store import StoreReport
from worker.entrypoints.doctor.preparing import outranked, prepare
from worker.entrypoints.doctor.skyhub_answers import NOT_BY_READING
from worker.entrypoints.words import counted

_STYLES = {Level.OK: "green", Level.NOTE: "cyan", Level.WARNING: "yellow", Level.PROBLEM: "bold red"}
_WIDTH = max(map(len, LEVELS))
# With more stores, those of which there is nothing to say but ok and notes are only counted.
_ALL_SHOWN = 5


def doctor(store: str, *, questions: bool, as_json: bool) -> None:
    """Examine the deployment, or of its stores only one; ends the process with 1 if there is a problem.

    `questions`: what each account shows of what SkyHub's documents leave open is printed as well.
    """
    report = _examined(store, as_json=as_json)
    if as_json:
        print_report(report)
    else:
        _show(report, only=store, questions=questions)
    if worst([finding.level for finding in report.everything]) is Level.PROBLEM:
        raise SystemExit(1)


def _examined(store: str, *, as_json: bool) -> Report:
    try:
        load_settings()
    except SettingsError as error:
        return Report([*outranked(), *(Finding(Check.SETTINGS_REFUSED, problem) for problem in error.problems)])
    if process.look_into_sandbox():
        complain("on the simulated SkyHub of coleta up --sandbox")
    process.set_up_logging()
    logging.getLogger().setLevel(logging.CRITICAL)  # what fails is a finding
    prepared = prepare(process.settings())
    if store and prepared.stores and store not in prepared.stores:
        known = ", ".join(sorted(prepared.stores)[:_ALL_SHOWN]) + (", …" if len(prepared.stores) > _ALL_SHOWN else "")
        process.leave(f"store {store!r} is not in {prepared.settings.stores_file} (known: {known})")
    total = 1 if store else len(prepared.stores)
    with showing("examining the stores", total or None, still=as_json) as shown:
        return examine(prepared, store, shown.advance)


def _show(report: Report, *, only: str, questions: bool) -> None:
    advised: set[str] = set()
    _tell(report.findings, advised)
    quiet = [each for each in report.stores if _is_quiet(each)] if len(report.stores) > _ALL_SHOWN and not only else []
    for each in report.stores:
        if each not in quiet:
            typer.echo(f"\nstore {each.store}")
            _tell(each.findings, advised)
            if questions:
                _tell_answers(each)
    if quiet:
        typer.echo(
            f"\n{counted(len(quiet), 'store')} without warning or problem; one of them: coleta doctor --store NAME"
        )
    if not questions and any(each.answers for each in report.stores):
        typer.echo("\ncoleta doctor --questions shows what SkyHub's accounts tell of what its documents leave open")
    complain(_summary(report.everything))


def _is_quiet(report: StoreReport) -> bool:
    return worst([finding.level for finding in report.findings]) in (Level.OK, Level.NOTE)


def _tell_answers(report: StoreReport) -> None:
    if report.answers:
        typer.echo(f"{'':{_WIDTH}}  what this account shows of what SkyHub's documents leave open:")
        for answer in report.answers:
            typer.echo(printable(f"{'':{_WIDTH}}  - {answer.question} {answer.said}"))
        typer.echo(f"{'':{_WIDTH}}  only confirming could tell: {'; '.join(NOT_BY_READING)}")


def _tell(findings: Sequence[Finding], advised: set[str]) -> None:
    """Print findings; of several that are mended alike, what to do stands once: here, or in what is `advised`."""
    for finding, following in zip_longest(findings, findings[1:]):
        text = Text(printable(_line(finding)))
        text.stylize(_STYLES[finding.level], 0, _WIDTH)
        console().print(text, soft_wrap=True)
        is_last = following is None or following.advice != finding.advice
        if is_last and finding.advice not in {"", *advised}:
            advised.add(finding.advice)
            console().print(Text(printable(f"{'':<{_WIDTH}}  -> {finding.advice}")), soft_wrap=True)


def _line(finding: Finding) -> str:
    return f"{finding.level:<{_WIDTH}}  {finding.check.title}: {scrub_text(' '.join(finding.found.split()))}"


def _summary(findings: Sequence[Finding]) -> str:
    counts = {level: sum(finding.level is level for finding in findings) for level in LEVELS}
    if not counts[Level.PROBLEM] and not counts[Level.WARNING]:
        return "all is well"
    return f"{counted(counts[Level.PROBLEM], 'problem')}, {counted(counts[Level.WARNING], 'warning')}"
