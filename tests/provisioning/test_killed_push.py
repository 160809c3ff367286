"""A push whose process was killed (SIGKILL) ends with all of the new or all of the old, and the next one says which."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.config_files import ConfigFiles
from provisioning.driver import State
from provisioning.push import Outcome, OutcomeKind, PushOrder, push
from tests.lab.access_point import LabAccessPoint
from tests.provisioning.kit import an_order, files_of, has, until_it_stands

pytestmark = [pytest.mark.lab, pytest.mark.root]
COMMITTED = Outcome(OutcomeKind.COMMITTED)


@pytest.mark.parametrize(
    "point",
    [
        ("exchange", "before", False),
        ("exchange", "middle", False),
        ("exchange", "after", True),
        ("confirm", "after", True),
    ],
)
def test_a_push_whose_process_was_killed_is_committed_by_the_next_one_and_never_mixed(ap, driver, tmp_path, point):
    verb, when, known = point
    before = files_of(ap)
    order = _big(an_order(ap, "1"))

    _push_and_be_killed(ap, order, tmp_path, verb, when)

    assert has(ap, before) or has(ap, order.config)
    assert (driver.standing().push_id == order.push_id) is known
    assert push(order, driver, driver) == COMMITTED
    assert has(ap, order.config)
    assert push(order, driver, driver) == COMMITTED


def test_a_push_whose_process_was_killed_and_that_nobody_takes_up_again_undoes_itself(ap, driver, tmp_path):
    before = files_of(ap)
    order = an_order(ap, "1", undo_seconds=5)

    _push_and_be_killed(ap, order, tmp_path, "exchange", "after")

    until_it_stands(driver, lambda standing: standing.state is State.ROLLEDBACK)
    assert has(ap, before)
    assert push(order, driver, driver) == Outcome(OutcomeKind.UNDONE, "timeout")


def _big(order: PushOrder) -> PushOrder:
    """With a banner that does not fit into one SSH packet, so that the upload has a middle."""
    return replace(order, config=ConfigFiles({**order.config.content, "etc/banner": os.urandom(200_000)}))


def _push_and_be_killed(ap: LabAccessPoint, order: PushOrder, folder: Path, verb: str, when: str) -> None:
    for path, data in order.config.content.items():
        (folder / "files" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "files" / path).write_bytes(data)
    case = {
        "files": str(folder / "files"), "key": str(ap.client_key), "host": ap.address, "host_key": ap.host_key_fingerprint,
        "device": order.device, "revision": order.revision, "seconds": str(order.undo_after.total_seconds()),
        "verb": verb, "when": when,
    }  # fmt: skip
    (folder / "case.json").write_text(json.dumps(case))
    words = [sys.executable, "-m", "tests.provisioning.pushing_process", str(folder / "case.json")]
    ended = subprocess.run(words, check=False, timeout=90, cwd=Path(__file__).parents[2])
    assert ended.returncode == -signal.SIGKILL
