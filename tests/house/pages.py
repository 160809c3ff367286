"""`make pages`: writes the pages that are made from the code: settings, their example file, metrics, the checklist."""

from tests.house import checklist
from tests.house.sources import PACKAGES, ROOT, modules
from tests.house.test_metric_catalogue import GROUND, PAGE, made, row
from wifi_manager.settings import pages


def catalogue_page() -> str:
    """docs/metrics.md with today's rows."""
    in_code = sorted({entry for path in modules(*PACKAGES) if path != GROUND for entry in made(path)})
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    places = [number for number, line in enumerate(lines) if line.startswith("| `wifi_")]
    return "\n".join([*lines[: places[0]], *map(row, in_code), *lines[places[-1] + 1 :], ""])


if __name__ == "__main__":
    checklist.PAGE.write_text(checklist.page(), encoding="utf-8")
    PAGE.write_text(catalogue_page(), encoding="utf-8")
    (ROOT / pages.REFERENCE).write_text(pages.reference(), encoding="utf-8")
    (ROOT / pages.EXAMPLE).write_text(pages.example(), encoding="utf-8")
