"""Visits, the map s_class and the classes at two interfaces of a real kernel agree, whatever happens to them."""

import asyncio
import contextlib
import struct
import time
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from tests.lab.namespaces import Namespaces
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.netfilter.elements import Element, ElementTable, Operation, RateLimit, Verb
from wifi_manager.gateway.netfilter.netlink import NetfilterSocket, RouteSocket
from wifi_manager.gateway.passing.passages import Passage, number_key
from wifi_manager.gateway.passing.reconcile import Plan
from wifi_manager.gateway.rules.declarations import TABLE, declarations
from wifi_manager.gateway.shaping.classes import Classes
from wifi_manager.gateway.shaping.gathering import GATHERING
from wifi_manager.gateway.shaping.rates import MINORS, Capacity
from wifi_manager.gateway.shaping.route import Route
from wifi_manager.gateway.shaping.shaper import Shaper
from wifi_manager.gateway.shaping.side import sides
from wifi_manager.gateway.shaping.tree import Tree
from wifi_manager.gateway.shaping.visits import Visits

pytestmark = pytest.mark.root


class Box:
    """A namespace with the gateway's table and two interfaces; `agent` is what a started agent has.

    The agent has sockets of its own, since it may run in another thread.
    """

    def __init__(self, namespace, stack):
        def own(kind):
            return stack.enter_context(namespace.call(kind))

        self.namespace = namespace
        self.table, self.agents_table = (ElementTable(own(NetfilterSocket), TABLE) for _ in range(2))
        self.route, self.agents_route = (Route(own(RouteSocket)) for _ in range(2))

    def agent(self, uplink=None, lans=("lan",)):
        link = uplink or Capacity()
        visits = Visits(self.agents_table, everybody=link.is_shared)
        return Classes(sides(self.agents_route, "wan", lans, link), visits)

    def redirect(self, lan):
        return self.namespace.check(["tc", "filter", "show", "dev", lan, "egress"])

    def admit(self, number, down=None, up=None, seconds=3600):
        key, left = number_key(number), round(seconds * 1000)
        self.end(number)
        new = [Element("live", key, None, left)]
        new += [Element(name, key, None, None, RateLimit(rate, 10**6)) for name, rate in self.limits(down, up)]
        self.table.apply([Operation(Verb.ADD, element) for element in new])

    def end(self, number):
        names = ("live", "s_rate_up", "s_rate_dn")
        self.table.apply([Operation(Verb.DESTROY, Element(name, number_key(number))) for name in names])

    @staticmethod
    def limits(down, up):
        return [(name, rate) for name, rate in (("s_rate_dn", down), ("s_rate_up", up)) if rate]

    def chosen(self):
        return Visits(self.table, everybody=False).classes()

    def choose(self, number, minor):
        element = Element("s_class", number_key(number), struct.pack("=I", 1 << 16 | minor))
        self.table.apply([Operation(Verb.ADD, element)])

    def classes(self, interface):
        tree = Tree(self.route, interface)
        tree.plant()
        return {minor: told.shape for minor, told in tree.classes().items()}

    def rates(self, number):
        """Ceilings of a visit's classes, down and up; None where its packets pass unshaped."""
        minor = self.chosen().get(number)
        found = (self.classes(interface).get(minor) for interface in ("lan", "wan"))
        return tuple(shape.ceil if shape else None for shape in found)

    def has_tree(self):
        return "htb" in self.namespace.check(["tc", "qdisc", "show"])


@pytest.fixture(scope="module")
def namespace():
    with Namespaces() as namespaces:
        yield namespaces.add("classes")


@pytest.fixture
def box(namespace):
    namespace.check(["nft", "-f", "-"], input=declarations())
    for interface in ("lan", "wan"):
        namespace.ip("link", "add", interface, "type", "bridge")
    with contextlib.ExitStack() as stack:
        yield Box(namespace, stack)
    namespace.check(["nft", "delete", "table", "inet", TABLE])
    for interface in ("lan", "wan", "events"):
        namespace.run(["ip", "link", "del", interface])


def settle(agent):
    """What the agent's loop does until there is nothing more to do."""
    while todo := agent.look():
        agent.shape(todo)
    while agent.has_surplus:
        agent.shape([])


def test_a_visit_with_rates_has_one_class_at_both_interfaces_and_its_packets_go_there(box):
    box.admit(7, down=1_250_000, up=250_000)
    agent = box.agent()

    agent.shape([7])

    assert box.rates(7) == (1_250_000, 250_000)
    assert agent.used == 1


