"""Every column that holds sealed values, and how they are sealed anew when the master key is changed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.errors import BadInput
from wifi_manager.storage.accounts import ADDRESS_PURPOSE, NAME_PURPOSE
from wifi_manager.storage.backups import BACKUP_PURPOSE
from wifi_manager.storage.blocks import BLOCK_PURPOSE
from wifi_manager.storage.certificates import ACME_PURPOSE
from wifi_manager.storage.device_keys import KEY_PURPOSE
from wifi_manager.storage.drifts import DRIFT_PURPOSE
from wifi_manager.storage.eid import EID_DEVICE_PURPOSE, EID_SECRETS_PURPOSE
from wifi_manager.storage.intent_secrets import SECRET_PURPOSE
from wifi_manager.storage.intents import LAYER_PURPOSE
from wifi_manager.storage.lawful import LAWFUL_PURPOSE
from wifi_manager.storage.problem_reports import REPORT_PURPOSE
from wifi_manager.storage.pushes import CREDENTIAL_PURPOSE, INTENT_PURPOSE
from wifi_manager.storage.rows import accounts, budgets, certificates, desk, drift, eid, intents, inventory, law
from wifi_manager.storage.rows import provisioning as rows
from wifi_manager.storage.rows import visits as visit_rows
from wifi_manager.storage.store import Store
from wifi_manager.storage.text_codes import NUMBER_PURPOSE
from wifi_manager.storage.vault import TICKET_KEY_PURPOSE, Vault
from wifi_manager.storage.visits import ASKER_PURPOSE

SEALED: Mapping[sa.Column[Any], str] = {  # column -> purpose of the vault
    accounts.account.c.name_sealed: NAME_PURPOSE,
    accounts.account.c.address_sealed: ADDRESS_PURPOSE,
    budgets.sms_code.c.number_sealed: NUMBER_PURPOSE,
    certificates.acme_account.c.key_sealed: ACME_PURPOSE,
    desk.problem_report.c.text_sealed: REPORT_PURPOSE,
    desk.problem_report.c.answer_sealed: REPORT_PURPOSE,
    drift.backup.c.files_sealed: BACKUP_PURPOSE,
    drift.drift.c.said_sealed: DRIFT_PURPOSE,
    eid.eid_sign_in.c.device_sealed: EID_DEVICE_PURPOSE,
    eid.eid_sign_in.c.secrets_sealed: EID_SECRETS_PURPOSE,
    intents.intent_layer.c.text_sealed: LAYER_PURPOSE,
    intents.intent_secret.c.value_sealed: SECRET_PURPOSE,
    inventory.gateway.c.ticket_key_sealed: TICKET_KEY_PURPOSE,
    law.device_key.c.key_sealed: KEY_PURPOSE,
    law.lawful_request.c.scope_sealed: LAWFUL_PURPOSE,
    rows.credential.c.private_key_sealed: CREDENTIAL_PURPOSE,
    rows.credential.c.next_sealed: CREDENTIAL_PURPOSE,
    rows.credential.c.previous_sealed: CREDENTIAL_PURPOSE,
    rows.push.c.intent_sealed: INTENT_PURPOSE,
    rows.push.c.before_sealed: INTENT_PURPOSE,
    rows.wanted.c.intent_sealed: INTENT_PURPOSE,
    visit_rows.block.c.device_sealed: BLOCK_PURPOSE,
    visit_rows.visit.c.asker_sealed: ASKER_PURPOSE,
}
_BATCH = 200  # values a transaction: others who write wait for no longer than that takes


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many values of a column were sealed anew, and how many open with no key at all."""

    column: str
    done: int
    unopened: int


def reseal(store: Store, vault: Vault, column: sa.Column[Any]) -> Resealed:
    """Seal a city's values of a column with the key that seals now; those that are already stay as they are.

    May be ended at any point and begun again. What others change meanwhile stays as they left it.
    """
    counts: Counter[str] = Counter()
    last: Any = None
    while rows_ := _batch(store, column, last):
        last = rows_[-1][0]
        anew = [(key, old, _anew(vault, SEALED[column], old)) for key, old in rows_]
        counts["unopened"] += sum(new == b"" for *_, new in anew)
        counts["done"] += _exchange(store, column, [each for each in anew if each[2]])
    return Resealed(str(column), counts["done"], counts["unopened"])


def _batch(store: Store, column: sa.Column[Any], last: object) -> Sequence[tuple[Any, bytes]]:
    key = _key(column.table)
    with store.read() as tx:
        query = sa.select(key, column).where(column.table.c.city_id == tx.city_id, column.is_not(None))
        after = query if last is None else query.where(key > last)
        return [(row[0], row[1]) for row in tx.connection.execute(after.order_by(key).limit(_BATCH))]


def _exchange(store: Store, column: sa.Column[Any], anew: Sequence[tuple[Any, bytes, bytes | None]]) -> int:
    """Each new value for its old one, where that still stands."""
    if not anew:
        return 0
    mine = _key(column.table) == sa.bindparam("key")
    with store.begin() as tx:
        here = sa.and_(column.table.c.city_id == tx.city_id, mine, column == sa.bindparam("old", type_=column.type))
        update = sa.update(column.table).where(here).values({column.name: sa.bindparam("new", type_=column.type)})
        return sum(
            tx.connection.execute(update, {"key": key, "old": old, "new": new}).rowcount for key, old, new in anew
        )


def _anew(vault: Vault, purpose: str, sealed: bytes) -> bytes | None:
    """None: it is sealed with the newest key. Empty: it opens with none."""
    try:
        return vault.resealed(purpose, sealed)
    except BadInput:
        return b""


def _key(table: sa.Table) -> sa.Column[Any]:
    """What numbers a city's rows: the primary key, beside the city."""
    (key,) = (each for each in table.primary_key.columns if each.name != "city_id")
    return key
