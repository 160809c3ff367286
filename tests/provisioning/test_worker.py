"""What a worker writes into the row when the access point's answer is neither success nor failure."""

import pytest

from provisioning.link import Garbled, HostKeyChanged, Unreachable
from provisioning.worker import Worker
from tests.builders import an_access_point
from tests.provisioning.test_push import ScriptedDevice
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.domain.pushes import PushState
from wifi_manager.services.change_control import ChangeControl, Reach

INTENT = 'hostname = "one"\n[management]\naddress = "10.4.0.2/24"\n'
REACH = Reach(Management("10.4.0.2", 22, "root", "SHA256:abc"), "PRIVATE KEY")


@pytest.fixture
def changes(store, clock):
    """Change control with one approved push."""
    point = an_access_point("AP-1")
    with store.begin() as tx:
        tx.sites.save([point.site])
        tx.access_points.save([point], tx.sites.numbers())
    control = ChangeControl(store, clock)
    control.enrol("AP-1", "openwrt", REACH, by="dispatcher")
    control.approve(control.propose("AP-1", INTENT, "d1", by="dispatcher").number, by="second person")
    return control


def row_after_one_step(changes, answer):
    device = ScriptedDevice(stages=[answer])
    Worker(changes, lambda *_: device, "worker-1").step()
    with changes.store.read() as tx:
        (push,) = tx.pushes.newest(9)
    return push.state, push.reason


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Unreachable("It does not answer."), "unreachable: It does not answer."),
        (Garbled("It speaks version 0."), "garbled: It speaks version 0."),
    ],
)
def test_a_device_that_cannot_be_heard_or_understood_leaves_the_push_in_the_queue_with_the_reason(
    changes, error, reason
):
    assert row_after_one_step(changes, error) == (PushState.APPROVED, reason)


def test_a_device_that_is_another_one_ends_the_push_as_refused_with_the_reason(changes):
    assert row_after_one_step(changes, HostKeyChanged("Another key.")) == (
        PushState.REFUSED,
        "host key changed: Another key.",
    )


def test_a_database_that_fails_meanwhile_leaves_no_invented_outcome(changes):
    with pytest.raises(OutsideFailure):
        row_after_one_step(changes, OutsideFailure("The database does not answer."))

    with changes.store.read() as tx:
        assert tx.pushes.newest(1)[0].state is PushState.RUNNING
