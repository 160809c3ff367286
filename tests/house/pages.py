"""`make pages`: writes what is made from the code: settings, their example, metrics, checklist, law, dashboards."""

from collections.abc import Sequence

from dashboards import every
from tests.house import checklist
from tests.house.sources import PACKAGES, ROOT, modules
from tests.house.test_metric_catalogue import GROUND, PAGE, made, row
from wifi_manager.domain.law import Kind, LegalProfile
from wifi_manager.services import legal_profiles
from wifi_manager.settings import pages

LAW_PAGE = ROOT / "docs" / "law.md"


def catalogue_page() -> str:
    """docs/metrics.md with today's rows."""
    in_code = sorted({entry for path in modules(*PACKAGES) if path != GROUND for entry in made(path)})
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    places = [number for number, line in enumerate(lines) if line.startswith("| `wifi_")]
    return "\n".join([*lines[: places[0]], *map(row, in_code), *lines[places[-1] + 1 :], ""])


def law_page() -> str:
    """docs/law.md with today's profiles."""
    before, _, rest = LAW_PAGE.read_text(encoding="utf-8").partition("| kind of record |")
    after = rest[rest.index("\n\n") :]
    profiles = [legal_profiles.load(ROOT / "configs", name) for name in legal_profiles.names(ROOT / "configs")]
    heads = [f"| kind of record | {' | '.join(each.name for each in profiles)} |", f"|---|{'---|' * len(profiles)}"]
    return before + "\n".join([*heads, *(_kept(kind, profiles) for kind in profiles[0].keep)]) + after


def _kept(kind: Kind, profiles: Sequence[LegalProfile]) -> str:
    cells = [f"{each.keep[kind].days}{', held' if each.keep[kind].held else ''}" for each in profiles]
    return f"| `{kind}` | {' | '.join(cells)} |"


if __name__ == "__main__":
    checklist.PAGE.write_text(checklist.page(), encoding="utf-8")
    every.write()
    LAW_PAGE.write_text(law_page(), encoding="utf-8")
    PAGE.write_text(catalogue_page(), encoding="utf-8")
    (ROOT / pages.REFERENCE).write_text(pages.reference(), encoding="utf-8")
    (ROOT / pages.EXAMPLE).write_text(pages.example(), encoding="utf-8")
