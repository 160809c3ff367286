"""Real programs are started, watched, replaced and taken over."""

import asyncio
import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import prometheus_client
import pytest

from tests.lab.inside import running
from tests.lab.namespaces import Namespace, Namespaces, wait_for
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.names.helper import Helper, stop_all_but
from wifi_manager.gateway.names.metrics import NamesMetrics
from wifi_manager.gateway.names.program import Program

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]


@pytest.fixture(scope="module")
def place() -> Iterator[Namespace]:
    with Namespaces() as namespaces:
        yield namespaces.add("place")


@pytest.fixture
def metrics() -> NamesMetrics:
    return NamesMetrics(GatewayMetrics(prometheus_client.CollectorRegistry()))


def dnsmasq(folder: Path, port: int, *lines: str, name: str = "dnsmasq-test") -> Program:
    bare = Program(name, folder)
    text = "\n".join([f"pid-file={bare.pid_file}", f"port={port}", "no-resolv", "bind-interfaces", *lines, ""])
    command = ("dnsmasq", "--keep-in-foreground", "--log-facility=-", f"--conf-file={bare.file}")
    return Program(name, folder, command, text)


def helper(program: Program, metrics: NamesMetrics) -> Helper:
    return Helper(program, metrics, metrics.resolver_starts.inc)


def starts(metrics: NamesMetrics) -> float:
    return metrics.registry.get_sample_value("wifi_gateway_resolver_starts_total") or 0.0


def stop(program: Program) -> None:
    os.kill(wait_for("its process id", program.running), signal.SIGKILL)


def test_what_is_killed_is_started_again_and_leaves_no_dead_process(place, metrics, tmp_path):
    program = dnsmasq(tmp_path, 5401)
    with running(place, helper(program, metrics).keep_running):
        first = wait_for("the first", program.running)
        os.kill(first, signal.SIGKILL)
        wait_for("the second", lambda: program.running() not in {None, first})

        wait_for("its count", lambda: starts(metrics) == 2)
        assert not Path(f"/proc/{first}").exists()
    stop(program)


def test_it_outlives_the_agent_and_is_taken_over_by_the_next_one(place, metrics, tmp_path):
    program = dnsmasq(tmp_path, 5402)
    with running(place, helper(program, metrics).keep_running):
        first = wait_for("the first", program.running)
        wait_for("its count", lambda: starts(metrics) == 1)

    with running(place, helper(program, metrics).keep_running):
        os.kill(first, 0)
        assert (program.running(), starts(metrics)) == (first, 1)
        os.kill(first, signal.SIGKILL)  # it is watched although it is nobody's child any more
        wait_for("another one", lambda: starts(metrics) == 2 and program.running())
    stop(program)


def test_another_configuration_replaces_it_at_once_and_at_the_next_start(place, metrics, tmp_path):
    first, second, third = (dnsmasq(tmp_path, port) for port in (5403, 5404, 5405))
    kept = helper(first, metrics)

    def listens(port: int) -> bool:
        return f":{port} " in place.check(["ss", "-lnu"])

    with running(place, kept.keep_running) as loop:
        wait_for("the first", lambda: listens(5403))
        loop.call_soon_threadsafe(kept.change, second)
        wait_for("the second", lambda: listens(5404))
        assert not listens(5403)
    with running(place, helper(third, metrics).keep_running):
        wait_for("the third", lambda: listens(5405))
        assert not listens(5404)
    stop(third)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no-such-option", "bad option at line 5"),
        ("listen-address=198.18.255.254", "Cannot assign requested address"),
    ],
)
def test_one_that_cannot_start_says_why_and_is_tried_again(place, metrics, tmp_path, caplog, line, said):
    caplog.set_level(logging.ERROR)
    program = dnsmasq(tmp_path, 5406, line)

    def failures() -> float:
        return metrics.registry.get_sample_value("wifi_gateway_problems_total", {"reason": "resolver"}) or 0.0

    with running(place, helper(program, metrics).keep_running):
        wait_for("two tries", lambda: failures() >= 2)

    assert said in caplog.records[0].problem
    assert program.running() is None


def test_one_that_is_not_installed_is_named(place, metrics, tmp_path, caplog):
    caplog.set_level(logging.ERROR)
    with running(place, helper(Program("x", tmp_path, ("no-such-program",)), metrics).keep_running):
        wait_for("the log", lambda: caplog.records)

    assert caplog.records[0].problem == "The program no-such-program is not installed."


def test_what_other_settings_left_is_stopped_and_nothing_else(place, metrics, tmp_path):
    wanted, left = dnsmasq(tmp_path, 5407), dnsmasq(tmp_path, 5408, name="dnsmasq-of-a-network-that-is-gone")
    with running(place, helper(wanted, metrics).keep_running, helper(left, metrics).keep_running):
        wait_for("both", lambda: wanted.running() and left.running())

    asyncio.run(stop_all_but([wanted], tmp_path))

    assert left.running() is None
    assert not left.file.exists()
    assert wanted.running()
    stop(wanted)
