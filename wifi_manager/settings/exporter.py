"""The section [exporter]."""

from dataclasses import dataclass

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key


@dataclass(frozen=True, slots=True)
class Exporter:
    """What Prometheus reads about the fleet: `wifi-manager exporter run`."""

    host: str = key(
        "127.0.0.1",
        rules.text("a host name or an IP address", r"[0-9A-Za-z.:-]+"),
        "Address that the process listens on, never public. Keep it local behind a proxy that speaks TLS.",
    )
    port: int = key(8003, rules.whole_number(1, 65535), "TCP port of the fleet's metrics.")
    tier: str = key(
        "full",
        rules.choice("core", "full"),
        "Series of each access point: core is up, uplink, clients and how busy a channel is, 25 for one with two "
        "radios; full is all of docs/metrics.md, 51.",
    )
    whole_up_to: int = key(
        250,
        rules.whole_number(0, 5000),
        "Up to so many managed access points are told on /metrics, with everything else. More are told in shards: "
        "/sd/shards lists them for Prometheus.",
    )
    shard_size: int = key(
        5000,
        rules.whole_number(1, 50_000),
        "At most so many access points are in a shard: Prometheus needs some seconds for the first 5,000.",
    )
    page_seconds: int = key(
        10,
        rules.whole_number(0, 60),
        "A shard that is asked for again within so many seconds is answered as before: two Prometheus cost as one.",
        unit="s",
    )
