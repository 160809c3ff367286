import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.sources import PACKAGES, modules, name_of

MODULE_LINES = 400
FUNCTION_LINES = 60
STATEMENTS = (ast.stmt, ast.ExceptHandler, ast.match_case)  # in no expression is a function with a name
FOLDERS = (*PACKAGES, "dashboards", "tests", "benchmarks")


def functions(path: Path) -> Iterator[tuple[str, int]]:
    waiting: list[ast.AST] = [ast.parse(path.read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        waiting += (each for each in ast.iter_child_nodes(node) if isinstance(each, STATEMENTS))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_module_is_too_long_to_read_in_one_go():
    lines = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules(*FOLDERS)}

    assert lines
    assert {name: count for name, count in lines.items() if count > MODULE_LINES} == {}


def test_no_function_is_longer_than_a_screen():
    long = {
        (name_of(path), name)
        for path in modules(*FOLDERS)
        for name, lines in functions(path)
        if lines > FUNCTION_LINES
    }
    assert long == set(), "split these"


def test_a_long_function_would_be_seen(tmp_path):
    path = tmp_path / "long.py"
    path.write_text("def long():\n" + "    pass\n" * FUNCTION_LINES, encoding="utf-8")

    assert list(functions(path)) == [("long", FUNCTION_LINES + 1)]
