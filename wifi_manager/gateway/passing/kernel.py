"""The kernel's side of the gateway: what its sets hold now, and how a plan gets into them."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from ipaddress import IPv4Address

from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.grants import Grant, Usage
from wifi_manager.gateway.netfilter.elements import Element, ElementTable
from wifi_manager.gateway.passing.passages import SETS, Passage, assemble, number_key, number_of, read_up_key, up_key
from wifi_manager.gateway.passing.reconcile import Plan, Seen, effective, plan


class Kernel:
    """One gateway's grants in the kernel. Safe to use from several threads; each change is atomic per device.

    It remembers the grants that it has enforced, so that a sign-in costs the same for one device and for many
    thousands; `reconcile` looks at everything.
    """

    def __init__(self, table: ElementTable) -> None:
        self._table = table
        self._lock = threading.Lock()
        self._enforced: dict[int, Grant] | None = None  # None: not known, look at everything

    def seen(self) -> Seen:
        """All that the kernel enforces now. What a dump misses is looked up singly before it counts as gone."""
        with self._lock:
            return self._seen()

    def passage(self, device: MacAddress, address: IpAddress) -> Passage | None:
        """What the kernel lets through for this device at this address, or None."""
        with self._lock:
            return self._passage(device, address)

    def usage(self) -> tuple[Usage, ...]:
        """Bytes of every visit that the kernel lets through now, since the visit began."""
        with self._lock:
            up, down = self._table.dump("s_up"), self._table.dump("s_dn")
        return tuple(
            Usage(element.comment, element.counted_bytes, down[key].counted_bytes)
            for key, element in up.items()
            if key in down and element.comment
        )

    def count(self, now: datetime) -> int:
        """How many of the grants enforced last are still running."""
        with self._lock:
            return sum(grant.expires_at > now for grant in (self._enforced or {}).values())

    def enforce(self, wanted: Iterable[Grant], now: datetime, used: Mapping[str, Usage]) -> Plan:
        """Let exactly the wanted grants through; returns what was changed. `now` is control's time.

        `used` is what visits had used before, for those that the kernel has lost. Raises OutsideFailure when the
        kernel refuses; then the next call looks at everything.
        """
        with self._lock:
            grants = effective(wanted, now)
            if self._enforced is None:
                return self._make(plan(grants.values(), self._seen(), now, used), grants)
            touched = {n for n in grants.keys() | self._enforced.keys() if grants.get(n) != self._enforced.get(n)}
            before = [self._enforced[number] for number in touched if number in self._enforced]
            found = (self._passage(grant.device, grant.address) for grant in before)
            seen = Seen({passage.number: passage for passage in found if passage is not None})
            changes = plan([grants[n] for n in touched if n in grants], seen, now, used)
            expired = tuple(grant for grant in before if grant.number not in seen.passages)
            return self._make(replace(changes, expired=expired), grants)

    def reconcile(self, wanted: Iterable[Grant], now: datetime, used: Mapping[str, Usage]) -> Plan:
        """Like `enforce`, but compares with all that is in the kernel and removes what nobody asked for."""
        with self._lock:
            self._enforced = None
        return self.enforce(wanted, now, used)

    def _make(self, changes: Plan, grants: dict[int, Grant]) -> Plan:
        self._enforced = None
        for batch in changes.batches():
            self._table.apply(batch)
        self._enforced = grants
        return changes

    def _passage(self, device: MacAddress, address: IpAddress) -> Passage | None:
        if not isinstance(address, IPv4Address):
            return None
        up4 = self._table.get("up4", up_key(device, address))
        return self._single(up4) if up4 else None

    def _seen(self) -> Seen:
        dumps = {name: self._table.dump(name) for name in SETS}
        found = {}
        for up4 in dumps["up4"].values():
            passage = _assemble_from(dumps, up4) or self._single(up4)
            if passage is not None:
                found[passage.number] = passage
        return Seen(found, tuple(_strays(dumps, found)))

    def _single(self, up4: Element) -> Passage | None:
        number = up4.data or number_key(0)
        _, address = read_up_key(up4.key)
        others = {name: self._table.get(name, number) for name in SETS[3:]}
        others["dn4"] = self._table.get("dn4", address.packed)
        return assemble(up4, self._table.get("s_up", number), others)


Dumps = Mapping[str, Mapping[bytes, Element]]


def _assemble_from(dumps: Dumps, up4: Element) -> Passage | None:
    number = up4.data or number_key(0)
    _, address = read_up_key(up4.key)
    others = {name: dumps[name].get(number) for name in SETS[3:]}
    others["dn4"] = dumps["dn4"].get(address.packed)
    return assemble(up4, dumps["s_up"].get(number), others)


def _strays(dumps: Dumps, passages: Mapping[int, Passage]) -> Iterable[Element]:
    for name, found in dumps.items():
        for key, element in found.items():
            if not _is_part(name, key, element, passages):
                yield Element(name, key)


def _is_part(name: str, key: bytes, element: Element, passages: Mapping[int, Passage]) -> bool:
    number = number_of(element.data if name in {"up4", "dn4"} else key)
    passage = passages.get(number)
    if passage is None:
        return False
    if name == "up4":
        return key == up_key(passage.device, passage.address)
    return name != "dn4" or key == passage.address.packed
