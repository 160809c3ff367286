"""Codes as people type them, and what a voucher has left, for all vouchers that can be."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.vouchers import (
    ALPHABET,
    Allowance,
    Batch,
    BatchState,
    Spent,
    Voucher,
    admit,
    check_name,
    new_code,
    read_code,
    show_code,
)

CODES = st.text(ALPHABET, min_size=9, max_size=9)
LIMITS = st.none() | st.integers(1, 5)
SPANS = st.none() | st.integers(1, 10_000).map(lambda minutes: timedelta(minutes=minutes))
ALLOWANCES = st.builds(
    Allowance,
    uses=LIMITS,
    devices=LIMITS,
    good_until=SPANS.map(lambda span: None if span is None else NOON + span),
    lasts=SPANS,
    volume_bytes=st.none() | st.integers(1, 10**10),
)
SPENT = st.builds(Spent, st.integers(0, 6), st.integers(0, 10**10), st.booleans())
MOMENTS = st.integers(-10_000, 20_000).map(lambda minutes: NOON + timedelta(minutes=minutes))
VOUCHERS = st.builds(
    Voucher, st.just(1), ALLOWANCES, st.integers(0, 6), st.none() | MOMENTS, st.none() | st.just(NOON)
)


def test_a_code_has_44_bits_and_no_symbol_that_is_taken_for_another():
    assert 2**44 < len(ALPHABET) ** 9 < 2**45
    assert not set("01ILO") & set(ALPHABET)
    made = {new_code() for _ in range(200)}
    assert len(made) == 200
    assert set("".join(made)) == set(ALPHABET)


@given(CODES, st.sampled_from(["", "-", " ", " - ", "\u2013", "\u00a0"]), st.booleans(), st.booleans())
def test_a_code_is_read_in_any_case_and_width_with_or_without_hyphens(code, between, is_lower, is_wide):
    typed = between.join((code[:3], code[3:6], code[6:]))
    typed = typed.lower() if is_lower else typed
    typed = "".join(chr(ord(each) + 0xFEE0) if each.isalnum() else each for each in typed) if is_wide else typed
    assert read_code(f" {typed}\n") == code
    assert read_code(show_code(code)) == code


@given(st.text())
def test_whatever_is_typed_is_a_code_or_is_refused_in_words(typed):
    with suppress(BadInput):
        code = read_code(typed)
        assert len(code) == 9
        assert set(code) <= set(ALPHABET)


@pytest.mark.parametrize("typed", ["", "ABC-DEF-GH", "ABC-DEF-GHJK", "0BC-DEF-GHJ", "ABC-DEF-GH\u0130"])
def test_what_cannot_be_a_code_is_refused_with_what_a_code_looks_like(typed):
    with pytest.raises(BadInput, match="9 letters and digits"):
        read_code(typed)


@given(VOUCHERS, SPENT, MOMENTS)
def test_nobody_gets_more_than_is_left(voucher, spent, now):
    admitted, allowed = admit(voucher, spent, now), voucher.allowance
    if admitted is None:
        return
    assert voucher.revoked_at is None
    assert admitted.first_used_at == (voucher.first_used_at or now)
    assert admitted.uses - voucher.uses == (0 if spent.is_known else 1)
    assert allowed.uses is None or admitted.uses <= allowed.uses
    assert allowed.devices is None or spent.running < allowed.devices
    if allowed.volume_bytes is not None:
        assert 0 < admitted.volume_bytes == allowed.volume_bytes - spent.volume_bytes
    for end in (allowed.good_until, allowed.lasts and admitted.first_used_at + allowed.lasts):
        assert end is None or now < admitted.ends_by <= end


@given(VOUCHERS, MOMENTS)
def test_a_fresh_voucher_lets_in_until_its_last_day(voucher, now):
    fresh = Voucher(1, voucher.allowance)
    until = voucher.allowance.good_until
    assert (admit(fresh, Spent(), now) is not None) == (until is None or now < until)


def test_a_device_that_comes_back_needs_no_second_use_and_the_time_runs_on():
    used = Voucher(1, Allowance(uses=1, lasts=timedelta(hours=2)), uses=1, first_used_at=NOON)
    later = NOON + timedelta(hours=1)
    assert admit(used, Spent(), later) is None
    again = admit(used, Spent(is_known=True), later)
    assert (again.uses, again.ends_by) == (1, NOON + timedelta(hours=2))
    assert admit(used, Spent(is_known=True), NOON + timedelta(hours=2)) is None


@pytest.mark.parametrize(
    "wrong", [{"uses": 0}, {"devices": 0}, {"volume_bytes": 0}, {"lasts": timedelta(seconds=59)}]
)
def test_an_allowance_of_nothing_is_refused(wrong):
    with pytest.raises(BadInput):
        Allowance(**wrong)


@pytest.mark.parametrize("wrong", ["", " ", "x" * 61, " x", "a\nb"])
def test_a_name_that_lists_could_not_show_is_refused(wrong):
    with pytest.raises(BadInput):
        check_name(wrong)


def test_a_batch_is_valid_until_its_last_day_or_its_revocation():
    batch = Batch("a", Allowance(good_until=NOON), NOON, "somebody")
    assert batch.state(NOON - timedelta(seconds=1)) is BatchState.VALID
    assert batch.state(NOON) is BatchState.OVER
    assert Batch("a", Allowance(), NOON, "somebody", NOON).state(NOON) is BatchState.REVOKED
