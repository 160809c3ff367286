"""Reads an access point closer than a poll does: its files where its digest is new, and what it is made of."""

from dataclasses import dataclass

from provisioning.adopting import Adoption, adoption
from provisioning.changes import ChangeSet
from provisioning.config_files import ConfigFiles, pack
from provisioning.driver import Looker, TellsFiles, TellsHardware
from provisioning.platforms import OPENWRT, render
from wifi_manager.domain.drift import Reading
from wifi_manager.domain.intent_documents import approved_intent
from wifi_manager.domain.observations import Observation
from wifi_manager.services.drift import Drifting
from wifi_manager.services.truth import Truth
from wifi_manager.storage.pushes import Wanted

_NO_LIST = "Its list of managed files is gone."
_NO_LINE = "No line differs, but the bytes between them do.\n"


@dataclass(frozen=True, slots=True)
class DriftWatch:
    """Asks a device for its files only when it tells another digest than the last time, or another one is wanted."""

    drifting: Drifting

    def look(self, external_id: str, driver: Looker, found: Observation) -> None:
        """Read what is due: its files, and what it is made of. Raises what `link.Link.run` raises."""
        self._read_files(external_id, driver, found)
        self._read_hardware(external_id, driver, found)

    def _read_hardware(self, external_id: str, driver: Looker, found: Observation) -> None:
        truth = Truth(self.drifting.store, self.drifting.clock)
        told = (found.model or "", found.firmware or "")
        if found.up and isinstance(driver, TellsHardware) and truth.is_due(external_id, *told):
            truth.record(external_id, driver.hardware(*told))

    def _read_files(self, external_id: str, driver: Looker, found: Observation) -> None:
        digest = found.config_digest
        if digest is None or not isinstance(driver, TellsFiles):
            return
        if not found.up or found.pending or not self.drifting.is_due(external_id, digest):
            return
        wanted = self.drifting.wanted(external_id)
        self.drifting.record(
            external_id, reading(digest, driver.running_config(), wanted, self.drifting.platform(external_id))
        )


def reading(observed: str, files: ConfigFiles, wanted: Wanted | None, platform: str = OPENWRT) -> Reading:
    """What was read, and how it differs. Raises BadInput where the wanted intent is none any more."""
    archive, digest = pack(files.content) if files.content else b"", files.digest()
    if wanted is None or wanted.digest in {observed, digest}:
        return Reading(observed, digest, archive, wanted.digest if wanted else "")
    change = ChangeSet(render(approved_intent(wanted.intent), platform), files)
    made = adoption(wanted.intent, files, platform) if files.content else Adoption(obstacles=(_NO_LIST,))
    return Reading(observed, digest, archive, wanted.digest, change.diff() or _NO_LINE, made.override, made.obstacles)
