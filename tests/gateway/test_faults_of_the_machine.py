"""Faults of the machine that a gateway runs on, each with its stated outcome. None of them opens the network."""

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.conftest import NOW, grant
from tests.gateway.town import ONLINE, Town, is_online
from tests.lab.city import EVENTS, INTERNET_ADDRESS, program_options
from tests.lab.control_simulator import a_grant
from tests.lab.crowd import Member, crowd
from tests.lab.internet import ECHO_PORT
from tests.lab.namespaces import wait_for
from tests.lab.phone import Phone
from wifi_manager.gateway.netfilter.elements import ElementTable
from wifi_manager.gateway.netfilter.netlink import NetfilterSocket
from wifi_manager.gateway.passing.kernel import Kernel
from wifi_manager.gateway.rules.declarations import TABLE

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]

A_DAY = 86_400


def online(town: Town, seconds: float = 3600) -> Phone:
    """A phone with a visit."""
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address, seconds=seconds))
    return phone


def shown(town: Town, phone: Phone) -> list[dict]:
    """What the kernel lets through of this phone, as the command line tells."""
    command = town.lab.manager("gateway", "show", "--json", "--config", str(town.lab.gateway_config))
    number = 1000 + int(phone.address.rpartition(".")[2])
    found = json.loads(town.lab.gateway.check(command, **program_options()))
    return [each for each in found["grants"] if each["visit"] == f"visit-{number}"]


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system with 1 MiB of room in the place of a folder, with what was in it. Yields a file that can fill it."""
    kept = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    size = sum(-len(content) % 4096 + len(content) for content in kept.values()) + 2**20
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "wifilab", str(folder)], check=True)
    try:
        for name, content in kept.items():
            (folder / name).write_bytes(content)
        yield folder / "filler"
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(file: Path) -> None:
    """Write until the disk takes no more byte."""
    with pytest.raises(OSError, match="No space left"), file.open("wb", buffering=0) as writing:
        while True:
            writing.write(bytes(4096))


@contextlib.contextmanager
def a_stranger_tries(town: Town) -> Iterator[list[bytes]]:
    """All the while somebody without a visit sends into the internet. Yields what came back, which is to stay empty."""
    (stranger,) = crowd(town.lab, 1, f"10.99.50.{town.phones + 1}")
    town.phones += 1
    came_back: list[bytes] = []
    over = threading.Event()
    trying = threading.Thread(target=_try, args=(stranger, came_back, over))
    trying.start()
    try:
        yield came_back
    finally:
        over.set()
        trying.join()


def _try(stranger: Member, came_back: list[bytes], over: threading.Event) -> None:
    with stranger.open_datagrams(seconds=0.02) as sock:
        while not over.is_set():
            with contextlib.suppress(OSError):
                sock.sendto(b"?", (INTERNET_ADDRESS, ECHO_PORT))
                came_back.append(sock.recv(16))


def test_a_full_disk_keeps_visitors_online_lets_newcomers_in_and_is_written_when_there_is_room(town):
    visitor = online(town)
    town.kill()
    with small_disk(town.lab.gateway_state) as filler:
        town.restart()
        fill(filler)

        newcomer = online(town)
        assert is_online(newcomer)
        town.kill()
        town.restart()  # the files of before are whole, and the kernel has the visits
        assert is_online(newcomer)
        assert is_online(visitor)

        filler.unlink()
        wait_for("the disk", lambda: town.revision_on_disk() == town.control.revision)
        town.kill()
    town.restart()


def test_a_wall_clock_that_jumps_a_day_ends_no_visit_and_prolongs_none(town, tmp_path):
    offset = tmp_path / "offset"
    offset.write_text("0")
    town.kill()
    jumping = [sys.executable, "-m", "tests.lab.jumping_clock", str(town.lab.gateway_config), str(offset)]
    town.agent = town.lab.run_gateway(program=jumping)
    visitor, short = online(town), online(town, seconds=15)

    with a_stranger_tries(town) as came_back:
        for seconds in (A_DAY, -A_DAY):
            offset.write_text(str(seconds))
            town.lab.gateway.check(
                ["nft", "delete", "table", "inet", TABLE]
            )  # visits are put back by the agent's time
            wait_for("the visitor", lambda: is_online(visitor))
            (left,) = (each["seconds_left"] for each in shown(town, visitor))
            assert 3500 < left <= 3600
        wait_for("the end of a visit of 15 s", lambda: not is_online(short))
        assert is_online(visitor)
    assert came_back == []

    offset.write_text("0")  # meanwhile control has refused this gateway, whose clock was a day off
    assert is_online(online(town))
    town.kill()
    town.restart()


@pytest.mark.parametrize("accident", [("delete", "table", "inet", TABLE), ("flush", "ruleset")], ids=" ".join)
def test_a_table_removed_by_hand_stops_everybody_and_all_visits_are_back_within_moments(town, accident):
    visitor = online(town)
    with a_stranger_tries(town) as came_back:
        for _ in range(3):
            town.lab.gateway.check(["nft", *accident])
            wait_for("the visitor", lambda: is_online(visitor))
    assert came_back == []
    assert visitor.curl("http://news.example/").status == 200


def test_an_interface_that_was_gone_serves_its_phones_again_without_a_new_sign_in(town):
    visitor, number = town.event_phone()
    stranger, _ = town.event_phone()
    town.control.admit(a_grant(number, visitor.mac, visitor.address))
    assert is_online(visitor)
    ports = [each["ifname"] for each in links(town, "master", EVENTS)]

    town.lab.gateway.ip("link", "del", EVENTS)
    assert visitor.curl(ONLINE, seconds=2).status == 0
    town.lab.make_bridge(EVENTS)
    for port in ports:
        town.lab.plug_in(port, EVENTS)

    wait_for("the visitor", lambda: visitor.curl(ONLINE, seconds=2).status == 204, 40)
    wait_for("the way to the portal, with a ticket", lambda: "?s=" in stranger.curl(ONLINE, seconds=2).location, 40)
    assert town.agent.poll() is None


def links(town: Town, *which: str) -> list[dict]:
    return json.loads(town.lab.gateway.ip("-json", "link", "show", *which))


def test_an_agent_killed_in_the_middle_of_thousands_of_grants_leaves_whole_visits_and_its_successor_makes_the_rest(
    town,
):
    visits = 5000
    grants = [
        a_grant(
            100_000 + n, f"02:96:00:00:{n >> 8:02x}:{n & 255:02x}", f"10.99.{n >> 8}.{n & 255}", visit=f"many-{n}"
        )
        for n in range(visits)
    ]
    with town.lab.gateway.call(NetfilterSocket) as sock, a_stranger_tries(town) as came_back:
        table = ElementTable(sock, TABLE)
        town.control.change(*grants)
        wait_for("the first of them", lambda: len(table.dump("online")) > 500)
        town.kill()

        seen = Kernel(table).seen()
        begun = [passage for passage in seen.passages.values() if passage.visit.startswith("many-")]
        assert 0 < len(begun) < visits
        assert seen.strays == ()
        assert all(passage.left for passage in begun)

        cut_short = town.lab.gateway_state / ".last-known.json.cut-short.new"
        cut_short.touch()
        town.restart()
        wait_for("all of them", lambda: len(table.dump("online")) >= visits, 60)
        assert not cut_short.exists()
    assert came_back == []
    town.control.change(end=[each.visit for each in grants])


def test_readings_of_10000_visits_beside_changes_lose_no_visit_and_invent_none(bare_gateway):
    stable = {number: grant(number) for number in range(1, 10_001)}
    with bare_gateway.call(NetfilterSocket) as reading, bare_gateway.call(NetfilterSocket) as writing:
        kernel, other = Kernel(ElementTable(reading, TABLE)), Kernel(ElementTable(writing, TABLE))
        kernel.reconcile(stable.values(), NOW, {})
        other.believe([], NOW)
        over, changes = threading.Event(), []

        def churn() -> None:
            while not over.is_set():
                number = 20_000 + len(changes) % 500
                other.enforce([grant(number)], NOW, {})
                changes.append(number)

        churning = threading.Thread(target=churn)
        churning.start()
        try:
            wait_for("changes", lambda: len(changes) > 50)
            readings = [kernel.seen().passages for _ in range(2)]
        finally:
            over.set()
            churning.join()
        kernel.reconcile([], NOW, {})

    for passages in readings:
        assert {n for n in passages if n < 20_000} == set(stable)
        assert all(passages[number].serves(each) for number, each in stable.items())
        assert {n for n in passages if n >= 20_000} <= set(changes)
