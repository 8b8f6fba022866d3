"""config/monitoring: what Prometheus and Grafana load, checked by promtool and against the catalogue."""

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from worker.metrics import CATALOGUE, Kind

_YAML = YAML(typ="safe")
FOLDER = Path(__file__).parents[3] / "config" / "monitoring"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana" / "dashboards" / "coleta.json").read_text())
RULES: list[dict[str, Any]] = [
    rule for group in _YAML.load((FOLDER / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
_PARTS = {Kind.HISTOGRAM: ("_bucket", "_sum", "_count"), Kind.SUMMARY: ("_sum", "_count")}
_SERIES = {f"{metric.name}{part}": metric.labels for metric in CATALOGUE for part in _PARTS.get(metric.kind, ("",))}


def _promtool(*arguments: str, folder: Path = FOLDER) -> str:
    """Run promtool, which must find nothing wrong; without it the test is skipped, but fails where CI must have it."""
    if shutil.which("promtool") is None:
        reason = "promtool is not on PATH (Debian's package prometheus)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    done = subprocess.run(["promtool", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _expressions() -> Iterator[tuple[str, str]]:
    """Yield what is asked of Prometheus, with the alert or panel that asks."""
    for rule in RULES:
        yield rule["alert"], rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]
    for variable in DASHBOARD["templating"]["list"]:
        yield variable["name"], variable["query"]["query"]


def test_prometheus_takes_its_configuration(tmp_path: Path) -> None:
    """With the token's file and the rules where the containers have them."""
    secret = tmp_path / "metrics_token"
    secret.write_text("token")
    text = (FOLDER / "prometheus.yml").read_text()
    assert text.count("/run/secrets/metrics_token") == 1
    (tmp_path / "prometheus.yml").write_text(text.replace("/run/secrets/metrics_token", str(secret)))
    shutil.copy(FOLDER / "alerts.yml", tmp_path)
    assert f"{len(RULES)} rules found" in _promtool("check", "config", "prometheus.yml", folder=tmp_path)


def test_every_alert_fires_and_stays_quiet() -> None:
    """By promtool's own unit tests."""
    _promtool("test", "rules", "alerts_test.yml")


def test_no_alert_is_left_out_of_these_tests() -> None:
    """Each fires in one of them, and in one it does not."""
    tested: Counter[tuple[str, bool]] = Counter()
    for test in _YAML.load((FOLDER / "alerts_test.yml").read_text())["tests"]:
        for case in test["alert_rule_test"]:
            tested[case["alertname"], bool(case["exp_alerts"])] += 1
    names = [rule["alert"] for rule in RULES]
    assert tested == {(name, fires): 1 for name in names for fires in (True, False)}


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    """In a sentence what is wrong, then what to do, and where more stands; and how soon."""
    said = rule["annotations"]
    assert set(said) == {"summary", "description", "runbook"}
    assert said["summary"].endswith(".")
    assert said["description"].endswith(".")
    assert said["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
    assert rule["labels"] in ({"severity": "page"}, {"severity": "ticket"})


def test_every_alert_reaches_somebody() -> None:
    """Pages and tickets each have a receiver with an address."""
    given = _YAML.load((FOLDER / "alertmanager.yml").read_text())
    receivers = {each["name"]: each["email_configs"] for each in given["receivers"]}
    route = given["route"]

    assert [each["matchers"] for each in route["routes"]] == [['severity="page"']]
    assert receivers[route["receiver"]]
    assert receivers[route["routes"][0]["receiver"]]


@pytest.mark.parametrize(("who", "expression"), list(_expressions()))
def test_what_is_asked_for_is_exposed(who: str, expression: str) -> None:
    """Each metric is in the catalogue, and each of its labels that is matched."""
    for name, matchers in re.findall(r"(coleta_\w+)(?:\{([^}]*)\})?", expression):
        assert name in _SERIES, who
        assert set(re.findall(r"(\w+)\s*[!=]", matchers)) <= {*_SERIES[name], "le"}, who
    assert "up{" in expression or "coleta_" in expression


def test_the_dashboard_shows_every_metric() -> None:
    """What nobody looks at need not be counted."""
    shown = {name for _, expression in _expressions() for name in re.findall(r"coleta_\w+", expression)}
    names = {metric.name for metric in CATALOGUE if not any(name.startswith(metric.name) for name in shown)}
    assert names == set()


def test_the_dashboard_finds_what_the_provisioning_names() -> None:
    """Its source of data, and the folder in which Grafana looks for it."""
    provisioning = FOLDER / "grafana" / "provisioning"
    (source,) = _YAML.load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    (provider,) = _YAML.load((provisioning / "dashboards" / "coleta.yml").read_text())["providers"]
    used = {panel["datasource"]["uid"] for panel in DASHBOARD["panels"] if "datasource" in panel}
    assert used == {source["uid"]}
    assert provider["options"]["path"] == "/var/lib/grafana/dashboards"
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))


def test_no_panel_lies_over_another() -> None:
    """On Grafana's grid of 24 columns."""
    cells: Counter[tuple[int, int]] = Counter()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells.update((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"]))
    assert max(cells.values()) == 1
