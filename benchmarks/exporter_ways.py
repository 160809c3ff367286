"""Two ways to tell the same series of a fleet: the exporter's, and a Collector as prometheus_client documents it.

Run as a process of its own, so that its memory is its own:

    python -m benchmarks.exporter_ways render ours 10000     # prints JSON
    python -m benchmarks.exporter_ways serve collector 10000 # prints its port, answers until it is ended
"""

import argparse
import gc
import json
import os
import random
import resource
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from benchmarks.measuring import resident_mb
from wifi_manager.domain.observations import RadioReading, Readings, Signal, UplinkReading
from wifi_manager.exporter.catalogue import chosen
from wifi_manager.exporter.lines import Lines
from wifi_manager.exporter.pages import Page
from wifi_manager.exporter.points import Point, Standing
from wifi_manager.exporter.series import Tier
from wifi_manager.storage.monitored import Measured, Monitored

Known = tuple[Monitored, Measured]
CITY, SHARD_SIZE, MINUTE = "haneul", 5000, 60
_START = datetime(2026, 6, 1, 12, tzinfo=UTC)


def known(number: int, chance: random.Random, at: datetime = _START) -> Known:
    """What is known of one access point with two radios: 25 series of the tier core."""
    place = (37.5 + chance.random() / 10, 126.9 + chance.random() / 10)
    member = Monitored(
        number, f"AP-{number:06}", f"District {number % 25}", f"Site {number // 4}", "park", "Example AX3", *place,
        "d1", at, True, at, "d1", "Example AX3", "OpenWrt 24.10.2",
    )  # fmt: skip
    uplink = UplinkReading(chance.random() / 10, *(chance.getrandbits(30) for _ in range(4)))
    readings = Readings((_radio("radio0", chance), _radio("radio1", chance)), uplink)
    return member, Measured(chance.getrandbits(20), readings)


def _radio(name: str, chance: random.Random) -> RadioReading:
    clients = {each: chance.randrange(20) for each in Signal}
    seconds = [chance.random() * 1e6 for _ in range(4)]
    return RadioReading(name, clients, 2437, 20.0, -92.0, *seconds, *(chance.getrandbits(36) for _ in range(5)))


class Way(Protocol):
    """One way to tell a fleet."""

    def update(self, number: int, found: Known) -> None:
        """One access point was looked at."""
        ...

    def pages(self) -> Sequence[bytes]:
        """All series as they are now, in as many pages as Prometheus asks for."""
        ...


