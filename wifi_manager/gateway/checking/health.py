"""How the running agent is, by its own metrics: what an operator who stands before the machine wants to see."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from prometheus_client.parser import text_string_to_metric_families

from wifi_manager.gateway.settings import Metrics

_SECONDS = 5.0
_PROBLEMS = "wifi_gateway_problems_total"
_GUARD = "wifi_gateway_guard_"


@dataclass(frozen=True, slots=True)
class Health:
    """Whether control answers it, what has failed since its start, and what the guard of the LAN has counted."""

    control: bool
    problems: Mapping[str, float]
    guard: Mapping[str, float]


def health(where: Metrics) -> Health | None:
    """What the agent says of itself, or None where none answers."""
    host = f"[{where.address}]" if ":" in str(where.address) else where.address
    try:
        answer = httpx.get(f"http://{host}:{where.port}/metrics", timeout=_SECONDS, trust_env=False)
    except httpx.HTTPError:
        return None
    return read(answer.text)


def read(page: str) -> Health:
    """Health from a page of metrics."""
    samples = [sample for family in text_string_to_metric_families(page) for sample in family.samples]
    counted = [each for each in samples if not each.name.endswith("_created")]
    return Health(
        control=any(each.name == "wifi_gateway_control_reachable" and each.value for each in samples),
        problems={each.labels["reason"]: each.value for each in counted if each.name == _PROBLEMS},
        guard={
            " ".join([each.name.removeprefix(_GUARD).removesuffix("_total"), *each.labels.values()]): each.value
            for each in counted
            if each.name.startswith(_GUARD)
        },
    )
