"""What polls found, on the page of an access point, in the list and on the overview."""

from datetime import timedelta

import pytest

from tests.builders import NOON
from tests.console.test_pages import cells
from tests.fakes.clock import FrozenClock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.observations import Looked, Observation

REACH = Management("192.0.2.7", 22, "root", "SHA256:pinned")
UP = Observation(NOON, up=True, uptime_seconds=93600, config_digest="d1", model="Box 3", firmware="24.10.2")
DOWN = Observation(NOON, up=False)


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def look(signed_in, fleet, store):
    """A function that records what polls found and gives a viewer's browser."""

    def recorded(**found):
        with store.begin() as tx:
            for number, observation in found.items():
                tx.access_points.manage(number, "openwrt", REACH)
                if observation is not None:
                    tx.observations.record(
                        [Looked(number, observation, "" if observation.up else "no route to host")]
                    )
        return signed_in("viewer")

    return recorded


def test_the_page_of_an_access_point_says_what_the_last_poll_found_and_how_it_is_managed(look):
    text = look(HAN00001=UP).get("/access-points/HAN00001").text
    for fact in (
        "Up<",
        "1 d 2 h",
        "Box 3",
        "24.10.2",
        "Not known: nothing was",
        "root@192.0.2.7:22",
        "SHA256:pinned",
    ):
        assert fact in text


def test_an_access_point_that_is_down_says_why_and_since_when(look, clock):
    viewer = look(HAN00001=UP)
    look(HAN00001=Observation(NOON + timedelta(minutes=2), up=False))
    clock.advance(timedelta(minutes=5))
    text = viewer.get("/access-points/HAN00001").text
    assert "Down</span><br>no route to host" in text
    assert "2026-06-01 21:00</time>, 5 min ago" in text


def test_an_old_poll_is_no_news_and_names_the_command_that_polls(look, clock):
    viewer = look(HAN00001=UP)
    clock.advance(timedelta(minutes=11))
    text = viewer.get("/access-points/HAN00001").text
    assert "Too long ago to tell" in text
    assert "wifi-manager collect run" in text
    assert cells(viewer.get("/access-points?health=unknown").text) == ["HAN00001"]


def test_what_was_never_polled_or_is_not_managed_names_the_command_for_it(look):
    viewer = look(HAN00001=None)
    assert "wifi-manager collect now HAN00001" in viewer.get("/access-points/HAN00001").text
    assert "wifi-manager provision enrol HAN00002" in viewer.get("/access-points/HAN00002").text


def test_the_list_is_filtered_by_what_polls_found(look):
    viewer = look(HAN00001=UP, HAN00002=DOWN, HAN00003=None)
    found = {
        health: cells(viewer.get(f"/access-points?health={health}").text) for health in ("up", "down", "unknown")
    }
    assert found == {"up": ["HAN00001"], "down": ["HAN00002"], "unknown": ["HAN00003"]}
    assert "Nothing matches" in viewer.get("/access-points?health=odd").text
    assert cells(viewer.get("/access-points?health=down&q=한강&district=강동구").text) == ["HAN00002"]


def test_the_overview_counts_what_does_not_answer(look):
    text = look(HAN00001=UP, HAN00002=DOWN).get("/").text
    assert "<strong>2</strong><span>managed by this program</span>" in text
    assert "<strong>1</strong><span>do not answer</span>" in text