def test_a_visit_without_a_rate_stays_unshaped_and_the_interfaces_keep_the_queues_they_have(box):
    box.admit(7)
    agent = box.agent()

    agent.shape([7])
    settle(agent)

    assert box.chosen() == {}
    assert not box.has_tree()


def test_a_visit_with_a_rate_in_one_direction_is_unshaped_in_the_other(box):
    box.admit(7, up=250_000)

    box.agent().shape([7])

    assert box.rates(7) == (None, 250_000)


def test_another_rate_changes_the_class_and_leaves_it_where_it_is(box):
    agent = box.agent()
    box.admit(7, down=1_250_000)
    agent.shape([7])
    before = box.chosen()

    box.admit(7, down=2_500_000, up=125_000)
    agent.shape([7])
    assert box.rates(7) == (2_500_000, 125_000)
    box.admit(7, up=125_000)
    agent.shape([7])

    assert box.rates(7) == (None, 125_000)
    assert box.chosen() == before


def test_a_visit_that_ends_leaves_the_map_at_once_and_its_class_serves_the_next(box):
    agent = box.agent()
    box.admit(7, down=1_250_000)
    agent.shape([7])
    minor = box.chosen()[7]
    box.end(7)

    agent.shape([7])
    assert box.chosen() == {}
    box.admit(8, down=2_500_000)
    agent.shape([8])

    assert box.chosen() == {8: minor}
    assert box.rates(8) == (2_500_000, None)


def test_of_the_classes_of_ended_visits_only_a_few_are_kept(box):
    agent = box.agent()
    numbers = range(1, 301)
    for number in numbers:
        box.admit(number, down=1_250_000, up=125_000)
    agent.shape(numbers)
    assert len(box.classes("lan")) == 300
    for number in numbers:
        box.end(number)

    settle(agent)

    assert box.chosen() == {}
    assert len(box.classes("lan")) == len(box.classes("wan")) == 64


def test_a_restarted_agent_finds_every_class_and_changes_nothing(box):
    box.admit(7, down=1_250_000, up=250_000)
    box.admit(8, down=2_500_000)
    box.agent().shape([7, 8])
    before = box.chosen()

    assert box.agent().look() == set()

    assert box.chosen() == before
    assert (box.rates(7), box.rates(8)) == ((1_250_000, 250_000), (2_500_000, None))


def test_a_restarted_agent_mends_what_happened_meanwhile(box):
    agent = box.agent()
    for number in (7, 8, 9):
        box.admit(number, down=1_250_000)
    agent.shape([7, 8, 9])
    box.end(7)
    box.admit(8, down=2_500_000)
    box.admit(10, down=125_000)
    box.namespace.check(["tc", "class", "del", "dev", "lan", "classid", f"1:{box.chosen()[9]:x}"])

    settle(box.agent())

    assert box.chosen().keys() == {8, 9, 10}
    assert (box.rates(8), box.rates(9), box.rates(10)) == ((2_500_000, None), (1_250_000, None), (125_000, None))


def test_packets_are_never_sent_to_a_class_that_is_not_there(box):
    box.admit(7, down=1_250_000)
    box.choose(7, 0x30)

    assert box.agent().look() == {7}

    assert box.chosen() == {}


def test_a_table_that_was_made_anew_gets_the_classes_of_its_visits_again(box):
    agent = box.agent()
    box.admit(7, down=1_250_000)
    agent.shape([7])
    before = box.chosen()
    box.namespace.check(["nft", "flush", "map", "inet", TABLE, "s_class"])

    agent.shape([7])

    assert box.chosen() == before


def test_a_class_without_its_queue_is_completed(box):
    box.admit(7, down=1_250_000)
    box.choose(7, 0x30)
    box.classes("lan")
    box.namespace.check(
        ["tc", "class", "add", "dev", "lan", "parent", "1:", "classid", "1:30", "htb", "rate", "10mbit"]
    )

    settle(box.agent())

    minor = box.chosen()[7]
    assert f"parent 1:{minor:x} " in box.namespace.check(["tc", "qdisc", "show", "dev", "lan"])


def test_an_interface_that_comes_back_gets_all_its_classes_again(box):
    agent = box.agent()
    box.admit(7, down=1_250_000, up=250_000)
    agent.shape([7])
    assert agent.is_unchanged()
    box.namespace.ip("link", "del", "wan")
    assert not agent.is_unchanged()
    settle(agent)
    assert "'wan'" in agent.missing[0]
    assert box.classes("lan")[box.chosen()[7]].ceil == 1_250_000

    box.namespace.ip("link", "add", "wan", "type", "bridge")
    assert not agent.is_unchanged()
    settle(agent)

    assert agent.missing == ()
    assert box.rates(7) == (1_250_000, 250_000)


