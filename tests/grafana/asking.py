"""Asks Prometheus as Grafana does: the values of variables first, then each panel's queries over the time shown."""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dashboards.model import AP, APS, CITY, DISTRICT, SITE, Variable
from tests.grafana.queries import Asked
from tests.lab.prometheus import Prometheus

PANEL_POINTS = 720  # six hours at 30 s: what a panel half a screen wide asks for
GRAFANA_TIMEOUT_SECONDS = 30  # [dataproxy] timeout


@dataclass(frozen=True, slots=True)
class Answer:
    """What one query found and cost. `samples`: the most in Prometheus' memory at once (its --query.max-samples)."""

    asked: Asked
    seconds: float
    series: int
    samples: int

    def __str__(self) -> str:
        way = "now" if self.asked.now else "over time"
        return f"{self.seconds:.2f} s, {self.series:,} series, {self.samples:,} samples {way}: {self.asked.where}"


def chosen(prometheus: Prometheus, wanted: Mapping[str, str]) -> dict[str, str]:
    """What the variables hold when somebody chooses this place, one after the other, from what Grafana offers."""
    place: dict[str, str] = {}
    for variable in (CITY, DISTRICT, SITE, APS, AP):
        offered = _offered(prometheus, variable, place)
        assert variable.many or wanted[variable.name] in offered, (variable.name, offered[:9])
        place[variable.name] = f"({'|'.join(offered)})" if variable.many else wanted[variable.name]
    return place


def _offered(prometheus: Prometheus, variable: Variable, place: Mapping[str, str]) -> list[str]:
    series = re.sub(r"\$(\w+)", lambda found: place[found[1]], variable.series)
    answer = prometheus.client.get(f"/label/{variable.of}/values", params={"match[]": series})
    return sorted(answer.json()["data"])


def ask(prometheus: Prometheus, asked: Asked, places: Iterable[Mapping[str, str]], shown_seconds: float) -> Answer:
    """The answer for the first of the places that has one, over the last seconds with as many points as a panel has.

    Raises httpx.TimeoutException when Grafana would have given up.
    """
    answers = (_answer(prometheus, asked, place, shown_seconds) for place in places)
    found = next(answers)
    return found if found.series else next((each for each in answers if each.series), found)


def _answer(prometheus: Prometheus, asked: Asked, place: Mapping[str, str], shown_seconds: float) -> Answer:
    now = time.time()
    query = {"query": asked.filled(**place), "stats": "all"}
    if not asked.now:
        query |= {"start": str(now - shown_seconds), "end": str(now), "step": str(shown_seconds / PANEL_POINTS)}
    begun = time.monotonic()
    way = "/query" if asked.now else "/query_range"
    answer = prometheus.client.post(way, data=query, timeout=GRAFANA_TIMEOUT_SECONDS).json()
    seconds = time.monotonic() - begun
    assert answer["status"] == "success", (asked.where, answer)
    found = answer["data"]
    return Answer(asked, seconds, len(found["result"]), found["stats"]["samples"]["peakSamples"])
