"""Elements of nf_tables sets and maps: what one is, and a client that changes many of them as one.

Attribute numbers are those of linux/netfilter/nf_tables.h.
"""

import errno
import socket
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.netfilter import netlink
from wifi_manager.gateway.netfilter.counts import Count, read_counts
from wifi_manager.gateway.netfilter.netlink import NetfilterSocket, attribute, attributes, fields, nested

NFPROTO_INET, NFPROTO_BRIDGE = 1, 7
_SUBSYSTEM = 10  # NFNL_SUBSYS_NFTABLES
_BATCH_BEGIN, _BATCH_END = 0x10, 0x11
_GETSETELEM = _SUBSYSTEM << 8 | 13
_LIST_TABLE, _LIST_SET, _LIST_ELEMENTS = 1, 2, 3
_LIST_ITEM = 1
_VALUE = 1
_KEY, _DATA, _TIMEOUT, _EXPIRATION, _USERDATA, _EXPR, _EXPRESSIONS = 1, 2, 4, 5, 6, 7, 11
_EXPR_NAME, _EXPR_DATA = 1, 2
_COMMENT = 0  # type of a comment in user data, as the nft program writes it
_TRIES = 5


class Verb(Enum):
    """What is done with an element; the value is the kernel's message type."""

    ADD = _SUBSYSTEM << 8 | 12  # an element that is there already fails the batch
    DELETE = _SUBSYSTEM << 8 | 14  # a missing element fails the batch
    DESTROY = _SUBSYSTEM << 8 | 30  # a missing element is fine; Linux 6.3


@dataclass(frozen=True, slots=True)
class Counter:
    """Bytes that passed; may be preset, so that a restored element goes on where it was."""

    used_bytes: int = 0

    name = "counter"

    def encode(self) -> bytes:
        return attribute(1, struct.pack(">Q", self.used_bytes)) + attribute(2, bytes(8))

    @classmethod
    def decode(cls, fields: dict[int, bytes]) -> "Counter":
        return cls(_u64(fields.get(1)))


@dataclass(frozen=True, slots=True)
class Quota:
    """Matches once more than `limit_bytes` have passed."""

    limit_bytes: int
    used_bytes: int = 0

    name = "quota"

    def encode(self) -> bytes:
        over = attribute(2, struct.pack(">I", 1))
        return (
            attribute(1, struct.pack(">Q", self.limit_bytes))
            + over
            + attribute(4, struct.pack(">Q", self.used_bytes))
        )

    @classmethod
    def decode(cls, fields: dict[int, bytes]) -> "Quota":
        return cls(_u64(fields.get(1)), _u64(fields.get(4)))


@dataclass(frozen=True, slots=True)
class RateLimit:
    """Matches what comes faster than `rate_bytes` a second, after a burst of `burst_bytes`."""

    rate_bytes: int
    burst_bytes: int

    name = "limit"

    def encode(self) -> bytes:
        per_second = attribute(2, struct.pack(">Q", 1))
        byte_type, over = attribute(4, struct.pack(">I", 1)), attribute(5, struct.pack(">I", 1))
        burst = attribute(3, struct.pack(">I", self.burst_bytes))
        return attribute(1, struct.pack(">Q", self.rate_bytes)) + per_second + burst + byte_type + over

    @classmethod
    def decode(cls, fields: dict[int, bytes]) -> "RateLimit":
        return cls(_u64(fields.get(1)), struct.unpack(">I", fields.get(3, bytes(4)))[0])


Expression = Counter | Quota | RateLimit
_EXPRESSION_TYPES: dict[bytes, type[Counter] | type[Quota] | type[RateLimit]] = {
    b"counter": Counter,
    b"quota": Quota,
    b"limit": RateLimit,
}


@dataclass(frozen=True, slots=True)
class Element:
    """One element. `data` only in maps; `left_ms` is its life from now, None in a set without timeouts."""

    set: str
    key: bytes
    data: bytes | None = None
    left_ms: int | None = None
    expression: Expression | None = None
    comment: str = ""

    @property
    def counted_bytes(self) -> int:
        """What its counter has counted; 0 for an element without one."""
        return self.expression.used_bytes if isinstance(self.expression, Counter) else 0


@dataclass(frozen=True, slots=True)
class Operation:
    """A change of one element, part of a batch."""

    verb: Verb
    element: Element


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the kernel refused one operation of a batch."""

    operation: Operation
    errno: int

    def __str__(self) -> str:
        """Set, length of the key and reason; the key itself may hold somebody's address."""
        element = self.operation.element
        reason = errno.errorcode.get(self.errno, str(self.errno))
        return f"{self.operation.verb.name.lower()} in {element.set!r} ({_key_words(element)}): {reason}"


