"""The gateway's benchmark: it reads its tools right, says what it misses, and a short run gives every figure."""

import json
import shutil
import subprocess
import sys

import pytest

from benchmarks import opennds, redirects
from benchmarks.gateway import TARGETS, figures, summary
from benchmarks.phones import Walk
from tests.lab.city import program_options

_WRK = """\
Running 6s test @ http://198.18.0.2/generate_204
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    11.96ms    3.07ms  45.02ms   88.94%
    Req/Sec     5.38k   421.02     6.02k    85.00%
  Latency Distribution
     50%  980.00us
     75%   12.60ms
     90%   14.79ms
     99%    1.02s
  32120 requests in 6.01s, 13.69MB read
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 5
Requests/sec:   5344.71
Transfer/sec:      2.28MB
"""
_LIBRARY = """\
\tdelete_chains

\tinput_priority=$(nft -a list table ip filter 2> /dev/null | grep -w "priority -100")

\tif [ -z "$input_priority" ]; then
\t\tnft rename chain ip filter INPUT INPUT_LEGACY 2> /dev/null
\tfi

\tforward_priority=$(nft -a list table ip filter 2> /dev/null | grep -w "priority -100")

\tif [ -z "$forward_priority" ]; then
\t\tnft rename chain ip filter FORWARD FORWARD_LEGACY 2> /dev/null
\tfi

\tnft add chain ip filter nds_allow_INP "{ type filter hook input priority 100 ; }"
\tif [ -z "$other" ]; then
\t\techo kept
\tfi
"""


def test_what_wrk_says_is_read_whatever_its_units():
    assert redirects.read(_WRK) == {
        "per_second": 5345,
        "p50_ms": 0.98,
        "p99_ms": 1020.0,
        "failed": 15,
        "answered": 32120,
    }


def test_openndss_library_loses_the_lines_that_stop_it_and_no_other():
    kept = opennds.mended(_LIBRARY).split("\n")
    assert [line for line in kept if line] == [
        "\tdelete_chains",
        '\tnft add chain ip filter nds_allow_INP "{ type filter hook input priority 100 ; }"',
        '\tif [ -z "$other" ]; then',
        "\t\techo kept",
        "\tfi",
    ]


def found(redirects=9000, sign_ins=400.0, p99=100.0, ratios=(1.5, 1.45), batch=0.1):
    return {
        "redirects": [{"per_second": 1}, {"per_second": redirects}],
        "sign_ins": {"as_fast_as_possible": {"per_second": sign_ins}, "at_rate": {"first_packet_ms": {"p99": p99}}},
        "packets": {"0": {"ratio": 9.0}, "1": {"ratio": ratios[0]}, "100000": {"ratio": ratios[1]}},
        "kernel": {"add_one_ms": batch},
    }


def test_a_run_that_meets_every_target_misses_nothing():
    said = summary(found())
    assert said["missed"] == []
    assert (said["redirects_per_second"], said["sign_in_p99_seconds"], said["packet_cost_ratio"]) == (9000, 0.1, 1.5)


@pytest.mark.parametrize(
    ("target", "given"),
    [
        ("redirects_per_second", {"redirects": 4999}),
        ("sign_ins_per_second", {"sign_ins": 299.9}),
        ("sign_in_p99_seconds", {"p99": 251.0}),
        ("sign_in_p99_seconds", {"p99": None}),
        ("packet_cost_ratio", {"ratios": (1.71, 1.7)}),
        ("packet_cost_spread", {"ratios": (1.5, 1.3)}),
        ("kernel_batch_ms", {"batch": 0.21}),
    ],
)
def test_a_missed_target_is_said(target, given):
    assert target in TARGETS
    assert summary(found(**given))["missed"] == [target]


def test_failed_sign_ins_are_counted_by_the_step_that_failed_and_have_no_times():
    said = figures([Walk(first_packet=0.02), Walk(first_packet=9.0, failed="tap: TimeoutError")])
    assert said["failed"] == {"tap: TimeoutError": 1}
    assert said["first_packet_ms"] == {"p50": 20.0, "p99": 20.0}


@pytest.mark.soak
@pytest.mark.root
@pytest.mark.lab
@pytest.mark.skipif(
    shutil.which("wrk") is None, reason="needs wrk: tests/lab/system_packages.sh opennds iptables wrk"
)
def test_a_short_run_gives_every_figure_in_its_last_line():
    run = [sys.executable, "-m", "benchmarks.gateway", "--json", "--quick"]
    done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=600, **program_options())
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["redirects_per_second"] > 0
    assert said["sign_ins_per_second"] > 0
    assert said["sign_in_p99_seconds"] > 0
    assert said["sign_ins"]["at_rate"]["failed"] == {}
    assert set(said["packets"]) == {"0", "1", "100"}
    assert said["packet_cost_ratio"] > 1
    if opennds.is_installed():
        assert said["opennds"]["sign_ins"]["failed"] == {}
