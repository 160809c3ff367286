"""Classes of traffic control in a kernel, made by our own netlink and looked at with Debian's tc."""

import pytest

from tests.lab.namespaces import Namespaces
from wifi_manager.gateway.netfilter.netlink import RouteSocket
from wifi_manager.gateway.shaping.route import Refused, Route
from wifi_manager.gateway.shaping.tc import MOST_RATE, HtbClass
from wifi_manager.gateway.shaping.tree import NoInterface, Tree

pytestmark = pytest.mark.root

SLOW = HtbClass(0x20, rate=125_000, ceil=125_000, quantum=6_000)
FAST = HtbClass(0x21, rate=1_250_000, ceil=12_500_000, quantum=65_536)


@pytest.fixture(scope="module")
def gateway():
    with Namespaces() as namespaces:
        yield namespaces.add("tree")


@pytest.fixture
def tree(gateway):
    """An empty tree at a new interface."""
    gateway.ip("link", "add", "lan", "type", "bridge")
    gateway.ip("link", "set", "lan", "up")
    with gateway.call(RouteSocket) as sock:
        tree = Tree(Route(sock), "lan")
        tree.plant()
        yield tree
    gateway.run(["ip", "link", "del", "lan"])


def told(tree):
    return {minor: each.shape for minor, each in tree.classes().items()}


def test_classes_are_read_back_as_they_were_made(tree):
    tree.put([SLOW, FAST], present=())

    assert told(tree) == {0x20: SLOW, 0x21: FAST}
    assert all(each.has_leaf for each in tree.classes().values())


def test_debians_tc_shows_the_rates_in_bits_a_second(tree, gateway):
    tree.put([SLOW, FAST], present=())

    shown = gateway.check(["tc", "class", "show", "dev", "lan"])

    assert "class htb 1:20 root leaf 20: prio 0 rate 1Mbit ceil 1Mbit burst 15000b cburst 15000b" in shown
    assert "class htb 1:21 root leaf 21: prio 0 rate 10Mbit ceil 100Mbit burst 15000b cburst 50000b" in shown


def test_the_queue_under_a_class_is_as_long_as_its_rate_wants(tree, gateway):
    tree.put([SLOW, FAST], present=())

    queues = gateway.check(["tc", "qdisc", "show", "dev", "lan"])

    slow, fast = (next(line for line in queues.splitlines() if f"parent 1:{minor}" in line) for minor in (20, 21))
    if "fq_codel" in slow:
        assert "flows 64 quantum 1514 target 18.2ms" in slow
        assert "flows 64 quantum 1514 target 5ms" in fast
    else:
        assert slow.startswith("qdisc bfifo 20: parent 1:20 limit 16000b")  # ten frames
        assert fast.startswith("qdisc bfifo 21: parent 1:21 limit 625000b")  # 50 ms


def test_a_class_that_changes_is_the_same_class_with_another_rate(tree):
    tree.put([SLOW], present=())
    faster = HtbClass(0x20, rate=250_000, ceil=250_000, quantum=6_000)

    tree.put([faster], present={0x20})

    assert told(tree) == {0x20: faster}


def test_visits_borrow_from_the_class_of_the_link(tree):
    link = HtbClass(1, rate=2_500_000, ceil=2_500_000, quantum=25_000)
    share = HtbClass(0x20, rate=1000, ceil=2_500_000, quantum=25_000, parent=1)

    tree.put_link(link)
    tree.put([share], present=())

    assert told(tree) == {1: link, 0x20: share}


def test_the_slowest_and_the_fastest_rates_that_a_plan_may_have_are_taken(tree):
    slowest = HtbClass(0x20, rate=1, ceil=1, quantum=6_000)
    fastest = HtbClass(0x21, rate=MOST_RATE, ceil=MOST_RATE, quantum=65_536)

    tree.put([slowest, fastest], present=())

    assert told(tree) == {0x20: slowest, 0x21: fastest}


def test_removing_what_is_not_there_is_fine(tree):
    tree.put([SLOW], present=())

    tree.remove([0x20, 0x21, 0x20])

    assert told(tree) == {}


def test_a_class_that_the_kernel_refuses_is_an_error_that_says_why(tree, gateway):
    gateway.ip("link", "del", "lan")

    with pytest.raises(Refused, match="ENODEV"):
        tree.put([SLOW], present=())


def test_a_restarted_agent_finds_the_tree_and_its_classes(tree, gateway):
    tree.put([SLOW], present=())

    with gateway.call(RouteSocket) as sock:
        again = Tree(Route(sock), "lan")
        again.plant()
        assert told(again) == {0x20: SLOW}


def test_a_queue_of_somebody_else_at_the_root_is_replaced(tree, gateway):
    for other in (["tbf", "rate", "1mbit", "burst", "10k", "latency", "1s"], ["bfifo", "limit", "5000"]):
        gateway.check(["tc", "qdisc", "replace", "dev", "lan", "root", "handle", "7:", *other])
        assert not tree.is_unchanged()

        tree.plant()

        assert tree.is_unchanged()
        assert tree.classes() == {}


def test_even_one_that_has_the_name_that_ours_shall_have(tree, gateway):
    gateway.check(["tc", "qdisc", "del", "dev", "lan", "root"])
    gateway.check(["tc", "qdisc", "add", "dev", "lan", "root", "handle", "1:", "bfifo", "limit", "5000"])

    tree.plant()

    assert tree.is_unchanged()


def test_an_interface_that_went_and_came_back_has_lost_its_tree(tree, gateway):
    assert tree.is_unchanged()
    gateway.ip("link", "del", "lan")
    assert not tree.is_unchanged()
    with pytest.raises(NoInterface, match="no interface 'lan'"):
        tree.plant()
    assert tree.is_unchanged()

    gateway.ip("link", "add", "lan", "type", "bridge")

    assert not tree.is_unchanged()
    tree.plant()
    assert tree.classes() == {}


def test_a_thousand_classes_are_read_back_without_one_lost(tree):
    shapes = [HtbClass(0x20 + n, rate=1000 + n, ceil=1000 + n, quantum=6_000) for n in range(1000)]

    for start in range(0, 1000, 100):
        tree.put(shapes[start : start + 100], present=())

    assert told(tree) == {shape.minor: shape for shape in shapes}
