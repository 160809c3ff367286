"""Codes that wait for their citizens, and how their provider does. Numbers lie sealed, and only for minutes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.text_codes import MOST_TRIES, VALID_FOR, KeptCode, PhoneNumber, ProviderStanding
from wifi_manager.storage.prepared import Prepared, Row
from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.rows.budgets import sms_code, sms_provider
from wifi_manager.storage.vault import Vault

_DEVICE, NUMBER_PURPOSE = "sms device", "sms number"  # the vault's purposes

# Made once, here: SQLAlchemy takes longer to make a statement than to run it.
_CITY = sa.bindparam("city", type_=sa.BigInteger)
_IS_MINE = sa.and_(sms_code.c.city_id == _CITY, sms_code.c.device == sa.bindparam("whose"))
_GIVEN = ("holder", "code", "number_sealed", "sent_at", "tries")
_NEW = {name: sa.bindparam(f"new_{name}", type_=sms_code.c[name].type) for name in _GIVEN}
_KEY = (sms_code.c.city_id, sms_code.c.device)
_KEEP = Prepared(
    {
        "sqlite": sqlite.insert(sms_code).on_conflict_do_update(_KEY, set_=_NEW),
        "postgresql": postgresql.insert(sms_code).on_conflict_do_update(index_elements=_KEY, set_=_NEW),
    },
    ("city_id", "device", *_GIVEN),
)
_OF = Prepared(sa.select(sms_code).where(_IS_MINE))
_TRY = Prepared(
    sa.update(sms_code)
    .where(_IS_MINE, sms_code.c.tries < MOST_TRIES, sms_code.c.sent_at > sa.bindparam("after", type_=Moment))
    .values(tries=sms_code.c.tries + 1)
    .returning(*sms_code.c)
)
_USE = Prepared(sa.delete(sms_code).where(_IS_MINE, sms_code.c.code == sa.bindparam("shown")).returning(*sms_code.c))
_DROP = sa.delete(sms_code).where(_IS_MINE)
_PROVIDER = Prepared(sa.select(sms_provider).where(sms_provider.c.city_id == _CITY))
_MORE_FAILURES = {"failures": sms_provider.c.failures + 1, "failed_at": sa.bindparam("at", type_=Moment)}
_FAILED: Mapping[str, sa.Executable] = {
    "sqlite": sqlite.insert(sms_provider).on_conflict_do_update(["city_id"], set_=_MORE_FAILURES),
    "postgresql": postgresql.insert(sms_provider).on_conflict_do_update(
        index_elements=["city_id"], set_=_MORE_FAILURES
    ),
}


@dataclass(frozen=True)
class TextCodes:
    """Questions about and changes of a city's codes."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None

    def keep(self, device: MacAddress, new: KeptCode) -> None:
        """Keep a code instead of the device's earlier one."""
        number = [new.number.e164, new.number.national, new.number.country]
        sealed = self._keys().seal(NUMBER_PURPOSE, json.dumps(number).encode())
        given = dict(zip(_GIVEN, (new.holder, new.code, sealed, new.sent_at, new.tries), strict=True))
        again = {f"new_{name}": value for name, value in given.items()}
        values = {"city_id": self.city_id, "device": self._digest(device), **given, **again}
        _KEEP.change(self.connection, values)

    def of(self, device: MacAddress) -> KeptCode | None:
        """The device's code, however old."""
        return self._found(_OF, device)

    def try_one(self, device: MacAddress, now: datetime) -> KeptCode | None:
        """Use up one try of the device's code. None when it has no code with a try left."""
        return self._found(_TRY, device, after=now - VALID_FOR)

    def use(self, device: MacAddress, code: bytes) -> KeptCode | None:
        """Take exactly this code (its digest) away, with its number. None when it is not there."""
        return self._found(_USE, device, shown=code)

    def drop(self, device: MacAddress) -> None:
        """Forget the device's code and number."""
        self.connection.execute(_DROP, {"city": self.city_id, "whose": self._digest(device)})

    def provider(self) -> ProviderStanding:
        """How the provider does."""
        row = _PROVIDER.first(self.connection, {"city": self.city_id})
        return ProviderStanding() if row is None else ProviderStanding(row["failures"], row["failed_at"])

    def provider_failed(self, now: datetime) -> None:
        """Count one more failure in a row."""
        values = {"city_id": self.city_id, "failures": 1, "failed_at": now, "at": now}
        self.connection.execute(_FAILED[self.connection.dialect.name], values)

    def provider_works(self) -> None:
        """The row of failures is over."""
        self.connection.execute(sa.delete(sms_provider).where(sms_provider.c.city_id == self.city_id))

    def _found(self, statement: Prepared, device: MacAddress, **given: object) -> KeptCode | None:
        named = {"city": self.city_id, "whose": self._digest(device), **given}
        row = statement.first(self.connection, named)
        return None if row is None else self._to_code(row)

    def _digest(self, device: MacAddress) -> bytes:
        return self._keys().digest(_DEVICE, device.octets)

    def _to_code(self, row: Row) -> KeptCode:
        number = PhoneNumber(*json.loads(self._keys().unseal(NUMBER_PURPOSE, row["number_sealed"])))
        return KeptCode(row["holder"], row["code"], number, row["sent_at"], row["tries"])

    def _keys(self) -> Vault:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not touch numbers.")
        return self.vault