class Ours:
    """As wifi_manager.exporter does it, in shards."""

    def __init__(self, count: int) -> None:
        self._shards = [Lines(chosen(Tier.CORE)) for _ in range(max(1, -(-count // SHARD_SIZE)))]
        self._lock = threading.Lock()
        self._known: dict[int, Monitored] = {}

    def update(self, number: int, found: Known) -> None:
        point, before = Point(CITY, Standing(found[0]), found[1]), self._known.get(number)
        is_described = before is not None and before.description() == found[0].description()
        with self._lock:
            self._shards[number % len(self._shards)].put(number, point, is_described=is_described)
        self._known[number] = found[0]

    def pages(self) -> Sequence[bytes]:
        with self._lock:
            return [each.page() for each in self._shards]

    def page(self, shard: int) -> bytes:
        """That of one shard."""
        with self._lock:
            return self._shards[shard].page()


class OfCollector(Collector):
    """A Collector that yields the same families from the same values at each scrape; names and words are data."""

    def __init__(self, _count: int) -> None:
        self._known: dict[int, Known] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def update(self, number: int, found: Known) -> None:
        self._known[number] = found

    def pages(self) -> Sequence[bytes]:
        return [generate_latest(self._registry)]

    def page(self, _shard: int) -> bytes:
        """The only one."""
        return self.pages()[0]

    def describe(self) -> Iterable[Metric]:
        """Nothing: else registering would collect once."""
        return []

    def collect(self) -> Iterable[Metric]:
        """The families of the tier core."""
        made = {each.family.name: _family(each.family) for each in chosen(Tier.CORE)}
        for member, measured in list(self._known.values()):
            _add(made, member, measured)
        return [each for each in made.values() if each.samples]


def _family(family: Any) -> Any:
    kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    return kind(family.name, family.meaning, labels=family.labels)


def _add(made: dict[str, Any], member: Monitored, measured: Measured) -> None:
    """All samples of one access point, written out as anybody would."""
    point = Point(CITY, Standing(member), measured)
    ap, uplink = [member.external_id], measured.readings.uplink
    made["wifi_ap_info"].add_metric([*ap, *point.info()], 1)
    made["wifi_ap_up"].add_metric(ap, 1)
    made["wifi_ap_last_seen_timestamp_seconds"].add_metric(ap, round(member.last_seen_at.timestamp(), 3))
    made["wifi_ap_boot_timestamp_seconds"].add_metric(ap, point.booted_at)
    made["wifi_ap_uplink_rtt_seconds"].add_metric(ap, round(uplink.rtt_seconds, 6))
    made["wifi_ap_uplink_probes"].add_metric(ap, uplink.probes)
    made["wifi_ap_uplink_probes_lost"].add_metric(ap, uplink.probes_lost)
    made["wifi_ap_uplink_receive_bytes"].add_metric(ap, uplink.receive_bytes)
    made["wifi_ap_uplink_transmit_bytes"].add_metric(ap, uplink.transmit_bytes)
    for radio in measured.readings.radios:
        mine = [*ap, radio.radio]
        for signal in Signal:
            made["wifi_radio_clients"].add_metric([*mine, signal], radio.clients.get(signal, 0))
        made["wifi_radio_channel_active_seconds"].add_metric(mine, round(radio.active_seconds, 3))
        made["wifi_radio_channel_busy_seconds"].add_metric(mine, round(radio.busy_seconds, 3))
        made["wifi_radio_noise_dbm"].add_metric(mine, radio.noise_dbm)
        made["wifi_radio_transmit_packets"].add_metric(mine, radio.transmit_packets)
        made["wifi_radio_transmit_retries"].add_metric(mine, radio.transmit_retries)


WAYS: dict[str, Callable[[int], Any]] = {"ours": Ours, "collector": OfCollector}


def filled(name: str, count: int) -> Way:
    """A way that knows so many access points."""
    way: Way = WAYS[name](count)
    chance = random.Random(count)
    for number in range(count):
        way.update(number, known(number, chance))
    return way


def render(name: str, count: int, repeats: int) -> dict[str, Any]:
    """CPU seconds: the first pages from nothing, pages when all is up to date, all looks of a minute; and memory."""
    fresh = [known(number, random.Random(number)) for number in range(count)]
    way: Way = WAYS[name](count)
    gc.collect()
    gc.freeze()  # what was only made for the measurement is not the way's garbage
    filling = _timed(lambda: _update(way, fresh))[0]
    first, pages = _timed(way.pages)
    looked = _timed(lambda: _update(way, fresh))[0]
    return {
        "cold_seconds": filling + first,
        "page_seconds": min([first, *(_timed(way.pages)[0] for _ in range(repeats))]),
        "update_seconds": looked,
        "bytes": sum(map(len, pages)),
        "gzip_bytes": sum(len(Page(each).zipped()) for each in pages),
        "series": sum(line[:1] != b"#" for each in pages for line in each.splitlines()),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3),
    }


def _update(way: Way, looks: Iterable[Known]) -> None:
    for each in looks:
        way.update(each[0].number, each)


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.process_time()
    found = work()
    return time.process_time() - begun, found


def serve(name: str, count: int) -> None:
    """Answer /0, /1, ... with the page of a shard, while each access point is looked at once a minute."""
    way: Any = filled(name, count)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/memory":
                body = str(resident_mb(os.getpid())).encode()
            else:
                body = way.page(int(self.path.strip("/")))
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_given: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    threading.Thread(target=_look, args=(way, count), daemon=True).start()
    server.serve_forever()


def _look(way: Way, count: int) -> None:
    chance, number = random.Random(0), 0
    while True:
        time.sleep(1)
        at = _START + timedelta(seconds=number / count * MINUTE)
        for _ in range(-(-count // MINUTE)):
            way.update(number % count, known(number % count, chance, at))
            number += 1


def main() -> None:
    """One way of one size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("render", "serve"))
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("count", type=int)
    parser.add_argument("--repeats", type=int, default=5, help="renderings after the first one; the best one counts")
    given = parser.parse_args()
    if given.what == "serve":
        serve(given.way, given.count)
    else:
        print(json.dumps(render(given.way, given.count, given.repeats)))


if __name__ == "__main__":
    main()
