"""The resolver for who is not signed in knows the eID's hosts that control names, and never a probe's."""

import asyncio
import contextlib
from pathlib import Path

import prometheus_client
import pytest

from tests.gateway.golden import EXAMPLE
from wifi_manager.domain.probes import PROBE_HOSTS
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.names import dnsmasq
from wifi_manager.gateway.names.doorstep import Doorstep
from wifi_manager.gateway.names.metrics import NamesMetrics
from wifi_manager.gateway.names.program import Program
from wifi_manager.gateway.settings_file import load


@pytest.fixture
def metrics() -> NamesMetrics:
    return NamesMetrics(GatewayMetrics(prometheus_client.CollectorRegistry()))


def program(hosts: tuple[str, ...]) -> Program:
    settings = load(EXAMPLE)
    return dnsmasq.doorstep(settings, settings.networks[0], "https://portal.city.example", Path("/x"), hosts)


def opened(made: Program) -> set[str]:
    lines = [line for line in made.configuration.splitlines() if "#eid4" in line]
    return {line.split("/")[1] for line in lines}


def test_addresses_of_the_hosts_are_added_to_sets_of_both_families(metrics):
    made = Doorstep(program, lambda: ("id.example",), metrics).first()
    assert "nftset=/id.example/4#inet#wifi#eid4,6#inet#wifi#eid6" in made.configuration.splitlines()


@pytest.mark.parametrize("host", [*PROBE_HOSTS, "google.com", "apple.com"])
def test_p6_a_host_that_phones_probe_is_never_opened_and_that_is_counted(metrics, host):
    made = Doorstep(program, lambda: (host, "id.example"), metrics).first()

    assert opened(made) == {"id.example"}
    assert metrics.registry.get_sample_value("wifi_gateway_problems_total", {"reason": "eid"}) == 1


def test_hosts_that_control_names_anew_replace_the_resolver(metrics):
    named = [("old.example",)]
    replaced = asyncio.Event()
    seen: list[Program] = []

    class Helper:
        def change(self, made: Program) -> None:
            seen.append(made)
            replaced.set()

    async def scenario() -> None:
        doorstep = Doorstep(program, lambda: named[-1], metrics)
        assert opened(doorstep.first()) == {"old.example"}
        task = asyncio.create_task(doorstep.keep_fresh(Helper()))
        named.append(("new.example",))
        await asyncio.wait_for(replaced.wait(), 30)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert [opened(each) for each in seen] == [{"new.example"}]
