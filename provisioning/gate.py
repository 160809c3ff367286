"""The last look at the clock before a change is sent: its maintenance window may have closed meanwhile."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from provisioning.changes import ChangeSet
from provisioning.config_files import ConfigFiles
from provisioning.driver import AccessPointDriver, Answer, Facts, GoesOn, Standing
from provisioning.look_memory import LookMemory
from wifi_manager.domain.errors import Conflict
from wifi_manager.domain.observations import Observation


class NotNow(Conflict):
    """Nothing was sent: the maintenance window is not open for long enough."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A driver that sends nothing where it may not start now, and is the driver itself in everything else."""

    driver: AccessPointDriver
    may_start: Callable[[], bool]

    @property
    def switch_seconds(self) -> float:
        """As the driver's."""
        return self.driver.switch_seconds

    def facts(self) -> Facts:
        """As the driver's."""
        return self.driver.facts()

    def running_config(self) -> ConfigFiles:
        """As the driver's."""
        return self.driver.running_config()

    def standing(self) -> Standing:
        """As the driver's."""
        return self.driver.standing()

    def stage(self, config: ConfigFiles) -> tuple[Standing, ChangeSet]:
        """As the driver's."""
        return self.driver.stage(config)

    def apply(self, push_id: str, *, undo_after: timedelta) -> Answer:
        """Send what was staged. Raises NotNow, and what the driver raises."""
        self._look_at_the_clock()
        return self.driver.apply(push_id, undo_after=undo_after)

    def send(self, config: ConfigFiles, push_id: str, *, undo_after: timedelta, goes_on: GoesOn) -> Answer | None:
        """As the driver's, and raises NotNow where it would send."""

        def goes_on_now(standing: Standing, *, runs: bool) -> bool:
            if sends := goes_on(standing, runs=runs):
                self._look_at_the_clock()
            return sends

        return self.driver.send(config, push_id, undo_after=undo_after, goes_on=goes_on_now)

    def confirm(self, push_id: str) -> Standing:
        """As the driver's."""
        return self.driver.confirm(push_id)

    def observe(self, memory: LookMemory | None = None) -> Observation:
        """As the driver's."""
        return self.driver.observe(memory)

    def _look_at_the_clock(self) -> None:
        if not self.may_start():
            raise NotNow("The maintenance window is not open for long enough.")
