import dataclasses

import pytest

from tests.gateway.golden import GOLDEN
from tests.gateway.guard.tables import HALL, TEXTS
from tests.lab.namespaces import Namespaces
from wifi_manager.gateway.guard.ruleset import guard_ruleset


@pytest.mark.parametrize("name", TEXTS)
def test_the_guards_table_is_the_golden_one(name):
    assert TEXTS[name] == (GOLDEN / name).read_text()


@pytest.mark.root
def test_the_kernel_takes_the_golden_tables_one_over_the_other():
    with Namespaces() as namespaces:
        gateway = namespaces.add("guard")
        for name in [*TEXTS] * 2:
            done = gateway.run(["nft", "-f", str(GOLDEN / name)])
            lacks = "ibrname" in TEXTS[name] and "Operation not supported" in done.stderr  # a kernel without them
            assert lacks or done.returncode == 0, done.stderr
            assert "syntax" not in done.stderr


def test_of_several_lans_that_cannot_be_told_apart_the_smallest_pool_counts():
    assert "limit rate over 4/hour burst 50 packets" in TEXTS["guard-all-bridges.nft"]


def test_a_pool_that_lends_less_than_an_address_an_hour_is_braked_by_the_week():
    tiny = dataclasses.replace(HALL, pool=4, lease_seconds=86_400)

    assert "limit rate over 14/week burst 1 packets" in guard_ruleset([tiny], [], knows_bridges=True)


def test_a_lan_without_ipv6_has_a_table_too():
    assert "ip6 saddr { ::1 }" in guard_ruleset([HALL], [], knows_bridges=True)
