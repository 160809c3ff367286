"""What a visit may use, whatever plan, proof and usage come together."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, a_plan, a_visit, an_asker
from wifi_manager.domain.grants import Usage
from wifi_manager.domain.visits import grant_of

MOST = 2**62
LIMITS = st.none() | st.integers(1, MOST)
USED = st.integers(0, MOST)
PLANS = st.builds(
    a_plan,
    lifetime=st.timedeltas(timedelta(seconds=1), timedelta(days=400)),
    down_bps=LIMITS,
    up_bps=LIMITS,
    volume_bytes=LIMITS,
    up_volume_bytes=LIMITS,
    down_volume_bytes=LIMITS,
    idle=st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=7)),
)
MOMENTS = st.timedeltas(timedelta(days=-400), timedelta(days=400)).map(lambda away: NOON + away)


def smallest(*limits):
    return min((each for each in limits if each is not None), default=None)


@given(PLANS, LIMITS)
def test_a_proof_narrows_a_plan_and_never_widens_it(plan, own):
    narrowed = plan.within(own)

    assert narrowed.volume_bytes == smallest(plan.volume_bytes, own)
    assert plan.within(None) == plan
    assert narrowed.within(own) == narrowed
    for limit in ("name", "lifetime", "down_bps", "up_bps", "up_volume_bytes", "down_volume_bytes", "idle"):
        assert getattr(narrowed, limit) == getattr(plan, limit)


@given(PLANS, LIMITS, LIMITS)
def test_two_proofs_narrow_a_plan_to_the_same_in_either_order(plan, one, other):
    assert plan.within(one).within(other) == plan.within(other).within(one)


@given(PLANS, USED, USED, MOMENTS)
def test_a_grant_allows_what_is_left_and_never_more_and_never_nothing(plan, up, down, expires_at):
    grant = grant_of(plan, Usage("v-1", up, down), 7, an_asker(), expires_at, may_extend=False)

    used = {"volume_bytes": up + down, "up_volume_bytes": up, "down_volume_bytes": down}
    for limit, already in used.items():
        allowed, left = getattr(plan, limit), getattr(grant, limit)
        assert (allowed is None) == (left is None), "no limit stays none, and a limit stays one"
        if allowed is not None:
            assert 1 <= left <= allowed
            assert left == 1 or left + already == allowed
    assert (grant.down_bps, grant.up_bps, grant.expires_at) == (plan.down_bps, plan.up_bps, expires_at)


@given(PLANS, USED, st.integers(0, 10_000))
def test_who_has_used_more_is_never_granted_more(plan, used, more):
    before, after = (
        grant_of(plan, Usage("v-1", bytes_used, 0), 7, an_asker(), NOON, may_extend=False).volume_bytes
        for bytes_used in (used, used + more)
    )
    assert before is None or after <= before


@given(MOMENTS, MOMENTS, st.none() | MOMENTS)
def test_a_visit_runs_until_it_expires_or_is_ended_and_never_again(now, expires_at, ended_at):
    visit = a_visit(expires_at=expires_at, ended_at=ended_at, asker=None if ended_at else an_asker())

    assert visit.is_active(now) == (ended_at is None and now < expires_at)
    assert (visit.grant() is None) == (ended_at is not None)
    later = max(now, expires_at)
    assert not visit.is_active(later)
