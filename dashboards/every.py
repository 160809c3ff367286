"""All pages, and the files that they become."""

import json
from pathlib import Path

from dashboards import access_point, city, district, gateways, portal, provisioning, site
from dashboards.model import Dashboard
from dashboards.rendering import render

FOLDER = Path(__file__).parents[1] / "configs" / "grafana" / "dashboards"
PAGES: tuple[Dashboard, ...] = (
    city.PAGE, district.PAGE, site.PAGE, access_point.PAGE, portal.PAGE, provisioning.PAGE, gateways.PAGE,
)  # fmt: skip


def files() -> dict[Path, str]:
    """What stands in each file."""
    return {
        FOLDER / f"{page.uid.removeprefix('wifi-')}.json": json.dumps(render(page), indent=1, ensure_ascii=False)
        + "\n"
        for page in PAGES
    }


def write() -> None:
    """Write them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
