"""A gateway without its control, as phones meet it: taps that wait, short passes, drains and idle visits."""

import json
import re
import signal
from collections.abc import Iterator

import pytest

from tests.gateway.town import ONLINE, Town, is_online
from tests.lab.city import INTERNET_ADDRESS, LAN_ADDRESS, METRICS_PORT, OWN_NAME, WAN_ADDRESS, program_options
from tests.lab.control_simulator import a_grant
from tests.lab.crowd import Member, Response, crowd
from tests.lab.namespaces import wait_for
from wifi_manager.domain.grants import Cause, Ended
from wifi_manager.domain.passes import PassPolicy

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]

POLICY = PassPolicy(600, 5_000_000, 1_000_000, 20_000_000, passes_an_hour=1)
OFFER = f"http://{OWN_NAME}/pass"


@pytest.fixture
def policy(town: Town) -> Iterator[PassPolicy]:
    """The city lets newcomers have short passes while control is away."""
    town.control.policy = POLICY
    town.control.end("nobody")  # the policy comes with the next answer
    yield POLICY
    town.control.policy = None
    town.control.end("nobody")


def probe(member: Member) -> Response:
    """What a phone asks to see whether it is online."""
    return member.ask(INTERNET_ADDRESS, "connectivitycheck.gstatic.com", "/generate_204")


def tap(member: Member) -> Response:
    return member.ask(LAN_ADDRESS, OWN_NAME, "/pass", "POST")


def command(town: Town, *words: str) -> str:
    return town.lab.gateway.check(
        town.lab.manager("gateway", *words, "--config", str(town.lab.gateway_config)), **program_options()
    )


def metric(town: Town, name: str) -> float:
    text = town.lab.city.check(["curl", "-sS", f"http://{WAN_ADDRESS}:{METRICS_PORT}/metrics"])
    return float(re.search(rf"^{name} (\S+)$", text, re.MULTILINE)[1])


def test_200_who_sign_in_while_control_is_dead_wait_at_the_portal_and_all_get_in_when_it_is_back(town):
    phones = crowd(town.lab, 200, "10.99.20.1")
    town.control.stop()

    answers = [probe(each) for each in phones]
    assert {each.status for each in answers} == {302}  # to the portal: this city gives no passes
    assert len({each.location for each in answers}) == 200
    town.control.change(*(a_grant(3000 + n, each.mac, each.address) for n, each in enumerate(phones)))  # all tap
    assert {probe(each).status for each in phones} == {302}

    town.control.start()
    wait_for("the last of them", lambda: probe(phones[-1]).status == 204)
    assert {probe(each).status for each in phones} == {204}


def test_200_newcomers_get_one_short_pass_each_while_control_is_dead_and_it_hears_of_them_when_it_is_back(
    town, policy
):
    phones = crowd(town.lab, 200, "10.99.21.1")
    told_before = sum(report.passes for report in town.control.reports)
    town.control.stop()
    wait_for("the offer", lambda: probe(phones[0]).location == OFFER, 60)

    page = phones[0].ask(LAN_ADDRESS, OWN_NAME, "/pass")
    assert (page.status, 'method="post"' in page.body, "10분" in page.body) == (200, True, True)
    assert "10 minutes" in page.body
    assert probe(phones[0]).status == 302  # who only looks gets nothing
    assert {tap(each).status for each in phones} == {303}
    assert {probe(each).status for each in phones} == {204}
    assert "online" in phones[0].ask(LAN_ADDRESS, OWN_NAME, "/pass").body

    town.control.start()
    wait_for("the report", lambda: sum(report.passes for report in town.control.reports) == told_before + 200, 40)
    assert {probe(each).status for each in phones} == {204}  # each ends at its time
    assert not any(usage.visit.startswith("pass-") for report in town.control.reports for usage in report.usage)
    own = a_grant(4000, phones[0].mac, phones[0].address)
    town.control.admit(own)
    town.control.end(own.visit)
    assert probe(phones[0]).status == 302  # signed in and out: the pass is over too


