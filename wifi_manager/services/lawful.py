"""Lawful requests: an operator asks under a case number, an admin who is another approves, one of them exports.

The trail says who, when and which case, and never what was found.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import BadInput, Conflict, Forbidden
from wifi_manager.domain.law import NEVER_KEPT, Kind, LegalProfile
from wifi_manager.domain.lawful import LONGEST_CASE_NUMBER, LawfulRequest, Scope
from wifi_manager.domain.operators import Action, Operator
from wifi_manager.storage.store import Store, Transaction
from wifi_manager.storage.vault import Vault

_PURPOSE = "lawful export"  # the vault's, of the seal below each file


@dataclass(frozen=True, slots=True)
class Lawful:
    """Dual control over what leaves the city. An operator is one who has just signed in."""

    store: Store
    vault: Vault
    clock: Clock
    profile: LegalProfile

    def request(self, operator: Operator, case_number: str, scope: Scope) -> int:
        """Ask for records; returns the request's number. Raises BadInput, and Forbidden for a viewer."""
        _need(operator, Action.CHANGE)
        scope.check()
        if not case_number.strip() or not case_number.isprintable() or len(case_number) > LONGEST_CASE_NUMBER:
            raise BadInput(f"A case number has 1 to {LONGEST_CASE_NUMBER} characters: it stands on the order.")
        with self.store.begin() as tx:
            number = tx.lawful_requests.add(case_number, scope, operator.name, self.clock.now())
            self._note(tx, operator, "asked for", number, case_number)
            return number

    def approve(self, operator: Operator, number: int) -> LawfulRequest:
        """Approve what somebody else asked for. Raises NotFound, Forbidden, and Conflict the second time."""
        _need(operator, Action.ADMINISTER)
        with self.store.begin() as tx:
            found = tx.lawful_requests.get(number)
            if found.asked_by == operator.name:
                raise Forbidden("Whoever asked cannot approve: another admin has to look at the order too.")
            if found.approved_by is not None:
                raise Conflict(f"Request {number} was approved by {found.approved_by} before.")
            tx.lawful_requests.note(number, approved_by=operator.name, approved_at=self.clock.now())
            self._note(tx, operator, "approved", number, found.case_number)
            return found

    def export(self, operator: Operator, number: int) -> str:
        """The text of the file to hand over, sealed. Raises NotFound, Forbidden unless two people stand for it."""
        _need(operator, Action.CHANGE)
        now = self.clock.now()
        with self.store.begin() as tx:
            found = tx.lawful_requests.get(number)
            if found.approved_by is None:
                raise Forbidden(
                    f"Request {number} is not approved. Another admin runs `wifi-manager lawful approve`."
                )
            if operator.name not in found.people:
                raise Forbidden(f"Request {number} is exported by who asked for it or approved it.")
            text = self._sealed(self._answer(tx, found))
            digest = hashlib.sha256(text.encode()).digest()
            tx.lawful_requests.note(number, exported_by=operator.name, exported_at=now, digest=digest)
            self._note(tx, operator, "exported", number, found.case_number)
            return text

    def all(self) -> Sequence[LawfulRequest]:
        """Every request, the newest first."""
        with self.store.read() as tx:
            return tx.lawful_requests.all()

    def verify(self, text: str) -> bool:
        """Whether a file is as this city has exported it, to the letter."""
        body, _, seal = text.rstrip("\n").rpartition("\n")
        return hmac.compare_digest(self._seal(body + "\n").encode(), seal.encode())

    def _answer(self, tx: Transaction, found: LawfulRequest) -> dict[str, Any]:
        scope, now = tx.lawful_requests.scope(found.number), self.clock.now()
        of = [] if scope.device is None else [*tx.pseudonyms.of(scope.device), *tx.pseudonyms.held_of(scope.device)]
        numbers = tx.visits.numbers(of) if of else []
        return {
            "city": self.store.city,
            "case_number": found.case_number,
            "request": found.number,
            "asked_by": found.asked_by,
            "approved_by": found.approved_by,
            "exported_at": now,
            "from": scope.begins,
            "to": scope.ends,
            "visits": tx.lawful_requests.visits(scope, numbers, self.profile.erase_before(Kind.VISITS, now)),
            "law": self.profile.title,
            "kept_for_days": self.profile.keep[Kind.VISITS].days,
            "never_kept": list(NEVER_KEPT.values()),
        }

    def _sealed(self, answer: dict[str, Any]) -> str:
        body = json.dumps(answer, ensure_ascii=False, indent=2, default=str) + "\n"
        return f"{body}{self._seal(body)}\n"

    def _seal(self, body: str) -> str:
        return f"Seal: {self.vault.digest(_PURPOSE, body.encode()).hex()}"

    def _note(self, tx: Transaction, operator: Operator, action: str, number: int, case_number: str) -> None:
        told = {"case_number": case_number}
        tx.audit.add(AuditEntry(self.clock.now(), operator.name, action, "lawful request", str(number), after=told))


def _need(operator: Operator, action: Action) -> None:
    if not operator.may(action):
        raise Forbidden(f"{operator.name} is {operator.role}, which is not enough for that. Ask an admin.")
