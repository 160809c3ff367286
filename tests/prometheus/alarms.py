"""Lets promtool compute the shipped alarms from made-up series."""

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from wifi_manager import shipped

FOLDER = shipped.configs() / "prometheus"
Series = Mapping[str, str]  # promtool's notation of values, by name and labels


@dataclass(frozen=True, slots=True)
class Case:
    """One alarm: series that make it go off, and what is changed about them where it must not."""

    alert: str
    series: Series
    before: str  # not yet
    at: str  # now
    labels: Mapping[str, str]
    summary: str
    quiet: Mapping[str, Series]  # by what these series say; all of them until `at`
    step: str = "1m"  # between samples, and between looks at the rules: what takes days is looked at seldom


def rules() -> dict[str, dict[str, object]]:
    """Every shipped alarm by its name."""
    return {rule["alert"]: rule for path in _files() for rule in _rules_of(path) if "alert" in rule}


def recorded() -> dict[str, str]:
    """The expression of every series that is computed once and kept, by its name."""
    return {rule["record"]: rule["expr"] for path in _files() for rule in _rules_of(path) if "record" in rule}


def check(case: Case, folder: Path) -> None:
    """Asserts that the alarm is silent before, goes off then with its texts, and is silent in the quiet cases."""
    rule = rules()[case.alert]
    told = {"summary": case.summary} | {name: text for name, text in rule["annotations"].items() if name != "summary"}
    fires = {"exp_labels": {**rule["labels"], **case.labels}, "exp_annotations": told}
    tests = [_group(case, case.series, (case.before, case.alert, []), (case.at, case.alert, [fires]))]
    tests += [_group(case, {**case.series, **changed}, (case.at, case.alert, [])) for changed in case.quiet.values()]
    own = next(path for path in _files() if case.alert in {each.get("alert") for each in _rules_of(path)})
    files = [own, FOLDER / "recording.rules.yml"] if re.search(r"\w:\w", rule["expr"]) else [own]
    asked = {"rule_files": [str(path) for path in files], "evaluation_interval": case.step, "tests": tests}
    (folder / "tests.yml").write_text(json.dumps(asked), encoding="utf-8")
    done = subprocess.run(
        ["promtool", "test", "rules", "tests.yml"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _group(case: Case, series: Series, *checks: tuple[str, str, list[object]]) -> dict[str, object]:
    return {
        "interval": case.step,
        "input_series": [{"series": name, "values": values} for name, values in series.items() if values],
        "alert_rule_test": [{"eval_time": at, "alertname": name, "exp_alerts": said} for at, name, said in checks],
    }


def _files() -> list[Path]:
    return sorted(FOLDER.glob("*.rules.yml"))


@cache
def _rules_of(path: Path) -> list[dict[str, object]]:
    groups = yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]
