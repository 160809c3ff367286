"""Any access point with the helper `prov`, which speaks alike on all platforms. A step is one command over one line.

The platforms differ in how the helper gets there: a class of its own for each, beside this module.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

from provisioning.changes import ChangeSet
from provisioning.config_files import ConfigFiles, pack, pack_plain, unpack
from provisioning.driver import Answer, Facts, GoesOn, Standing, State
from provisioning.drivers.helper_answers import (
    END,
    Inspection,
    check,
    check_device,
    read_confirmation,
    read_inspection,
)
from provisioning.drivers.helper_hardware import read_hardware
from provisioning.drivers.look_texts import read_look, read_measured
from provisioning.link import Link, Reply, TooSlow, Unreachable
from provisioning.look_memory import LookMemory
from wifi_manager.clock import Clock
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.hardware import Hardware
from wifi_manager.domain.observations import Observation

PROV = "/etc/prov/prov"
SETTLE_SECONDS = 2  # reload_config returns before the services have reloaded
_REFUSED = b"PROV ERROR "
_NO_EXCHANGE = b"PROV ERROR USAGE\n"  # by a helper from before `exchange`


@dataclass(slots=True)
class _Talk:
    """One `prov exchange`. `sends` is what was decided; None: the helper never said where it stands."""

    config: ConfigFiles
    push_id: str
    undo_seconds: int
    settle_seconds: int
    goes_on: GoesOn
    sends: bool | None = None

    def order(self, said: bytes) -> bytes:
        """What the helper is told to stage; nothing where the push does not go on."""
        inspection, _ = read_inspection(Reply(0, said, b""))
        check_device(inspection.facts)
        self.sends = self.goes_on(inspection.standing, runs=inspection.runs(self.config))
        if not self.sends:
            return b""
        archive = pack_plain(self.config.content)  # a program fewer on the device than in gzip
        total = hashlib.sha256(archive).hexdigest()
        return f"{self.push_id} {self.undo_seconds} {total} {self.settle_seconds}\n".encode() + archive


@dataclass(slots=True)
class HelperDriver:
    """One access point at one address. Not for several threads at once: it remembers what was staged."""

    ENROL: ClassVar[str]  # one command, so that a broken line leaves either the old helper or the new one

    link: Link
    clock: Clock
    settle_seconds: int = SETTLE_SECONDS
    _staged: ConfigFiles | None = field(default=None, init=False)
    _base: str = field(default="-", init=False)  # digest of what ran when it was staged; the device compares

    @property
    def switch_seconds(self) -> float:
        """The helper waits 1 s, switches, and takes no confirmation while services reload."""
        return 1.3 + self.settle_seconds

    def facts(self) -> Facts:
        """Model, firmware, boot and free flash."""
        return self._inspect().facts

    def standing(self) -> Standing:
        """Where the device stands with the last push."""
        return self._inspect().standing

    def running_config(self) -> ConfigFiles:
        """The managed files as they are now; none on an access point that was never pushed to."""
        inspection = self._inspect()
        return self._fetch(path for _, path in inspection.sums)[1]

    def stage(self, config: ConfigFiles) -> tuple[Standing, ChangeSet]:
        """Read what runs in the places of `config`; if that changes before it is applied, the device refuses."""
        inspection, running = self._fetch(sorted(config.content))
        check_device(inspection.facts)
        self._staged, self._base = config, inspection.digest
        return inspection.standing, ChangeSet(running, config)

    def apply(self, push_id: str, *, undo_after: timedelta) -> Answer:
        """Send the staged files. Raises Refused; Unreachable leaves open what happened: ask `standing`."""
        if self._staged is None:
            raise BadInput("Stage a configuration before it is applied.")
        archive = pack(self._staged.content)
        total = hashlib.sha256(archive).hexdigest()
        seconds = int(undo_after.total_seconds())
        command = f"{PROV} stage {push_id} {seconds} {total} {self._base} {self.settle_seconds}"
        return Answer(check(self.link.run(command, archive))[0])

    def send(self, config: ConfigFiles, push_id: str, *, undo_after: timedelta, goes_on: GoesOn) -> Answer | None:
        """What `stage` and `apply` do, over one connection where the helper is new enough."""
        talk = _Talk(config, push_id, int(undo_after.total_seconds()), self.settle_seconds, goes_on)
        reply = self.link.converse(" ".join([PROV, "exchange", *sorted(config.content)]), END, talk.order)
        if talk.sends is None and reply.stdout == _NO_EXCHANGE:
            standing, change = self.stage(config)
            return self.apply(push_id, undo_after=undo_after) if goes_on(standing, runs=change.is_empty) else None
        return None if talk.sends is False else Answer(check(reply)[0])

    def confirm(self, push_id: str) -> Standing:
        """One try to confirm. PENDING means that it is too early."""
        return read_confirmation(push_id, self.link.run(f"{PROV} confirm {push_id}"))

    def hardware(self, model: str, firmware: str) -> Hardware:
        """What it is made of, beside what the last look told; nothing more where its helper is too old to tell."""
        return read_hardware(self.link.run(f"{PROV} hardware"), model, firmware)

    def observe(self, memory: LookMemory | None = None) -> Observation:
        """One look, one connection; an access point that takes no connection is down. Raises TooSlow.

        Counters go on from what `memory` holds of earlier looks; without it they are left out.
        """
        try:
            reply = self.link.run(f"{PROV} look")
            if reply.stdout.startswith(_REFUSED):  # by a helper from before `look`, or one that has no room for it
                reply = self.link.run(f"{PROV} inspect")
            found, texts = read_look(reply)
        except TooSlow:
            raise
        except Unreachable:
            return Observation(at=self.clock.now(), up=False)
        now, measured = self.clock.now(), read_measured(texts)
        readings = measured.readings
        if memory is not None:
            readings = memory.taken(measured, found.facts.boot_id, found.facts.uptime_seconds, now)
        return Observation(
            at=now,
            up=True,
            uptime_seconds=found.facts.uptime_seconds,
            load=found.load,
            config_digest=found.digest,
            model=found.facts.model or None,
            firmware=found.facts.firmware or None,
            pending=found.standing.state is State.PENDING,
            readings=readings,
        )

    def enrol(self, helper: Mapping[str, bytes]) -> Facts:
        """Put the helper's files on the access point, or renew them, and hear it speak. Raises Refused."""
        return read_inspection(self.link.run(self.ENROL, pack(helper)))[0].facts

    def _inspect(self) -> Inspection:
        return read_inspection(self.link.run(f"{PROV} inspect"))[0]

    def _fetch(self, paths: Iterable[str]) -> tuple[Inspection, ConfigFiles]:
        inspection, archive = read_inspection(self.link.run(" ".join([PROV, "fetch", *paths])))
        return inspection, ConfigFiles(unpack(archive))
