"""Sign-ins with the eID that are under way, one a device, and which devices reach the provider for it."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.openings import Opening
from wifi_manager.domain.visits import Consent
from wifi_manager.storage.gateways import gateway_number
from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.rows.eid import eid_sign_in
from wifi_manager.storage.rows.inventory import gateway
from wifi_manager.storage.vault import Vault

EID_DEVICE_PURPOSE, EID_SECRETS_PURPOSE, _KEY = "eid device", "eid secrets", "eid sign-in"  # the vault's purposes
_CITY = eid_sign_in.c.city_id == sa.bindparam("city")
_WHOLE = sa.select(eid_sign_in, gateway.c.name.label("gateway")).join_from(eid_sign_in, gateway).where(_CITY)
_OF_DEVICE = _WHOLE.where(eid_sign_in.c.device_id == sa.bindparam("number"))
_BY_KEY = _WHOLE.where(eid_sign_in.c.key_digest == sa.bindparam("key"))
_OPEN = _WHOLE.where(
    gateway.c.name == sa.bindparam("at"), eid_sign_in.c.opened_until > sa.bindparam("now", type_=Moment)
)
_OF = _WHOLE.where(eid_sign_in.c.device_id.in_(sa.bindparam("numbers", expanding=True)))


@dataclass(frozen=True, slots=True)
class EidSignIn:
    """One that is under way, or that was until a moment ago: then it has no secrets any more."""

    number: int  # the device's
    device: MacAddress
    gateway: str
    consent: Consent
    revision: int
    begun_at: datetime
    until: datetime
    opened_until: datetime
    secrets: Mapping[str, str]

    def is_under_way(self, now: datetime) -> bool:
        """Whether it can still come to a good end."""
        return bool(self.secrets) and now < self.until

    def __repr__(self) -> str:
        """Shows neither secrets nor the device: a repr lands in logs and tracebacks."""
        return f"EidSignIn({self.number})"


@dataclass(frozen=True)
class EidSignIns:
    """Questions about and changes of a city's sign-ins with the eID."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None  # None in processes that need no addresses: they must not ask

    def of(self, number: int) -> EidSignIn | None:
        """The newest of a device, by its number."""
        return self._one(_OF_DEVICE, number=number)

    def found_by(self, key: str) -> EidSignIn | None:
        """The one whose key this is: its state, or later the word that its citizen comes back with."""
        return self._one(_BY_KEY, key=self._digest(key))

    def save(self, new: EidSignIn, key: str) -> None:
        """Keep a new one, in place of the device's one before."""
        mine = eid_sign_in.c.device_id == new.number
        self.connection.execute(sa.delete(eid_sign_in).where(mine))
        values = {
            "device_id": new.number,
            "city_id": self.city_id,
            "gateway_id": gateway_number(self.connection, self.city_id, new.gateway),
            "device_sealed": self._keys().seal(EID_DEVICE_PURPOSE, new.device.octets),
            "key_digest": self._digest(key),
            "secrets_sealed": self._seal(new.secrets),
            "terms_version": new.consent.terms_version,
            "terms_language": new.consent.language,
            "revision": new.revision,
            "begun_at": new.begun_at,
            "until": new.until,
            "opened_until": new.opened_until,
        }
        self.connection.execute(sa.insert(eid_sign_in).values(values))

    def go_on(self, number: int, key: str, secrets: Mapping[str, str], until: datetime, now: datetime) -> None:
        """It has another key and other secrets now, and its device needs the provider no more."""
        values = {"key_digest": self._digest(key), "secrets_sealed": self._seal(secrets), "until": until}
        self._change(number, {**values, "opened_until": now})

    def end(self, number: int, now: datetime) -> None:
        """It comes to nothing any more, and its device needs the provider no more."""
        self._change(number, {"key_digest": None, "secrets_sealed": None, "until": now, "opened_until": now})

    def openings(self, gateway_name: str, now: datetime) -> tuple[Opening, ...]:
        """Devices that this gateway lets reach the provider now."""
        rows = self.connection.execute(_OPEN, {"city": self.city_id, "at": gateway_name, "now": now})
        return tuple(Opening(each.device, each.opened_until) for each in map(self._read, rows))

    def openings_of(self, gateway_name: str, numbers: Collection[int]) -> tuple[Opening, ...]:
        """The same of these devices alone, those too that are over, or that are at another gateway now."""
        rows = self.connection.execute(_OF, {"city": self.city_id, "numbers": list(numbers)})
        return tuple(
            Opening(each.device, each.opened_until if each.gateway == gateway_name else each.begun_at)
            for each in map(self._read, rows)
        )

    def _one(self, query: sa.Executable, **given: object) -> EidSignIn | None:
        row = self.connection.execute(query, {"city": self.city_id, **given}).one_or_none()
        return None if row is None else self._read(row)

    def _change(self, number: int, values: dict[str, Any]) -> None:
        mine = sa.and_(eid_sign_in.c.city_id == self.city_id, eid_sign_in.c.device_id == number)
        self.connection.execute(sa.update(eid_sign_in).where(mine).values(values))

    def _read(self, row: sa.Row[Any]) -> EidSignIn:
        keys = self._keys()
        sealed = row.secrets_sealed
        return EidSignIn(
            number=row.device_id,
            device=MacAddress(keys.unseal(EID_DEVICE_PURPOSE, row.device_sealed)),
            gateway=row.gateway,
            consent=Consent(row.terms_version, row.terms_language),
            revision=row.revision,
            begun_at=row.begun_at,
            until=row.until,
            opened_until=row.opened_until,
            secrets={} if sealed is None else json.loads(keys.unseal(EID_SECRETS_PURPOSE, sealed)),
        )

    def _seal(self, secrets: Mapping[str, str]) -> bytes:
        return self._keys().seal(EID_SECRETS_PURPOSE, json.dumps(dict(secrets)).encode())

    def _digest(self, key: str) -> bytes:
        return self._keys().digest(_KEY, key.encode())

    def _keys(self) -> Vault:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not touch devices.")
        return self.vault
