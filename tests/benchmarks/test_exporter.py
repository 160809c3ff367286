"""The benchmark of the exporter compares what it says: the same series, told in two ways, to a real Prometheus."""

import random

import pytest
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.exporter import compared, scraped
from benchmarks.exporter_ways import OfCollector, Ours, filled, known

pytestmark = pytest.mark.slow


def samples(pages):
    families = [each for page in pages for each in text_string_to_metric_families(page.decode())]
    return {
        (each.name, tuple(sorted(each.labels.items()))): each.value for family in families for each in family.samples
    }


def test_both_ways_tell_the_same_series_with_the_same_values_also_after_a_look():
    ours, theirs = filled("ours", 40), filled("collector", 40)
    assert samples(ours.pages()) == samples(theirs.pages())
    assert len(samples(ours.pages())) == 40 * 25
    for way in (ours, theirs):
        way.update(7, known(7, random.Random(99)))
    assert samples(ours.pages()) == samples(theirs.pages())


def test_ratios_are_of_the_same_fleet_in_processes_of_their_own():
    ratios, found = compared(50, 1)
    assert set(ratios) == {"render_ratio", "minute_ratio", "cold_ratio"}
    assert all(ratio > 0 for ratio in ratios.values())
    assert found["ours"]["series"] == found["collector"]["series"] == 50 * 25
    assert (Ours(50).pages(), OfCollector(50).pages()) == ([b""], [b""])


@pytest.mark.soak
def test_a_real_prometheus_reads_both(tmp_path):
    for way in ("ours", "collector"):
        found = scraped(way, 100, tmp_path)
        assert found["steady_seconds"] > 0
        assert found["prometheus_mb"] > 0
