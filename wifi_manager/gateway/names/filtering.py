"""Keeps the resolver of a network with a filter at what its list says, also when the list is replaced."""

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path

from wifi_manager import log
from wifi_manager.domain.errors import BadInput, OutsideFailure
from wifi_manager.gateway.disk import write_whole
from wifi_manager.gateway.names.filter_list import FilterList, read
from wifi_manager.gateway.names.helper import Helper
from wifi_manager.gateway.names.metrics import NamesMetrics
from wifi_manager.gateway.names.program import Program

_LOG = log.get(__name__)
_LOOK_SECONDS = 5.0

Signature = tuple[int, int, int] | None


class Filtering:
    """One network's filter. `program` makes the resolver out of names; `kept` are names that are never filtered."""

    def __init__(
        self,
        path: Path,
        copy: Path,
        program: Callable[[tuple[str, ...]], Program],
        kept: Collection[str],
        metrics: NamesMetrics,
    ) -> None:
        """`copy` is where the last good list is kept: a list that is lost opens nothing at the next start."""
        self._path, self._copy = path, copy
        self._program = program
        self._kept = kept
        self._metrics = metrics
        self._seen = _signature(path)

    def first(self) -> Program:
        """The resolver to begin with: by the list, or by the last good one, or by none where there never was one."""
        found = self._read(self._path)
        if found is None:
            found = self._read(self._copy) or FilterList(())
        return self._program(found.names)

    async def keep_fresh(self, helper: Helper) -> None:
        """Replace the resolver soon after the list was replaced. What cannot be read changes nothing."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            now = _signature(self._path)
            if now == self._seen:
                continue
            self._seen = now
            found = await asyncio.to_thread(self._read, self._path)
            if found is not None:
                helper.change(self._program(found.names))

    def _read(self, path: Path) -> FilterList | None:
        try:
            found = read(path, self._kept)
        except BadInput as problem:
            self._say(str(problem))
            return None
        for mistake in found.mistakes:
            self._say(mistake)
        if path == self._path:
            self._keep(found)
        _LOG.info("filter list", extra={"list": path.name, "names": len(found.names)})
        return found

    def _keep(self, found: FilterList) -> None:
        try:
            write_whole(self._copy, "".join(f"{name}\n" for name in found.names).encode())
        except OutsideFailure as full:
            self._say(str(full))

    def _say(self, problem: str) -> None:
        self._metrics.failed("filter")
        _LOG.warning("filter list has a mistake", extra={"problem": problem})


def _signature(path: Path) -> Signature:
    """Changes when the file is written or replaced; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
