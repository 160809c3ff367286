"""The portal's benchmark: it counts right, says what it misses, and a short run gives every figure."""

import json
import subprocess
import sys

import pytest

from benchmarks.first_page import fetches
from benchmarks.portal import TARGETS, summary, times
from benchmarks.portal_citizens import Found, Visited
from tests.lab.city import program_options


def test_what_a_browser_fetches_is_counted_and_what_stands_in_the_page_is_not():
    inside = (
        '<link rel="icon" href="data:,"><style>p{background:url(data:image/png;base64,AA)}</style><img src="data:,">'
    )
    outside = '<script src="/a.js"></script><link rel=stylesheet href=/a.css><style>@import "b"; p{background:url(/c)}</style>'

    assert fetches(inside) == 0
    assert fetches(outside) == 4
    assert fetches('<a href="/terms">and other links</a><form action="/connect">') == 0


def test_failed_sign_ins_are_counted_by_the_step_that_failed_and_have_no_times():
    visits = [Visited(0.01, 0.02, ""), Visited(0.01, 9.0, "/connect: TimeoutError")]

    said = times(Found(visits, 2.0, 0.1))

    assert (said["per_second"], said["failed"]) == (0.5, {"/connect: TimeoutError": 1})
    assert said["answered_ms"] == {"p50": 20.0, "p99": 20.0}


def found(per_second=400.0, p99=100.0, page=(4000, 1), cost=1.02):
    ways = {"as_fast_as_possible": {"per_second": per_second}, "at_rate": {"answered_ms": {"p99": p99}}}
    weight = {"compressed_bytes": page[0], "requests": page[1]}
    return [{"one_tap": ways, "page": weight, "past": {"cost": cost}}]


def test_a_run_that_meets_every_target_misses_nothing():
    said = summary(found())

    assert said.pop("missed") == []
    assert said.keys() == TARGETS.keys()


@pytest.mark.parametrize(
    ("target", "given"),
    [
        ("sign_ins_per_second", {"per_second": 299.9}),
        ("sign_in_p99_seconds", {"p99": 251.0}),
        ("sign_in_p99_seconds", {"p99": None}),
        ("first_page_bytes", {"page": (14_337, 1)}),
        ("first_page_requests", {"page": (4000, 2)}),
        ("past_visits_cost", {"cost": 1.11}),
    ],
)
def test_a_missed_target_is_said(target, given):
    assert summary(found(**given))["missed"] == [target]


@pytest.mark.soak
def test_u1_a_short_run_gives_every_figure_in_its_last_line_and_its_sign_ins_succeed():
    run = [sys.executable, "-m", "benchmarks.portal", "--json", "--quick", "--database", "sqlite"]
    done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=250, **program_options())
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])

    assert said["sign_ins_per_second"] > 0
    assert said["sign_in_p99_seconds"] > 0
    assert said["first_page_bytes"] <= 14 * 1024
    assert said["first_page_requests"] == 1
    (result,) = said["results"]
    assert result["page"]["bytes"] <= 30 * 1024
    for way in ("one_tap", "one_tap_over_tls"):
        assert result[way]["as_fast_as_possible"]["failed"] == result[way]["at_rate"]["failed"] == {}
    assert result["past"]["past_visits"] > 0
