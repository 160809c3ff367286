"""What a gateway keeps on its disk: who it is, with its keys, and the last grants that it knew.

Every file is written whole or not at all (a new file, fsync, rename), and only its owner may read it.
"""

import base64
import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wifi_manager.domain.errors import BadInput, NotFound, OutsideFailure
from wifi_manager.gateway.city_time import Moment
from wifi_manager.gateway.disk import append, sweep, write_whole
from wifi_manager.gateway.last_known import LastKnown
from wifi_manager.wire.grants import (
    GrantChanges,
    changes_from_json,
    changes_to_json,
    grants_from_json,
    grants_to_json,
)
from wifi_manager.wire.reports import Report, report_from_json, report_to_json

IDENTITY = "identity.json"
CONTROL_CA = "control-ca.pem"
LAST_KNOWN = "last-known.json"
NEWS = "news.jsonl"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this gateway is, and the keys that prove it and seal its tickets."""

    gateway: str
    city: str
    portal_url: str  # https, without a slash at its end
    control_url: str
    key: Ed25519PrivateKey
    ticket_key: bytes

    def __repr__(self) -> str:
        """Shows no key: a repr lands in logs and tracebacks."""
        return f"Identity({self.gateway!r}, {self.city!r})"


class StateFolder:
    """The gateway's folder of state, mode 0700."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def control_ca(self) -> Path | None:
        """The certificates by which control is known; None when control speaks plain HTTP in a lab."""
        path = self._folder / CONTROL_CA
        return path if path.exists() else None

    @property
    def runtime(self) -> Path:
        """The folder itself, for files that helpers (the resolver) keep there."""
        self._make()
        return self._folder

    def sweep(self) -> None:
        """Remove what a power cut left of files that were just being written."""
        sweep(self._folder)

    def save_identity(self, identity: Identity, control_ca: bytes | None) -> None:
        """Keep keys and place; replaces what an earlier enrolment left."""
        self._make()
        if control_ca is None:
            (self._folder / CONTROL_CA).unlink(missing_ok=True)
        else:
            write_whole(self._folder / CONTROL_CA, control_ca)
        for name in (LAST_KNOWN, NEWS):
            (self._folder / name).unlink(missing_ok=True)  # grants of another place
        write_whole(self._folder / IDENTITY, json.dumps(_identity_to_json(identity), indent=1).encode())

    def identity(self) -> Identity:
        """Who this gateway is. Raises NotFound before the enrolment, BadInput when the file is damaged."""
        path = self._folder / IDENTITY
        try:
            return _identity_from_json(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as missing:
            raise NotFound(
                "This gateway is not enrolled. Get a token from the console and run: "
                "wifi-manager gateway enrol TOKEN --control URL"
            ) from missing
        except (ValueError, KeyError, TypeError) as damaged:
            raise BadInput(f"{path} is damaged. Enrol this gateway again with a new token.") from damaged

    def save_last_known(self, known: LastKnown) -> None:
        """Keep grants and usage for the next start. Raises OutsideFailure when the disk refuses."""
        write_whole(self._folder / LAST_KNOWN, json.dumps(_known_to_json(known)).encode())
        (self._folder / NEWS).unlink(missing_ok=True)  # what it still held after a crash is older, and passed over

    def add_news(self, news: Iterable[tuple[GrantChanges, Moment]]) -> None:
        """Keep what has changed since `save_last_known`, a line each, so that the list is not written for a sign-in.

        Raises OutsideFailure when the disk refuses; then the list is to be saved, for a line may be cut short.
        """
        lines = [json.dumps({"news": changes_to_json(each), "received": _moment_to_json(at)}) for each, at in news]
        append(self._folder / NEWS, "".join(f"{line}\n" for line in lines).encode())

    def last_known(self) -> LastKnown | None:
        """What was kept, or None where nothing is. Raises BadInput when the file is damaged."""
        path = self._folder / LAST_KNOWN
        try:
            known = _known_from_json(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as damaged:
            raise BadInput(f"{path} is damaged and is not used.") from damaged
        for changes, at in self._news():
            if changes.base == known.revision:
                known.take(changes, at)
        return known

    def _news(self) -> Iterator[tuple[GrantChanges, Moment]]:
        """What was added, up to a line that a power cut has cut short."""
        path = self._folder / NEWS
        with contextlib.suppress(FileNotFoundError, ValueError, KeyError, TypeError, BadInput):
            for line in path.read_text(encoding="utf-8").splitlines():
                body = json.loads(line)
                yield changes_from_json(body["news"]), _moment_from_json(body["received"])

    def keep(self, name: str, body: Any) -> None:
        """Keep JSON as `name`.json. Raises OutsideFailure when the disk refuses."""
        self._make()
        write_whole(self._folder / f"{name}.json", json.dumps(body).encode())

    def kept(self, name: str) -> Any:
        """What was kept as `name`.json, or None. Raises BadInput when the file is damaged."""
        path = self._folder / f"{name}.json"
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError as damaged:
            raise BadInput(f"{path} is damaged and is not used.") from damaged

    def stamp(self, name: str) -> tuple[int, int] | None:
        """Tells one version of `name`.json from another; None where there is none."""
        try:
            found = (self._folder / f"{name}.json").stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino

    def drop(self, name: str) -> None:
        """Keep nothing as `name`.json any more. Raises OutsideFailure when the disk refuses."""
        try:
            (self._folder / f"{name}.json").unlink(missing_ok=True)
        except OSError as refused:
            raise OutsideFailure(f"{self._folder / name}.json cannot be removed: {refused.strerror}.") from refused

    def _make(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _identity_to_json(identity: Identity) -> dict[str, Any]:
    return {
        "gateway": identity.gateway,
        "city": identity.city,
        "portal_url": identity.portal_url,
        "control_url": identity.control_url,
        "key": base64.b64encode(identity.key.private_bytes_raw()).decode(),
        "ticket_key": base64.b64encode(identity.ticket_key).decode(),
    }


def _identity_from_json(body: dict[str, str]) -> Identity:
    return Identity(
        gateway=body["gateway"],
        city=body["city"],
        portal_url=body["portal_url"],
        control_url=body["control_url"],
        key=Ed25519PrivateKey.from_private_bytes(base64.b64decode(body["key"])),
        ticket_key=base64.b64decode(body["ticket_key"]),
    )


def _known_to_json(known: LastKnown) -> dict[str, Any]:
    answer = known.answer
    return {
        "answer": grants_to_json(answer),
        "received": _moment_to_json(known.received),
        "usage": report_to_json(Report(answer.revision, known.usage)),
    }


def _known_from_json(body: dict[str, Any]) -> LastKnown:
    return LastKnown(
        answer=grants_from_json(body["answer"]),
        received=_moment_from_json(body["received"]),
        usage=report_from_json(body["usage"]).usage,
    )


def _moment_to_json(moment: Moment) -> dict[str, Any]:
    return {"boot": moment.boot, "uptime": moment.uptime_seconds, "wall": moment.wall.isoformat()}


def _moment_from_json(body: dict[str, Any]) -> Moment:
    return Moment(body["boot"], float(body["uptime"]), datetime.fromisoformat(body["wall"]))
