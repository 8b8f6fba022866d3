"""The JSON of `coleta doctor`."""

import json
from typing import Any

import typer

from config.scrub import scrub_text
from worker.entrypoints.doctor.examine import Report
from worker.entrypoints.doctor.findings import Finding, worst
from worker.entrypoints.doctor.skyhub_answers import NOT_BY_READING


def print_report(report: Report) -> None:
    """Print one object: the worst level, every finding, and what each store's SkyHub shows of the open questions."""
    document = {
        "level": worst([finding.level for finding in report.everything]),
        "findings": [_finding(finding) for finding in report.everything],
        "answers": [
            {"store": store.store, "question": answer.question, "answer": answer.said}
            for store in report.stores
            for answer in store.answers
        ],
        "not_by_reading": list(NOT_BY_READING),
    }
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "level": finding.level,
        "check": finding.check.title,
        "store": finding.store or None,
        "found": scrub_text(finding.found),
        "advice": finding.advice or None,
    }