class KernelRefused(OutsideFailure):
    """A batch was rolled back as a whole. `failures` names each operation that the kernel did not take."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        shown = "; ".join(str(failure) for failure in failures[:5])
        super().__init__(f"The kernel refused a change of grants, and nothing was changed: {shown}.")
        self.failures = tuple(failures)

    def is_only(self, number: int) -> bool:
        """True where every failure has this errno."""
        return all(failure.errno == number for failure in self.failures)


class ElementTable:
    """The elements of one table. Every change is one transaction: all of it, or nothing."""

    def __init__(
        self, sock: NetfilterSocket, table: str, *, family: int = NFPROTO_INET, destroys: bool | None = None
    ) -> None:
        """`destroys`: whether the kernel knows DESTROYSETELEM (Linux 6.3); None finds out at the first use."""
        self._family = netlink.Address(family)
        self._socket = sock
        self._table = netlink.text(table)
        self._destroys = destroys
        self._named: dict[str, bytes] = {}

    def apply(self, operations: Sequence[Operation]) -> None:
        """Make all changes in one transaction. Raises KernelRefused and changes nothing when one cannot be made."""
        if not operations:
            return
        if self._destroys is not False:
            try:
                self._commit(operations)
            except KernelRefused as refused:
                if self._destroys or not _is_unknown_destroy(refused):
                    raise
                self._destroys = False
            else:
                return
        self._apply_without_destroy(operations)

    def dump(self, set_name: str) -> dict[bytes, Element]:
        """All elements of a set by key.

        It is not a snapshot: while others write, a dump may miss elements and repeat others, so believe a missing
        one only after `get`. Raises OutsideFailure where there is no such set.
        """
        return {element.key: element for element in self._read(set_name, netlink.NLM_F_DUMP, b"")}

    def get(self, set_name: str, key: bytes) -> Element | None:
        """One element, or None where it does not exist or has expired."""
        wanted = nested(_LIST_ELEMENTS, nested(_LIST_ITEM, nested(_KEY, attribute(_VALUE, key))))
        return next(iter(self._read(set_name, netlink.NLM_F_ACK, wanted)), None)

    def counts(self, set_name: str) -> dict[bytes, Count]:
        """Like `dump`, for a set of counters without timeouts, in a fifth of the time."""
        return read_counts(self._items(set_name, netlink.NLM_F_DUMP, b""))

    def _read(self, set_name: str, flags: int, wanted: bytes) -> list[Element]:
        return [_decode(set_name, item) for item in self._items(set_name, flags, wanted)]

    def _items(self, set_name: str, flags: int, wanted: bytes) -> Iterator[bytes]:
        """Elements as the kernel tells them."""
        sequence = self._socket.next_sequence()
        payload = self._names(set_name) + wanted
        self._socket.send([netlink.message(_GETSETELEM, flags, sequence, self._family, payload)])
        for answer in self._socket.receive(sequence):
            if answer.kind == netlink.NLMSG_ERROR:
                _check_read(set_name, answer.errno(), single=bool(wanted))
                return
            if answer.kind == netlink.NLMSG_DONE:
                return
            for _, item in attributes(answer.attributes().get(_LIST_ELEMENTS, b"")):
                yield item

    def _commit(self, operations: Sequence[Operation]) -> None:
        begin = self._socket.next_sequence()
        by_sequence = {self._socket.next_sequence(): operation for operation in operations}
        last = max(by_sequence)
        self._socket.send(self._frames(begin, by_sequence, last))
        failures = []
        for answer in self._socket.receive(begin):
            if answer.kind == netlink.NLMSG_ERROR and answer.errno() and answer.sequence in by_sequence:
                failures.append(Failure(by_sequence[answer.sequence], answer.errno()))
            if answer.sequence >= last:  # asked on the last element: on BATCH_END Linux before 6.10 ignores it
                break
        if failures:  # the last may still be acknowledged with 0 although everything was rolled back
            raise KernelRefused(failures)

    def _frames(self, begin: int, by_sequence: dict[int, Operation], last: int) -> Iterator[bytes]:
        batch = netlink.Address(resource=socket.htons(_SUBSYSTEM))
        yield netlink.message(_BATCH_BEGIN, 0, begin, batch)
        for sequence, operation in by_sequence.items():
            flags = netlink.NLM_F_CREATE | netlink.NLM_F_EXCL if operation.verb is Verb.ADD else 0
            flags |= netlink.NLM_F_ACK if sequence == last else 0
            payload = self._names(operation.element.set) + nested(_LIST_ELEMENTS, _encode(operation))
            yield netlink.message(operation.verb.value, flags, sequence, self._family, payload)
        yield netlink.message(_BATCH_END, 0, self._socket.next_sequence(), batch)

    def _apply_without_destroy(self, operations: Sequence[Operation]) -> None:
        """For kernels before 6.3: look first, delete what exists, and look again when it expired meanwhile."""
        for attempt in range(_TRIES):
            try:
                if existing := list(self._existing(operations)):
                    self._commit(existing)
            except KernelRefused as refused:
                if attempt == _TRIES - 1 or not refused.is_only(errno.ENOENT):
                    raise
            else:
                return

    def _existing(self, operations: Iterable[Operation]) -> Iterator[Operation]:
        for operation in operations:
            if operation.verb is not Verb.DESTROY:
                yield operation
            elif self.get(operation.element.set, operation.element.key) is not None:
                yield Operation(Verb.DELETE, operation.element)

    def _names(self, set_name: str) -> bytes:
        if (named := self._named.get(set_name)) is None:
            named = attribute(_LIST_TABLE, self._table) + attribute(_LIST_SET, netlink.text(set_name))
            self._named[set_name] = named
        return named


def _is_unknown_destroy(refused: KernelRefused) -> bool:
    destroys = [failure for failure in refused.failures if failure.operation.verb is Verb.DESTROY]
    return bool(destroys) and all(failure.errno == errno.EINVAL for failure in destroys)


def _check_read(set_name: str, number: int, *, single: bool) -> None:
    if number == 0 or (single and number == errno.ENOENT):
        return
    reason = errno.errorcode.get(number, str(number))
    raise OutsideFailure(f"The kernel's set {set_name!r} cannot be read ({reason}). Is the gateway's ruleset loaded?")


def _encode(operation: Operation) -> bytes:
    element = operation.element
    parts = [nested(_KEY, attribute(_VALUE, element.key))]
    if operation.verb is Verb.ADD:
        if element.data is not None:
            parts.append(nested(_DATA, attribute(_VALUE, element.data)))
        if element.left_ms is not None:
            parts.append(attribute(_TIMEOUT, struct.pack(">Q", element.left_ms)))
        if element.comment:
            comment = netlink.text(element.comment)
            parts.append(attribute(_USERDATA, bytes([_COMMENT, len(comment)]) + comment))
        if element.expression is not None:
            name = attribute(_EXPR_NAME, netlink.text(element.expression.name))
            parts.append(nested(_EXPR, name, nested(_EXPR_DATA, element.expression.encode())))
    return nested(_LIST_ITEM, *parts)


def _decode(set_name: str, item: bytes) -> Element:
    parts = fields(item)
    left = parts.get(_EXPIRATION)
    return Element(
        set=set_name,
        key=_value(parts[_KEY]),
        data=_value(parts[_DATA]) if _DATA in parts else None,
        left_ms=None if left is None else _u64(left),
        expression=_expression(parts),
        comment=_comment(parts.get(_USERDATA, b"")),
    )


def _expression(parts: dict[int, bytes]) -> Expression | None:
    """A kernel tells one expression as EXPR and several as a list of EXPRESSIONS; our sets have one."""
    inner = parts.get(_EXPR)
    if inner is None and _EXPRESSIONS in parts:
        inner = next((item for _, item in attributes(parts[_EXPRESSIONS])), None)
    if inner is None:
        return None
    expression = fields(inner)
    kind = _EXPRESSION_TYPES.get(expression[_EXPR_NAME].rstrip(b"\0"))
    return kind.decode(fields(expression[_EXPR_DATA])) if kind else None


def _comment(userdata: bytes) -> str:
    if len(userdata) < 2 or userdata[0] != _COMMENT:  # noqa: PLR2004 - type and length
        return ""
    return userdata[2 : 2 + userdata[1]].rstrip(b"\0").decode(errors="replace")


def _value(data: bytes) -> bytes:
    return fields(data)[_VALUE]


def _u64(data: bytes | None) -> int:
    return int.from_bytes(data or b"", "big")


def _key_words(element: Element) -> str:
    is_number = element.set.startswith("s_")
    return f"number {struct.unpack('=I', element.key)[0]}" if is_number else f"a key of {len(element.key)} bytes"