def test_when_the_uplink_is_shared_out_everybody_has_a_share_and_nobody_more_than_the_plan(box):
    uplink = Capacity(up=625_000, down=2_500_000)
    box.admit(7)
    box.admit(8, down=1_250_000, up=10**9)

    box.agent(uplink).shape([7, 8])

    assert (box.rates(7), box.rates(8)) == ((2_500_000, 625_000), (1_250_000, 625_000))
    shares = [shape for shape in box.classes("lan").values() if shape.minor in MINORS]
    assert {shape.parent for shape in shares} == {1}
    assert box.classes("lan")[1].ceil == 2_500_000


def test_several_lans_that_share_an_uplink_are_gathered_into_one_tree_and_go_their_own_ways_again(box):
    box.namespace.ip("link", "add", "events", "type", "bridge")
    box.admit(7, down=1_250_000)
    settle(box.agent(lans=("lan", "events")))
    assert box.rates(7) == (1_250_000, None)

    gathered = box.agent(Capacity(down=2_500_000), lans=("lan", "events"))
    settle(gathered)
    redirects = [box.redirect(lan) for lan in ("lan", "events")]
    assert all("Redirect to device wifi-down" in redirect for redirect in redirects)
    assert box.classes(GATHERING)[box.chosen()[7]].ceil == 1_250_000
    assert "htb" not in box.namespace.check(["tc", "qdisc", "show", "dev", "lan"])  # or it would be slowed twice
    assert gathered.is_unchanged()
    box.namespace.ip("link", "del", "events")
    assert not gathered.is_unchanged()

    settle(box.agent(lans=("lan", "events")))
    assert box.redirect("lan") == ""
    assert GATHERING not in box.namespace.ip("link")
    assert box.rates(7) == (1_250_000, None)


def test_a_gateway_that_begins_or_ceases_to_share_its_uplink_moves_all_classes(box):
    box.admit(7, down=1_250_000, up=250_000)
    box.agent().shape([7])

    for uplink, parent in ((Capacity(down=2_500_000), 1), (None, 0)):
        settle(box.agent(uplink))

        assert box.rates(7) == (1_250_000, 250_000)
        assert box.classes("lan")[box.chosen()[7]].parent == parent
        assert box.classes("wan")[box.chosen()[7]].parent == 0


def test_a_visit_that_the_kernel_ended_by_itself_loses_its_class_at_the_next_look(box):
    agent = box.agent()
    box.admit(7, down=1_250_000, seconds=0.2)
    agent.shape([7])
    deadline = time.monotonic() + 20
    while box.table.get("live", number_key(7)) and time.monotonic() < deadline:
        time.sleep(0.02)

    settle(agent)

    assert box.chosen() == {}


def shaper_of(box, uplink=None):
    metrics = GatewayMetrics(CollectorRegistry())
    return Shaper(box.agent(uplink), metrics), metrics


async def until(check):
    end = time.monotonic() + 20
    while not check():
        assert time.monotonic() < end
        await asyncio.sleep(0.02)


def beginning(number):
    return Plan(begin=(Passage(f"visit-{number}", number, MacAddress(bytes(6)), timedelta(hours=1)),))


def test_the_running_shaper_gives_a_noted_visit_its_class_and_takes_up_what_it_finds_at_its_start(box):
    box.admit(7, down=1_250_000)
    shaper, metrics = shaper_of(box)

    async def story():
        loop = asyncio.create_task(shaper.keep_shaped())
        await until(lambda: 7 in box.chosen())
        box.admit(8, up=250_000)
        shaper.note(beginning(8))
        await until(lambda: metrics.registry.get_sample_value("wifi_gateway_visits_shaped") == 2)
        loop.cancel()

    asyncio.run(story())
    assert box.rates(8) == (None, 250_000)


def test_a_missing_interface_is_told_once_and_the_others_are_shaped_all_the_same(box):
    box.namespace.ip("link", "del", "wan")
    for number in (7, 8):
        box.admit(number, down=1_250_000)
    shaper, metrics = shaper_of(box)

    async def story():
        loop = asyncio.create_task(shaper.keep_shaped())
        await until(lambda: 7 in box.chosen())
        box.admit(9, down=1_250_000)
        shaper.note(beginning(9))
        await until(lambda: 9 in box.chosen())
        loop.cancel()

    asyncio.run(story())
    assert metrics.registry.get_sample_value("wifi_gateway_problems_total", {"reason": "shaping"}) == 1
    assert box.classes("lan")[box.chosen()[9]].ceil == 1_250_000
