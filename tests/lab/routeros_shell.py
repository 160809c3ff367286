"""The command line of the simulated RouterOS: looks up menus in a file of answers, and writes JSON as RouterOS does.

It knows so much of the language as one command of ours needs: which menus are read, and `:serialize to=json` of them.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

_MENU = re.compile(r"\[(/[a-z/-]+?)(?:/(?:print|find|get))?[ \]]")
_WANTED = re.compile(r'"(\w+)"=(\[[^\]]+\]|\$\w+)')
_SET = {
    "air": "/interface/wifi/monitor",
    "ping": "/ping",
    "ways": "/ip/route",
}  # variables, by what they are set from


def said(answers: Path, missing: str, command: str) -> str:
    """What the device says to this command."""
    known = json.loads(answers.read_text())
    for menu in _MENU.findall(command):
        if menu == missing or menu not in known:
            return f"bad command name {menu.rpartition('/')[2]} (line 1 column {command.index(menu) + 1})"
    _, serialize, wanted = command.partition(":put [:serialize to=json value={")
    if not serialize:
        return "expected end of command (line 1 column 1)"
    return json.dumps({name: _as_written(known[_menu_of(given)]) for name, given in _WANTED.findall(wanted)})


def _menu_of(given: str) -> str:
    return _SET[given[1:]] if given.startswith("$") else _MENU.findall(given)[0]


def _as_written(value: Any) -> Any:
    """Integers have a fraction there: 443.000000."""
    if isinstance(value, dict):
        return {name: _as_written(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_written(each) for each in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


if __name__ == "__main__":
    print(said(Path(sys.argv[1]), *sys.argv[2:]))
