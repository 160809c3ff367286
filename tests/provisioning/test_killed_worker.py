"""A worker, and with it whoever looks after rollouts, is killed (SIGKILL) at any moments: the next ones finish its work."""

import base64
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.builders import A_CITY, A_MASTER_KEY
from tests.provisioning.test_rollout_lab import FLEET, HOW_MANY, LAYER, City, city, fleet, names_on_air  # noqa: F401 - fixtures are found by their name here
from wifi_manager.domain.pushes import PushState
from wifi_manager.domain.rollouts import RolloutState

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]
KILLS, LONGEST_LIFE = 6, 6.0
WORDS = ("provision", "worker", "--silence", "3", "--undo-after", "120", "--parallel", "4")
HOOK = 'echo "$1" >>/etc/prov/switches\n'  # the access point counts how often it was changed


@contextmanager
def a_worker(folder, say):
    """The real command, which is killed in the end."""
    key = folder / "master.key"
    key.touch(mode=0o600)
    key.write_bytes(base64.b64encode(A_MASTER_KEY))
    given = {
        "CITY_SLUG": A_CITY.slug,
        "DATABASE_URL": f"sqlite:///{folder / 'city.db'}",
        "KEYS_MASTER_KEY_FILE": str(key),
    }
    env = {**os.environ, **{f"WIFI_MANAGER_{name}": value for name, value in given.items()}}
    words, here = [sys.executable, "-m", "wifi_manager", *WORDS], Path(__file__).parents[2]
    with subprocess.Popen(words, env=env, cwd=here, stderr=say) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGKILL)


def test_a_rollout_whose_workers_are_killed_at_any_moments_ends_and_changes_each_access_point_once(
    city: City,  # noqa: F811 - the fixture from above
    fleet,  # noqa: F811 - the fixture from above
    tmp_path,
):
    for ap in fleet:
        ap.path("/etc/prov/post-apply").write_text(HOOK)
    city.want(FLEET, LAYER.format(ssid="City"))
    number = city.roll_out()
    moments = [random.uniform(0.5, LONGEST_LIFE) for _ in range(KILLS)]
    print("Killed after", moments, "seconds")
    with (tmp_path / "said").open("wb") as say:
        for moment in moments:
            with a_worker(tmp_path, say):
                time.sleep(moment)
        with a_worker(tmp_path, say):
            city.ends_as(number, RolloutState.DONE)

    assert names_on_air(fleet) == ["City"] * HOW_MANY
    assert {each.state for each in city.rollouts.report(number)} == {PushState.COMMITTED}
    assert [ap.read("/etc/prov/switches") for ap in fleet] == ["new\n"] * HOW_MANY
