import pytest
from prometheus_client import CollectorRegistry, generate_latest

from wifi_manager.metrics import Family, counter, gauge, histogram


def test_metrics_of_one_registry_are_scraped_together():
    registry = CollectorRegistry()
    counter("wifi_visits_opened", "Visits that began.", ["site_kind"], registry).labels("park").inc()
    gauge("wifi_grants", "Grants enforced now.", [], registry).set(3)
    histogram("wifi_scrape_duration_seconds", "From request to last byte.", [], registry, (0.1, 1)).observe(0.5)

    text = generate_latest(registry).decode()
    assert 'wifi_visits_opened_total{site_kind="park"} 1.0' in text
    assert "wifi_grants 3.0" in text
    assert 'wifi_scrape_duration_seconds_bucket{le="1.0"} 1.0' in text


@pytest.mark.parametrize(
    ("name", "kind", "meaning", "labels", "said"),
    [
        ("visits_opened", "counter", "Visits.", (), "begins with wifi_"),
        ("wifi_scrape_ms", "gauge", "Time.", (), "seconds, bytes or a ratio"),
        ("wifi_visits_total", "counter", "Visits.", (), "leaves _total"),
        ("wifi_scrape_duration", "histogram", "Time.", (), "ends with its unit"),
        ("wifi_visits", "gauge", "Visits", (), "in a sentence"),
        ("wifi_visits", "gauge", "Visits.", ("mac", "phone"), "nobody allowed: mac, phone"),
    ],
)
def test_a_metric_that_the_catalogue_cannot_carry_is_refused(name, kind, meaning, labels, said):
    with pytest.raises(ValueError, match=said):
        Family(name, kind, meaning, labels)


def test_a_personal_label_is_refused_where_the_metric_is_made():
    with pytest.raises(ValueError, match="nobody allowed"):
        counter("wifi_visits_opened", "Visits that began.", ["phone"], CollectorRegistry())


@pytest.mark.parametrize("kind", ["counter", "gauge", "histogram"])
def test_a_rendered_header_is_the_one_prometheus_client_writes(kind):
    registry = CollectorRegistry()
    name, meaning = "wifi_body_bytes", "A \\ and\na new line."
    make = {"counter": counter, "gauge": gauge, "histogram": histogram}[kind]
    make(name, meaning, [], registry, *([(1,)] if kind == "histogram" else []))

    assert generate_latest(registry).decode().startswith(Family(name, kind, meaning).header())
