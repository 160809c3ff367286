"""What city IT changes of the portal's face, and what the portal is told of it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from wifi_manager import log
from wifi_manager.clock import Clock
from wifi_manager.domain import face_documents
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import BadInput, OutsideFailure
from wifi_manager.domain.faces import CITY, Scope, SiteFace, merged
from wifi_manager.storage.faces import Version
from wifi_manager.storage.store import Store

_LOG = log.get(__name__)
_NOUN = "face"
FRESH_SECONDS = 3.0  # a change is on every page within 5 s


@dataclass(frozen=True, slots=True)
class FaceControl:
    """Sets, lists and restores faces. `languages` are the city's."""

    store: Store
    clock: Clock
    languages: Collection[str]

    def set(self, scope: Scope, document: Mapping[str, Any], actor: str) -> tuple[int, SiteFace]:
        """Put this document in force; its version and the face that it makes. Raises BadInput, NotFound."""
        face = face_documents.read(document, self.languages)
        with self.store.begin() as tx:
            now = self.clock.now()
            before = next((each.number for each in tx.faces.history(scope)), None)
            number = tx.faces.add(scope, document, actor, now)
            was = None if before is None else {"version": before}
            tx.audit.add(AuditEntry(now, actor, "set", _NOUN, str(scope), was, {"version": number}))
        return number, face

    def restore(self, number: int, actor: str) -> int:
        """Put an older version in force again, as a new one; its number. Raises NotFound, BadInput."""
        found = self.version(number)
        return self.set(found.scope, found.document, actor)[0]

    def history(self, scope: Scope) -> list[Version]:
        """All versions of a scope, the newest first. Raises NotFound."""
        with self.store.read() as tx:
            return tx.faces.history(scope)

    def version(self, number: int) -> Version:
        """One version. Raises NotFound."""
        with self.store.read() as tx:
            return tx.faces.get(number)

    def all(self) -> list[Version]:
        """The version in force of each scope that has a face of its own."""
        with self.store.read() as tx:
            return tx.faces.in_force()


class FacesShown:
    """What the portal shows: asked for with every page, read from the database only when somebody has changed it.

    While the database is away the last known faces go on being shown. Safe to share between threads.
    """

    def __init__(self, store: Store, languages: Collection[str], timer: Callable[[], float]) -> None:
        self._store, self._languages, self._timer = store, languages, timer
        self._faces: dict[Scope, SiteFace] = {}
        self._number = 0
        self._looked_at: float | None = None

    @property
    def number(self) -> int:
        """What moves on when any face has changed."""
        return self._number

    def at(self, site: tuple[str, str] | None) -> SiteFace:
        """What is shown at a site (district, name), or where no site is known."""
        self._look()
        scope = CITY if site is None else Scope(*site)
        return merged(self._faces[each] for each in scope.and_around() if each in self._faces)

    def _look(self) -> None:
        now = self._timer()
        if self._looked_at is not None and now - self._looked_at < FRESH_SECONDS:
            return
        self._looked_at = now
        try:
            with self._store.read() as tx:
                newest = tx.faces.newest_number()
                if newest != self._number:
                    self._faces = dict(filter(None, map(self._read, tx.faces.in_force())))
                    self._number = newest
        except OutsideFailure:
            _LOG.warning("faces could not be read; the last known ones go on being shown")

    def _read(self, version: Version) -> tuple[Scope, SiteFace] | None:
        try:
            return version.scope, face_documents.read(version.document, self._languages)
        except BadInput:  # such as a language that the city has given up since
            _LOG.warning("a face cannot be shown", extra={"version": version.number})
            return None
