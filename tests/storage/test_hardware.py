"""What an access point said of itself on both databases: asked once a day, and after another model or firmware."""

from datetime import timedelta

from tests.builders import an_access_point
from wifi_manager.domain.hardware import FoundRadio, Hardware
from wifi_manager.services.truth import GOOD_FOR, Truth


def test_it_is_kept_and_due_again_after_a_day_or_another_firmware_and_the_list_stays(store, clock):
    point, truth = an_access_point(model="A"), Truth(store, clock)
    with store.begin() as tx:
        tx.sites.save([point.site])
        tx.access_points.save([point], tx.sites.numbers())
    assert truth.get("AP-0001") is None
    assert truth.is_due("AP-0001", "B", "1")
    for channel in (6, 11):
        found = Hardware("B", "1", "S-1", (FoundRadio("radio0", "2.4", channel, "802.11n"),))
        truth.record("AP-0001", found)
        assert truth.get("AP-0001") == found
    truth.record("AP-0002", found)
    assert not truth.is_due("AP-0001", "B", "1")
    assert truth.is_due("AP-0001", "B", "2")
    clock.advance(GOOD_FOR + timedelta(seconds=1))
    assert truth.is_due("AP-0001", "B", "1")
    with store.read() as tx:
        assert tx.access_points.get("AP-0001") == point