@pytest.mark.soak
def test_a_pass_is_capped_ends_in_the_kernel_and_is_the_only_one_of_this_hour_also_for_the_next_agent(town, policy):
    short = PassPolicy(25, 5_000_000, 1_000_000, 20_000_000, passes_an_hour=1)
    town.control.policy = short
    town.control.end("nobody")
    (phone, *_) = crowd(town.lab, 1, "10.99.22.1")
    town.control.stop()
    try:
        wait_for("the offer", lambda: probe(phone).location == OFFER, 60)
        assert tap(phone).status == 303
        found = json.loads(command(town, "show", "--json"))
        assert min(each["seconds_left"] for each in found["grants"] if each["visit"].startswith("pass-")) <= 25
        assert found["health"]["control"] is False
        wait_for("the disk", lambda: phone.mac in (town.lab.gateway_state / "passes.json").read_text())
        town.kill()
        wait_for("its end, without an agent", lambda: probe(phone).status != 204, 60)
        town.restart()
        wait_for("the offer", lambda: probe(phone).location == OFFER, 60)
        refused = tap(phone)
        assert (refused.status, "한 시간" in refused.body) == (429, True)
        assert probe(phone).status == 302
    finally:
        town.control.start()


def test_a_stopped_agent_leaves_visitors_online_and_lets_nobody_else_in(town):
    visitor, number = town.phone()
    stranger, _ = town.phone()
    town.control.admit(a_grant(number, visitor.mac, visitor.address))

    town.agent.send_signal(signal.SIGTERM)
    try:
        assert town.agent.wait(30) == 0
        assert is_online(visitor)
        assert stranger.curl(ONLINE).exit_code == 7
    finally:
        town.restart()
    assert is_online(visitor)
    assert stranger.curl(ONLINE).status == 302


def test_a_drain_refuses_newcomers_keeps_visitors_and_survives_a_restart_until_it_is_ended(town):
    visitor, number = town.phone()
    newcomer, _ = town.phone()
    town.control.admit(a_grant(number, visitor.mac, visitor.address))

    command(town, "drain")
    town.kill()
    town.restart()
    refused = newcomer.curl(ONLINE)
    assert (refused.status, refused.location, "점검" in refused.body) == (503, "", True)
    assert newcomer.curl(f"http://{OWN_NAME}/").status == 503
    assert newcomer.curl(f"https://{OWN_NAME}/").status == 503
    assert is_online(visitor)
    assert visitor.curl(f"https://{OWN_NAME}/").status == 303  # to the status page, for signing out
    assert metric(town, "wifi_gateway_draining") == 1
    assert "No newcomers" in command(town, "show")

    command(town, "undrain")
    assert newcomer.curl(ONLINE).status == 302
    assert is_online(visitor)


def test_a_drain_with_an_end_ends_visits_in_the_kernel_and_gives_them_back_when_it_is_over(town):
    visitor, number = town.phone_by_dhcp()
    town.control.admit(a_grant(number, visitor.mac, visitor.address))

    def has_way_out() -> bool:
        return "proto ra" in visitor.namespace.ip("-6", "route", "show", "default")

    wait_for("a way out over IPv6", has_way_out)

    until = town.lab.gateway.check(["date", "--iso-8601=seconds", "--date", "6 seconds"]).strip()
    command(town, "drain", "--until", until)
    wait_for("the end", lambda: not is_online(visitor))
    wait_for("the word that this is no router any more", lambda: not has_way_out())
    command(town, "undrain")

    wait_for("the rest of the visit", lambda: is_online(visitor))
    wait_for("the way out", has_way_out)


def test_an_idle_visit_ends_in_the_kernel_is_told_to_control_and_is_not_let_in_again(town):
    idle, number = town.phone()
    busy, other = town.phone()
    grants = [
        a_grant(number, idle.mac, idle.address, idle_seconds=5),
        a_grant(other, busy.mac, busy.address, idle_seconds=20),
    ]
    town.control.admit(*grants)
    assert is_online(idle)

    def told() -> bool:
        assert is_online(busy)
        return Ended(grants[0].visit, Cause.IDLE) in [end for report in town.control.reports for end in report.ended]

    wait_for("its end", told, 60)
    wait_for("the disk", lambda: grants[0].visit in (town.lab.gateway_state / "ended.json").read_text())
    town.kill()
    town.restart()
    assert not is_online(idle)  # although control has not ended it yet
    assert is_online(busy)
