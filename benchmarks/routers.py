"""Gateways whose packets are measured, each in the same wiring (`LabCity`) and in namespaces of its own."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.packets import sink
from tests.lab.city import CONTROL_NAME, INTERNET_ADDRESS, LAN_ADDRESS, LAN_PREFIX, LabCity
from tests.lab.control_simulator import ControlSimulator
from tests.lab.phone import Phone
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.grants import Grant
from wifi_manager.gateway.netfilter.elements import Element, ElementTable, Operation, Verb
from wifi_manager.gateway.netfilter.netlink import NetfilterSocket
from wifi_manager.gateway.passing.passages import COUNTERS, SETS, elements, passage_for
from wifi_manager.gateway.rules.declarations import TABLE

_BARE = """\
table ip bare {
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        iifname "br-lan" ct state new accept
    }
}
"""
_MASQUERADE = """\
table ip uplink {
    chain post {
        type nat hook postrouting priority srcnat;
        oifname "wan" masquerade
    }
}
"""
_VISITS_A_BATCH = 1000
_LIFE = timedelta(hours=8)
_MINE = 1  # the measured phone's number


@contextmanager
def bare_conntrack(folder: Path) -> Iterator[tuple[LabCity, Phone]]:
    """What any router with connection tracking and address translation does, and nothing else."""
    with LabCity(folder) as lab, sink(lab):
        lab.gateway.check(["nft", "-f", "-"], input=_BARE)
        route(lab)
        yield lab, measured_phone(lab)


def route(lab: LabCity) -> None:
    """What a gateway that is not ours needs of its host: it forwards, and translates to its own address."""
    lab.gateway.check(["nft", "-f", "-"], input=_MASQUERADE)
    lab.gateway.check(["sysctl", "-qw", "net.ipv4.ip_forward=1"])


class OurRouter:
    """Our gateway as its agent leaves it when it ends: every table and rule of it, and visits as the caller says."""

    def __init__(self, lab: LabCity, phone: Phone, sock: NetfilterSocket) -> None:
        self.lab = lab
        self.phone = phone
        self.visits = 0
        self._table = ElementTable(sock, TABLE)

    def open_garden(self) -> None:
        """Let the phone reach the sink without a visit, as a place that everybody may reach."""
        self._garden("add")

    def close_garden(self) -> None:
        """As it was."""
        self._garden("delete")

    def hold(self, visits: int) -> None:
        """So many visits or more, the measured phone's the first of them."""
        for first in range(self.visits + 1, visits + 1, _VISITS_A_BATCH):
            numbers = range(first, min(first + _VISITS_A_BATCH, visits + 1))
            self._table.apply([Operation(Verb.ADD, each) for number in numbers for each in self._elements(number)])
        self.visits = max(visits, self.visits)

    def clear(self) -> None:
        """No visit at all."""
        kinds = {name: "map" if name == "online" else "set" for name in SETS}
        flush = "".join(f"flush {kind} inet {TABLE} {name}\n" for name, kind in kinds.items())
        self.lab.gateway.check(["nft", "-f", "-"], input=flush)
        self.visits = 0

    def read_counters(self) -> None:
        """Read what every visit has used, up and down."""
        for name in COUNTERS:
            self._table.dump(name)

    def _elements(self, number: int) -> Iterator[Element]:
        return elements(passage_for(a_grant(number, self.phone.mac if number == _MINE else ""), _LIFE))

    def _garden(self, verb: str) -> None:
        self.lab.gateway.check(["nft", verb, "element", "inet", TABLE, "garden4", f"{{ {INTERNET_ADDRESS} }}"])


@contextmanager
def our_router(folder: Path) -> Iterator[OurRouter]:
    """Brings the gateway up with its agent, and ends that: the kernel goes on by itself."""
    with LabCity(folder) as lab, sink(lab):
        control = ControlSimulator(lab.city, lab.authority.certificate(CONTROL_NAME))
        try:
            lab.enrol_gateway(control.token, control.url)
            agent = lab.run_gateway("--log-level", "WARNING")
            agent.terminate()
            agent.wait(30)
        finally:
            control.stop()
        with lab.gateway.call(NetfilterSocket) as sock:
            yield OurRouter(lab, measured_phone(lab), sock)


def measured_phone(lab: LabCity) -> Phone:
    """The phone that sends."""
    return _phone(lab, "load", "10.99.1.0")


def a_stranger(lab: LabCity) -> Phone:
    """A phone that is not signed in."""
    return _phone(lab, "stranger", "10.99.1.1")


def _phone(lab: LabCity, name: str, address: str) -> Phone:
    phone = lab.add_phone(name)
    phone.static(f"{address}/{LAN_PREFIX}", LAN_ADDRESS)
    return phone


def a_grant(number: int, mac: str = "") -> Grant:
    """Of the device that has this number."""
    device = MacAddress.parse(mac) if mac else MacAddress(b"\x02\x97" + number.to_bytes(4, "big"))
    address = ipaddress.ip_address("10.0.0.0") + number
    return Grant(f"visit-{number}", number, device, address, datetime.now(UTC) + _LIFE)
