from pathlib import Path

import prometheus_client
import pytest

from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.names.filtering import Filtering
from wifi_manager.gateway.names.metrics import NamesMetrics
from wifi_manager.gateway.names.program import Program


@pytest.fixture
def metrics() -> NamesMetrics:
    return NamesMetrics(GatewayMetrics(prometheus_client.CollectorRegistry()))


def filtered(folder: Path, metrics: NamesMetrics) -> str:
    """What a gateway that starts now filters."""

    def program(names: tuple[str, ...]) -> Program:
        return Program("filter", folder, configuration=" ".join(names))

    return (
        Filtering(folder / "family.txt", folder / "copy.txt", program, ("portal.example",), metrics)
        .first()
        .configuration
    )


def problems(metrics: NamesMetrics) -> float:
    return metrics.registry.get_sample_value("wifi_gateway_problems_total", {"reason": "filter"}) or 0.0


def test_a_list_that_is_lost_opens_nothing_at_the_next_start(tmp_path, metrics):
    (tmp_path / "family.txt").write_text("casino.example\nads.example\nnot a name\n")
    assert filtered(tmp_path, metrics) == "casino.example ads.example"
    assert problems(metrics) == 1
    (tmp_path / "family.txt").unlink()

    assert filtered(tmp_path, metrics) == "casino.example ads.example"
    assert problems(metrics) == 2


def test_where_there_never_was_a_list_nothing_is_filtered_and_it_is_counted(tmp_path, metrics):
    assert filtered(tmp_path, metrics) == ""
    assert problems(metrics) > 0


def test_a_list_that_cannot_be_kept_is_used_all_the_same(tmp_path, metrics):
    (tmp_path / "copy.txt").mkdir()
    (tmp_path / "family.txt").write_text("casino.example\n")

    assert filtered(tmp_path, metrics) == "casino.example"
    assert problems(metrics) == 1
