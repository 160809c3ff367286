"""Fills a city so that every panel of every dashboard has something to show, and lets its processes count.

Access points are those of the simulated fleet, looked at through the collector's path; all else is written by the
program's own repositories, and counted by its own metrics.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Interface
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server

from portal.metrics import SignInMetrics
from provisioning.poll_metrics import PollMetrics
from tests.builders import a_plan, a_visit, an_asker
from wifi_manager.control.metrics import ControlMetrics
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.coverage import ANY_BAND, Quality, Share, Source
from wifi_manager.domain.coverage_reports import CoverageReport
from wifi_manager.domain.problem_reports import Told, Trouble
from wifi_manager.domain.visits import EndReason, Method
from wifi_manager.gateway.guard.metrics import GuardMetrics
from wifi_manager.gateway.guard.ruleset import DROP
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.names import pools
from wifi_manager.gateway.names.metrics import NamesMetrics
from wifi_manager.gateway.settings import Network
from wifi_manager.storage.certificates import Asked, Issued
from wifi_manager.storage.gateways import StoredKeys
from wifi_manager.storage.problem_reports import Circumstances
from wifi_manager.storage.store import Store

PLACE = {"city": "haneul", "district": "Hill district", "site": "Street 1", "ap": "AP-00005"}
BUS = PLACE | {"district": "Harbour district", "site": "Bus 2", "ap": "AP-00008"}
FAILS = "AP-00004"  # after it was seen
ACCESS_POINTS = 12  # one of them down from the beginning, one drifting, four on a bus
GUESTS = Network(
    "guests", "lan", IPv4Interface("10.1.0.1/24"), None, IPv4Address("10.1.0.10"), IPv4Address("10.1.0.99"), 3600
)
_DAY = timedelta(days=1)


def fill(store: Store, now: datetime) -> None:
    """A map, two gateways with certificates, one of which is silent, visits, a report and an emergency."""
    with store.begin() as tx:
        site = tx.sites.numbers()[PLACE["district"], PLACE["site"]]
        tx.plans.save(a_plan())
        for name, heard in (("gw-1", now), ("gw-2", now - timedelta(hours=1))):
            tx.gateways.add(name, site, name.encode(), now + timedelta(hours=1))
            tx.gateways.enrol(name.encode(), StoredKeys(b"p" * 32, b"t" * 60), now)
            tx.gateways.acknowledge(name, 1, heard)
        tx.certificates.ask("gw-1", Asked(b"k", b"k", ("wifi.city.example",), now, 1, now), now)
        order = tx.certificates.claim("w", now, timedelta(minutes=10))
        tx.certificates.issue(order, "w", Issued("CHAIN", now, now + 90 * _DAY, now))
        for last in (1, 2):
            device = MacAddress.parse(f"02:00:5e:10:00:{last:02}")
            number, asker = tx.visits.device_number(device, now), an_asker(device=device)
            tx.visits.add(
                a_visit(
                    public_id=f"v-{last}", number=number, asker=asker, opened_at=now, expires_at=now + _DAY,
                    site=(PLACE["district"], PLACE["site"]),
                )
            )  # fmt: skip
        tx.visits.end("v-2", now, EndReason.SIGNED_OUT)
        where = tx.problem_reports.whereabouts("gw-1", "guests")
        tx.problem_reports.add(Told(Trouble.SLOW), Circumstances("n", now, where))
        tx.emergencies.add(tx.emergencies.place(PLACE["district"], None), now, now + _DAY, "flood", "chief")
        tx.coverage.replace(_map(now), {})


def _map(now: datetime) -> CoverageReport:
    shares = [
        Share(PLACE["district"], "", ANY_BAND, quality, Source.PREDICTED, ratio, 0.1, 0.9, ratio)
        for quality, ratio in ((Quality.GOOD, 0.3), (Quality.USABLE, 0.6))
    ]
    return CoverageReport(now, ["Outdoors."], shares, {"2.4": {"wydm9q": -61.0}})


class Counting:
    """The metrics of a portal, a control, a gateway and a collector, in registries of their own."""

    def __init__(self, city: str, folder: Path) -> None:
        self.registries = {name: CollectorRegistry() for name in ("portal", "control", "gateway", "collector")}
        self._portal = SignInMetrics.make(city, self.registries["portal"])
        for reason in ("provider", "unverified", "budget"):
            self._portal.sms.breakers.labels(city, reason).set(0)
        self._portal.sms.breakers.labels(city, "unverified").set(1)
        self._portal.sms.left.labels(city).set(0.7)
        self._control = ControlMetrics(self.registries["control"])
        self._gateway = GatewayMetrics(self.registries["gateway"])
        self._names = NamesMetrics(self._gateway)
        self._guard, self._forged = GuardMetrics(self.registries["gateway"]), 0
        pools.watch([GUESTS], folder, self.registries["gateway"])
        self._looks = PollMetrics(self.registries["collector"])

    def go_on(self) -> None:
        """Something of everything happens."""
        self._sign_ins()
        self._control.answers.labels("changed").inc()
        self._control.reports.labels("acknowledged").inc()
        self._control.passes.inc()
        self._control.answer_seconds.observe(0.02)
        self._looks.queued()
        self._looks.begun()
        self._looks.ended(0.4, up=True)
        self._gateway.heard_from_control()
        self._gateway.apply_seconds.observe(0.02)
        self._gateway.redirects.inc()
        self._gateway.answered_api(captive=True)
        self._gateway.failed("shaping")
        self._gateway.ended_here("idle", 1)
        self._forged += 1
        self._guard.count({f"{DROP}source": self._forged})

    def _sign_ins(self) -> None:
        for stage in ("page", "submitted"):
            self._portal.reached(stage)
        self._portal.answered(0.2, enforced=True)
        self._portal.let_in(Method.CLICK_THROUGH)
        self._portal.failed("other")
        self._portal.sms.sent(0.4)
        self._portal.sms.verified()


@contextmanager
def served(counting: Counting) -> Iterator[dict[str, int]]:
    """Their ports, by process."""
    with ExitStack() as stack:
        ports = {}
        for name, registry in counting.registries.items():
            server, thread = start_http_server(0, "127.0.0.1", registry)
            stack.callback(server.server_close)
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            ports[name] = server.server_port
        yield ports
