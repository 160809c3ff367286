"""Compares docs/metrics.md with what the code makes, whichever module makes it and whenever."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.sources import PACKAGES, ROOT, modules, name_of

PAGE = ROOT / "docs" / "metrics.md"
GROUND = ROOT / "wifi_manager" / "metrics.py"
KINDS = ("counter", "gauge", "histogram")
BYPASSES = {"Counter", "Gauge", "Histogram", "Summary", "Info", "Enum"}
Entry = tuple[str, str, tuple[str, ...], str]  # name, type, labels, meaning


def catalogue() -> list[Entry]:
    rows = re.findall(r"^\| `(.*?)` \| (.*?) \| (.*?) \| (.*?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [(name, kind, tuple(re.findall(r"`(.*?)`", labels)), meaning) for name, kind, labels, meaning in rows]


def row(entry: Entry) -> str:
    name, kind, labels, meaning = entry
    return f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in labels)} | {meaning} |"


def nodes(path: Path, word: str) -> Iterator[ast.AST]:
    """What a module is made of; nothing where it does not even have the word, which saves most of the reading."""
    text = path.read_text(encoding="utf-8")
    return ast.walk(ast.parse(text)) if word in text else iter(())


def made(path: Path) -> Iterator[Entry]:
    """Each metric that a module makes; a name, meaning or label that is not written out raises ValueError."""
    for call in nodes(path, "wifi_"):
        if isinstance(call, ast.Call) and (kind := called(call)) in (*KINDS, "Family") and names_a_metric(call):
            words = [ast.literal_eval(word) for word in arguments(call, kind)]
            own_kind, words = (words[1], [words[0], *words[2:]]) if kind == "Family" else (kind, words)
            yield words[0], own_kind, tuple(words[2]) if len(words) > 2 else (), words[1]


def called(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def names_a_metric(call: ast.Call) -> bool:
    """Told apart from another function of the same name by its first argument."""
    first = [*call.args, *(word.value for word in call.keywords if word.arg == "name")][:1]
    return bool(first) and isinstance(first[0], ast.Constant) and str(first[0].value).startswith("wifi_")


def arguments(call: ast.Call, kind: str) -> list[ast.expr]:
    names = ["name", "kind", "meaning", "labels"] if kind == "Family" else ["name", "meaning", "labels"]
    given = dict(zip(names, call.args, strict=False)) | {word.arg: word.value for word in call.keywords if word.arg}
    return [given[name] for name in names if name in given]


def test_the_catalogue_has_every_metric_that_the_code_makes_and_no_other():
    in_code = sorted({entry for path in modules(*PACKAGES) if path != GROUND for entry in made(path)})

    assert sorted(catalogue()) == in_code, "docs/metrics.md should have:\n" + "\n".join(map(row, in_code))


def test_no_metric_is_made_around_the_checks():
    around = [
        f"{name_of(path)}: {alias.name}"
        for path in modules(*PACKAGES)
        if path != GROUND
        for node in nodes(path, "prometheus_client")
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("prometheus_client")
        for alias in node.names
        if alias.name in BYPASSES and not type_only(path, alias.name)
    ]
    assert around == []


def type_only(path: Path, name: str) -> bool:
    """Whether a client's class is named in annotations alone and never called."""
    calls = (node for node in nodes(path, name) if isinstance(node, ast.Call))
    return all(called(call) != name for call in calls)


def test_metrics_are_found_however_they_are_written(tmp_path):
    path = tmp_path / "metrics.py"
    path.write_text(
        "a = counter('wifi_a', 'A.', ['city'], registry)\n"
        "b = metrics.gauge(name='wifi_b', meaning='B.', labels=(), registry=registry)\n"
        "c = Family('wifi_c', 'gauge', 'C.', ('site', 'ap'))\n"
        "d = Family('wifi_d', 'counter', 'D.')\n"
        "e = gauge(5)\n",
        encoding="utf-8",
    )
    assert list(made(path)) == [
        ("wifi_a", "counter", ("city",), "A."),
        ("wifi_b", "gauge", (), "B."),
        ("wifi_c", "gauge", ("site", "ap"), "C."),
        ("wifi_d", "counter", (), "D."),
    ]
