"""Vouchers: issued in batches, shown once, used on the portal, revoked with the visits that they opened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import BadInput, NotFound
from wifi_manager.domain.visits import EndReason, Method, Proof
from wifi_manager.domain.vouchers import (
    MOST_CODES,
    Allowance,
    Batch,
    CodeRefused,
    admit,
    check_name,
    new_code,
)
from wifi_manager.services.admission import Prove
from wifi_manager.services.endings import end_visits
from wifi_manager.storage.store import Store, Transaction
from wifi_manager.storage.vault import Vault
from wifi_manager.storage.vouchers import KeptBatch
from wifi_manager.wire.tickets import Ticket

_NOUN = "vouchers"
_PURPOSE = "voucher"


@dataclass(frozen=True, slots=True)
class Issued:
    """A batch with its codes in the order of their numbers, which are kept nowhere else."""

    batch: Batch
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vouchers:
    """What city IT does with vouchers, and what proves one. `retention` is how long visits, and their bytes, stay."""

    store: Store
    vault: Vault
    clock: Clock
    retention: timedelta

    def issue(self, name: str, allowance: Allowance, count: int, actor: str) -> Issued:
        """Make a batch of so many codes. Raises BadInput, NotFound for its plan, Conflict when the name is taken."""
        now = self.clock.now()
        self._check(allowance, count, now)
        batch = Batch(check_name(name), allowance, now, actor)
        codes = _distinct_codes(count)
        with self.store.begin() as tx:
            if allowance.plan is not None:
                tx.plans.get(allowance.plan)
            tx.vouchers.add(batch, [self._digest(code) for code in codes])
            tx.audit.add(AuditEntry(now, actor, "issued", _NOUN, name, after={"codes": count, **_told(allowance)}))
        return Issued(batch, codes)

    def all(self) -> Sequence[KeptBatch]:
        """Every batch, the newest first."""
        with self.store.read() as tx:
            return tx.vouchers.all()

    def batch(self, name: str) -> Batch:
        """One batch. Raises NotFound."""
        with self.store.read() as tx:
            return _known(tx, name)

    def numbers(self, name: str, codes: Sequence[str]) -> list[int]:
        """The numbers of codes of this batch. Raises NotFound where one is of another batch, or of none."""
        with self.store.read() as tx:
            _known(tx, name)
            numbers = tx.vouchers.numbers(name)
        found = [numbers.get(self._digest(code)) for code in codes]
        known = [number for number in found if number is not None]
        if len(known) < len(found):
            raise NotFound(f"{len(found) - len(known)} of these codes are not of batch {name!r}. Is it their file?")
        return known

    def revoke(self, name: str, actor: str, number: int | None = None) -> int:
        """Revoke a batch, or its code of this number, and end the visits opened with it; returns how many codes.

        Raises NotFound.
        """
        now = self.clock.now()
        with self.store.begin() as tx:
            _known(tx, name)
            if number is not None and number not in tx.vouchers.numbers(name).values():
                raise NotFound(f"Batch {name!r} has no code {number}. The number stands on the card.")
            revoked = tx.vouchers.revoke(name, now, number)
            ended = end_visits(tx, tx.vouchers.running(name, now, number), EndReason.REVOKED, now)
            subject = name if number is None else f"{name} {number}"
            after = {"codes": revoked, "ended_visits": ended}
            tx.audit.add(AuditEntry(now, actor, "revoked", _NOUN, subject, after=after))
        return revoked

    def prove(self, code: str, meanwhile: Callable[[Transaction], None]) -> Prove:
        """Use this code up in the transaction that opens a visit; `meanwhile` is done there when it is right.

        The proof raises CodeRefused, after the same questions to the database whatever is wrong with the code: its
        keyed digest is looked up, so that time tells nothing about how much of a guess was right.
        """
        digest = self._digest(code)

        def proof(tx: Transaction, ticket: Ticket, now: datetime) -> Proof:
            voucher, spent = tx.vouchers.find(digest), tx.vouchers.spent(digest, ticket.device, now)
            admitted = None if voucher is None else admit(voucher, spent, now)
            if voucher is None or admitted is None:
                raise CodeRefused("This code lets nobody in: it is mistyped, used up, over or revoked.")
            tx.vouchers.use(digest, admitted)
            meanwhile(tx)
            plan = voucher.allowance.plan
            return Proof(Method.VOUCHER, digest, plan, admitted.ends_by, admitted.volume_bytes)

        return proof

    def _check(self, allowance: Allowance, count: int, now: datetime) -> None:
        if not 1 <= count <= MOST_CODES:
            raise BadInput(f"A batch has 1 to {MOST_CODES} codes.")
        if allowance.good_until is not None and allowance.good_until <= now:
            raise BadInput("The last day of a batch is today or later.")
        life = allowance.longest_life(now)
        if allowance.volume_bytes is not None and (life is None or life > self.retention):
            raise BadInput(
                f"Data of all visits is counted while visits are kept, which is {self.retention.days} days: vouchers "
                "with a limit of data last no longer from their first use. Give a time or a last day."
            )

    def _digest(self, code: str) -> bytes:
        return self.vault.digest(_PURPOSE, code.encode())


def _distinct_codes(count: int) -> tuple[str, ...]:
    codes: dict[str, None] = {}
    while len(codes) < count:
        codes[new_code()] = None
    return tuple(codes)


def _known(tx: Transaction, name: str) -> Batch:
    batch = tx.vouchers.get(name)
    if batch is None:
        raise NotFound(f"No batch is called {name!r}. `wifi-manager voucher list` shows all.")
    return batch


def _told(allowance: Allowance) -> Mapping[str, object]:
    """What the trail keeps: limits alone."""
    given = {name: value for name, value in asdict(allowance).items() if value is not None}
    return {name: value if isinstance(value, int | str) else str(value) for name, value in given.items()}
