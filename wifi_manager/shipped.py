"""Finds configs/: what an operator edits and the program reads (plans, templates, rules)."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def configs(chosen: Path | None = None) -> Path:
    """The chosen folder, else the copy that travels in the wheel, else the checkout's own.

    Raises FileNotFoundError naming where it looked.
    """
    places = [chosen] if chosen else [_PACKAGE / "_configs", _PACKAGE.parent / "configs"]
    for place in places:
        if place.is_dir():
            return place
    looked = " or ".join(map(str, places))
    raise FileNotFoundError(
        f"The folder with the city's configuration is not at {looked}. Give its path, or install again."
    )
