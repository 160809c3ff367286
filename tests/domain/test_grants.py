import ipaddress
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.grants import Grant, difference

END = datetime(2030, 6, 3, 13, 0, tzinfo=UTC)


def a_grant(number: int, minutes: int = 0) -> Grant:
    device = MacAddress(bytes([2, 0, 0, 0, 0, number]))
    address = ipaddress.ip_address(f"10.0.0.{number}")
    return Grant(f"visit-{number}", number, device, address, END + timedelta(minutes=minutes))


GRANT_SETS = st.dictionaries(st.integers(1, 20), st.integers(0, 2)).map(
    lambda chosen: {f"visit-{number}": a_grant(number, minutes) for number, minutes in chosen.items()}
)


@given(GRANT_SETS, GRANT_SETS)
def test_ending_and_beginning_what_differs_turns_one_set_into_the_other(now, wanted):
    changes = difference(now, wanted)
    after = dict(now)
    for grant in changes.end:
        del after[grant.visit]
    for grant in changes.begin:
        assert grant.visit not in after
        after[grant.visit] = grant

    assert after == wanted


@given(GRANT_SETS)
def test_equal_sets_need_no_change(grants):
    assert difference(grants, dict(grants)).is_empty


def test_a_changed_grant_ends_and_begins_anew():
    changes = difference({"visit-1": a_grant(1)}, {"visit-1": a_grant(1, minutes=5)})

    assert (changes.end, changes.begin) == ((a_grant(1),), (a_grant(1, minutes=5),))
    assert not changes.is_empty
