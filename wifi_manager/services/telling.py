"""Access points that nobody can reach tell of themselves: buses, and sites behind somebody else's router."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import Forbidden, NotFound
from wifi_manager.domain.observations import Looked, Observation
from wifi_manager.storage.look_tokens import Teller
from wifi_manager.storage.store import Store
from wifi_manager.wire.looks import ToldLooks

_TOKEN_BYTES = 32  # random: nobody guesses one, so its plain SHA-256 may lie in the database
_BOOTS = 20  # so many starts back, what was told before is known for what it is


@dataclass(frozen=True, slots=True)
class Telling:
    """Gives tokens, and keeps what their holders tell."""

    store: Store
    clock: Clock

    def give_token(self, external_id: str, actor: str) -> str:
        """A new token for an access point; the one before is worth nothing any more. Raises NotFound."""
        token, now = secrets.token_hex(_TOKEN_BYTES), self.clock.now()
        with self.store.begin() as tx:
            number = tx.access_points.number(external_id)
            if number is None:
                raise NotFound(f"No access point is numbered {external_id!r}. `wifi-manager fleet list` shows them.")
            tx.access_points.show(external_id)
            tx.look_tokens.give(number, _digest(token), now)
            tx.audit.add(AuditEntry(now, actor, "gave a token for looks to", "access point", external_id))
        return token

    def take_token(self, external_id: str, actor: str) -> None:
        """Its token is worth nothing any more. Raises NotFound where it has none."""
        with self.store.begin() as tx:
            number = tx.access_points.number(external_id)
            if number is None or not tx.look_tokens.take_away(number):
                raise NotFound(f"{external_id} has no token for looks.")
            entry = AuditEntry(self.clock.now(), actor, "took the token for looks from", "access point", external_id)
            tx.audit.add(entry)

    def who(self, token: str) -> str:
        """Whose token it is. Raises Forbidden for one that is unknown."""
        with self.store.read() as tx:
            return _known(tx.look_tokens.teller(_digest(token))).external_id

    def tell(self, token: str, told: ToldLooks) -> int:
        """Keep the newest look, with the newest position; how many were news. Raises Forbidden.

        What was told before changes nothing, in whatever order it comes: a look counts only where its start of the
        device is the newest that is known, or a new one, and its uptime is beyond the last.
        """
        with self.store.begin() as tx:
            teller = _known(tx.look_tokens.teller(_digest(token)))
            news = _news(teller, told)
            if not news:
                return 0
            found = [each for _, each in news]
            position = next((each.readings.position for each in reversed(found) if each.readings.position), None)
            newest = replace(found[-1], readings=replace(found[-1].readings, position=position))
            tx.observations.record([Looked(teller.external_id, newest)])
            boots = [*(each for each in teller.boots if each != told.boot), told.boot]
            tx.look_tokens.told(teller.number, boots[-_BOOTS:], news[-1][0])
        return len(news)


def _news(teller: Teller, told: ToldLooks) -> Sequence[tuple[int, Observation]]:
    if told.boot not in teller.boots:
        return told.looks
    if told.boot != teller.boots[-1]:
        return ()
    return [each for each in told.looks if each[0] > teller.uptime_seconds]


def _known(teller: Teller | None) -> Teller:
    if teller is None:
        raise Forbidden("This token is not known. Make a new one: wifi-manager collect token ACCESS_POINT.")
    return teller


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
