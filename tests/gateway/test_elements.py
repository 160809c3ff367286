import errno
import struct

import pytest

from tests.lab.namespaces import wait_for
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.netfilter.elements import (
    Counter,
    Element,
    ElementTable,
    KernelRefused,
    Operation,
    Quota,
    RateLimit,
    Verb,
)

pytestmark = pytest.mark.root


def number(value):
    return struct.pack("=I", value)


DEVICE = bytes([2, 0, 0, 0, 0, 7])


def add(*elements):
    return [Operation(Verb.ADD, element) for element in elements]


@pytest.fixture(autouse=True)
def nothing_left(bare_gateway):
    yield
    for name in ("online", "s_class"):
        bare_gateway.check(["nft", "flush", "map", "inet", "wifi", name])
    for name in ("live", "s_up", "s_dn", "s_quota", "s_rate_up", "blocked"):
        bare_gateway.check(["nft", "flush", "set", "inet", "wifi", name])


@pytest.mark.parametrize(
    "element",
    [
        Element("s_up", number(7), None, None, Counter(1234), "visit-7"),
        Element("s_quota", number(7), None, None, Quota(5_000_000_000, 77)),
        Element("s_rate_up", number(7), None, None, RateLimit(1_250_000, 312_500)),
        Element("s_class", number(7), number(0x00010010)),
        Element("online", DEVICE, number(7), 60_000),
        Element("live", number(7), None, 60_000),
        Element("blocked", DEVICE),
    ],
    ids=lambda element: element.set,
)
def test_an_element_comes_back_from_the_kernel_as_it_went_in(table, element):
    table.apply(add(element))

    single, dumped = table.get(element.set, element.key), table.dump(element.set)[element.key]

    for found in (single, dumped):
        assert found.left_ms == element.left_ms or 50_000 < found.left_ms <= 60_000
        assert (found.key, found.data, found.expression, found.comment) == (
            element.key,
            element.data,
            element.expression,
            element.comment,
        )


def test_the_nft_program_reads_what_we_wrote(table, bare_gateway):
    table.apply(add(Element("s_up", number(7), None, None, Counter(1234), "visit-7")))

    listed = bare_gateway.check(["nft", "list", "set", "inet", "wifi", "s_up"])

    assert "0x00000007 counter packets 0 bytes 1234 comment" in listed
    assert 'comment "visit-7"' in listed


def test_one_operation_that_cannot_be_made_undoes_the_whole_batch_and_is_named(table):
    table.apply(add(Element("online", DEVICE, number(7), 60_000)))
    batch = add(Element("s_up", number(8)), Element("online", DEVICE, number(8), 60_000), Element("s_dn", number(8)))

    with pytest.raises(KernelRefused, match=r"add in 'online' .*: EEXIST") as refused:
        table.apply(batch)

    assert [(failure.operation, failure.errno) for failure in refused.value.failures] == [(batch[1], errno.EEXIST)]
    assert DEVICE.hex() not in str(refused.value)
    assert table.dump("s_up") == {}
    assert table.dump("s_dn") == {}


def test_destroying_what_is_not_there_is_fine_and_makes_room_for_another_number(table):
    table.apply(add(Element("online", DEVICE, number(7), 60_000)))

    table.apply(
        [
            Operation(Verb.DESTROY, Element("online", DEVICE)),
            Operation(Verb.DESTROY, Element("s_up", number(99))),
            *add(Element("online", DEVICE, number(8), 60_000)),
        ]
    )

    assert table.get("online", DEVICE).data == number(8)


def test_deleting_what_is_not_there_is_an_error_that_names_set_and_number(table):
    with pytest.raises(KernelRefused, match=r"delete in 's_up' \(number 5\): ENOENT"):
        table.apply([Operation(Verb.DELETE, Element("s_up", number(5)))])


def test_a_dump_of_thousands_has_every_element_once(table):
    table.apply(add(*(Element("s_up", number(n), None, None, Counter(n)) for n in range(1, 2001))))

    found = table.dump("s_up")

    assert {key: element.counted_bytes for key, element in found.items()} == {number(n): n for n in range(1, 2001)}


def test_an_element_ends_by_itself_in_the_kernel(table):
    table.apply(add(Element("live", number(7), None, 1)))

    wait_for("the end of an element of 1 ms", lambda: table.get("live", number(7)) is None)
    assert table.dump("live") == {}


def test_a_missing_set_is_an_error_that_asks_for_the_ruleset(netfilter):
    with pytest.raises(OutsideFailure, match="ruleset loaded"):
        ElementTable(netfilter, "another").dump("s_up")
