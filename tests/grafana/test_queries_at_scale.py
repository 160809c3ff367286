"""Ten thousand access points in a real Prometheus: read in time, and every query of every dashboard answered in time."""

import time
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from dashboards.model import Kind
from tests.grafana.asking import GRAFANA_TIMEOUT_SECONDS, Answer, ask, chosen
from tests.grafana.busy_city import BUS, FAILS, PLACE, Counting, fill, served
from tests.grafana.queries import every_query
from tests.grafana.test_queries import hasty_rules, tell
from tests.lab.monitored_city import monitored_city
from wifi_manager.clock import SystemClock

pytestmark = [pytest.mark.lab, pytest.mark.soak, pytest.mark.timeout(1800)]

COUNT, GATEWAYS, TIMES = 10_000, 120, 10  # TIMES as large: Seoul and its suburbs
LOOKED_SECONDS = 180  # so much there is to show when all is found
BUSY = "rate(wifi_radio_channel_busy_seconds_total[5m]) / rate(wifi_radio_channel_active_seconds_total[5m])"
GRAPHS = {Kind.LINES, Kind.BARS, Kind.STATES}
MOST_LINES, MOST_ROWS = 50, 5000  # what people can read, and what Grafana's tables and maps scroll through
MOST_SAMPLES = 50_000_000  # Prometheus refuses a query that needs more


@pytest.fixture(scope="module")
def city(tmp_path_factory, upgraded_file):
    """With the intervals and timeouts that we ship, and rules that wait for nothing and are computed twice as often."""
    folder = tmp_path_factory.mktemp("city")
    rules, counting = hasty_rules(folder / "rules", "30s"), Counting(PLACE["city"], folder)
    with (
        served(counting) as ports,
        monitored_city(folder, COUNT, every=None, rules=rules, looks=2, database=upgraded_file) as monitored,
    ):
        fill(monitored.store, SystemClock().now())
        tell(folder, monitored.prometheus, ports, gateways=GATEWAYS)
        monitored.fleet.points[FAILS].is_down = True
        monitored.look([FAILS])
        yield SimpleNamespace(monitored=monitored, counting=counting, prometheus=monitored.prometheus)


@pytest.fixture(scope="module")
def answers(city) -> Sequence[Answer]:
    """Of every query, as soon as all find something, or else after ten minutes."""
    prometheus = city.prometheus
    places = [chosen(prometheus, each) for each in (PLACE, BUS)]
    missing, deadline = every_query(), time.monotonic() + 600
    while missing and time.monotonic() < deadline:
        city.counting.go_on()
        time.sleep(2)
        missing = [each for each in missing if not any(prometheus.query(each.filled(**at)) for at in places)]
    found = [ask(prometheus, each, places, LOOKED_SECONDS) for each in every_query()]
    print(*sorted(found, key=lambda each: -each.seconds)[:20], sep="\n")
    return found


def test_ten_thousand_access_points_are_read_in_shards_with_the_intervals_and_timeouts_that_we_ship(city):
    shards = [each for each in city.prometheus.targets() if each["labels"]["job"] == "wifi-access-point-shards"]
    assert [each["health"] for each in shards] == ["up", "up"]
    assert city.prometheus.number("count(wifi_ap_info)") == COUNT
    assert city.prometheus.number(f"count(({BUSY}) > 0.7)") == 2 * 400
    took = city.prometheus.number('max(min_over_time(scrape_duration_seconds{job="wifi-access-point-shards"}[10m]))')
    assert took < 10, "the default timeout of Prometheus; others may keep the machine busy meanwhile"


def test_every_query_of_every_dashboard_finds_something_before_grafana_gives_up(answers):
    assert [(each.asked.where, each.asked.expr) for each in answers if not each.series] == []
    assert max(each.seconds for each in answers) < GRAFANA_TIMEOUT_SECONDS


def test_no_graph_has_more_lines_than_people_can_read_and_no_table_more_rows_than_grafana_scrolls(answers):
    graphs = [str(each) for each in answers if each.asked.kind in GRAPHS and each.series > MOST_LINES]
    tables = [str(each) for each in answers if each.series > MOST_ROWS]
    assert (graphs, tables) == ([], [])


def test_a_city_ten_times_as_large_asks_for_no_more_samples_than_prometheus_allows(answers):
    assert [str(each) for each in answers if each.samples * TIMES > MOST_SAMPLES] == []


def test_each_group_of_rules_is_computed_long_before_its_next_minute(city, answers):
    groups = city.prometheus.client.get("/rules").json()["data"]["groups"]
    took = {each["name"]: round(each["evaluationTime"], 2) for each in groups}
    print(took)
    assert {name: seconds for name, seconds in took.items() if seconds > 30} == {}
