"""Whatever happens to the rules, no stranger gets through; who is online goes on as soon as they are back."""

import socket
from typing import Self

import pytest

from tests.gateway.town import ONLINE, Town, is_online
from tests.lab.city import INTERNET_ADDRESS, INTERNET_ADDRESS6, program_options
from tests.lab.control_simulator import a_grant
from tests.lab.internet import ECHO_PORT
from tests.lab.namespaces import wait_for
from tests.lab.phone import Phone

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]

ADDRESSES = (INTERNET_ADDRESS, INTERNET_ADDRESS6)
FLUSH = ["nft", "flush", "ruleset"]


class Sink:
    """Datagrams that reached the internet, whoever sent them: each names its sender."""

    def __init__(self, town: Town) -> None:
        self._sockets = [town.lab.internet.call(lambda each=each: _open(each)) for each in ADDRESSES]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._sockets:
            each.close()

    def send_from(self, phone: Phone, name: str) -> None:
        """Over both families; what the gateway refuses is nothing to the phone."""

        def send() -> None:
            for far in self._sockets:
                with socket.socket(far.family, socket.SOCK_DGRAM) as sock:
                    sock.sendto(name.encode(), far.getsockname()[:2])

        phone.namespace.call(send)

    def arrived(self) -> set[tuple[int, str]]:
        """Families and names of all that came since it was asked last."""
        found = set()
        for each in self._sockets:
            try:
                while True:
                    found.add((each.family, each.recv(64).decode()))
            except BlockingIOError:
                continue
        return found


def _open(address: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, 0))
    sock.setblocking(False)
    return sock


@pytest.mark.parametrize(
    "accident",
    [
        FLUSH,
        ["nft", "delete", "table", "inet", "wifi"],
        ["nft", "flush", "table", "inet", "wifi"],
        ["nft", "flush", "chain", "inet", "wifi", "from_phone"],
        ["nft", "chain", "inet", "wifi", "forward", "{ policy accept; }"],
    ],
    ids=" ".join,
)
def test_rules_that_somebody_changes_are_back_within_seconds_with_all_visits_and_let_no_stranger_through(
    town: Town, accident
):
    phone, number = town.phone6()
    stranger, _ = town.phone6()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    lost = _rules_lost(town)
    with Sink(town) as sink:
        town.lab.gateway.check(accident)
        came: set[tuple[int, str]] = set()

        def is_mended() -> bool:
            sink.send_from(stranger, "stranger")
            sink.send_from(phone, "visitor")
            came.update(sink.arrived())
            return _rules_lost(town) > lost and is_online(phone) and len(came) >= len(ADDRESSES)

        wait_for("the rules, and the visitor over both families", is_mended)

    assert {name for _, name in came} == {"visitor"}
    assert stranger.curl(ONLINE).status == 302
    assert town.control.used_at_end(f"visit-{number}").up_bytes > 0


def _rules_lost(town: Town) -> float:
    text = town.lab.city.check(["curl", "-sS", "http://198.18.0.1:9464/metrics"])
    return next(
        float(line.split()[1]) for line in text.splitlines() if line.startswith("wifi_gateway_rules_lost_total")
    )


def test_without_rules_and_without_an_agent_nobody_passes_and_nothing_comes_in(town: Town):
    phone, number = town.phone6()
    stranger, _ = town.phone6()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    assert is_online(phone)
    town.kill()
    try:
        town.lab.gateway.check(FLUSH)
        with Sink(town) as sink:
            for each in (phone, stranger):
                sink.send_from(each, "anybody")
                for address in ADDRESSES:
                    with pytest.raises(OSError, match=r"refused|No route|Permission"):
                        each.namespace.call(lambda address=address: _ask(address))
            assert sink.arrived() == set()
        inwards = town.lab.internet.run(["ping", "-6", "-c", "1", "-W", "2", _own_address6(phone)])
        assert inwards.returncode != 0
    finally:
        town.restart()
    wait_for("the visit out of the disk", lambda: is_online(phone))
    assert stranger.curl(ONLINE).status == 302


def _ask(address: str) -> bytes:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(10)
        sock.connect((address, ECHO_PORT))
        sock.send(b"x")
        return sock.recv(16)


def _own_address6(phone: Phone) -> str:
    shown = phone.namespace.ip("-6", "-o", "addr", "show", "dev", "eth0", "scope", "global")
    return shown.split()[3].partition("/")[0]


def test_what_the_internet_sends_to_a_phone_unasked_does_not_arrive(town: Town):
    phone, number = town.phone6()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    assert phone.curl(ONLINE, "-6").status == 204

    assert town.lab.internet.run(["ping", "-6", "-c", "1", "-W", "2", _own_address6(phone)]).returncode != 0


@pytest.mark.parametrize("command", ["check", "run"])
def test_rules_that_would_cut_off_the_operators_own_connection_are_refused_before_they_are_loaded(
    town: Town, command
):
    options = program_options()
    over_ssh = {**options["env"], "SSH_CONNECTION": "192.0.2.9 50000 198.18.0.1 22"}
    words = town.lab.manager("gateway", command, "--config", str(town.lab.gateway_config))

    done = town.lab.gateway.run(words, cwd=options["cwd"], env=over_ssh)

    assert done.returncode == 1
    assert '[management] needs "192.0.2.9" in its addresses or "wan" in its interfaces and 22' in (
        done.stdout + done.stderr
    )
