"""What control tells a gateway: all that it must let through, or what has changed of it since a revision."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from wifi_manager.domain.blocks import Block
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.grants import Grant
from wifi_manager.domain.openings import Opening
from wifi_manager.domain.passes import PassPolicy
from wifi_manager.wire.fields import (
    VERSION,
    a_list,
    check_version,
    fields_of,
    integer,
    ip,
    mac,
    moment,
    optional_integer,
    text,
    yes_or_no,
)

Timed = TypeVar("Timed", bound=Block | Opening)
_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})+")
_LONGEST_NAME = 253  # RFC 1035, 2.3.4


@dataclass(frozen=True, slots=True)
class GrantList:
    """All grants of one gateway at one revision: control's answer where a gateway cannot go on from its own list."""

    revision: int
    grants: tuple[Grant, ...]
    now: datetime  # control's clock: a gateway without a battery must not end visits by its own
    blocked: tuple[Block, ...] = ()
    policy: PassPolicy | None = None  # None: nobody gets in while control is away
    openings: tuple[Opening, ...] = ()  # who may reach the eID's hosts now
    eid_hosts: tuple[str, ...] = ()

    def after(self, changes: "GrantChanges") -> "GrantList":
        """This list with the changes made, which are since this list's revision."""
        grants = {grant.number: grant for grant in self.grants}
        for number in (*changes.gone, *(grant.number for grant in changes.grants)):
            grants.pop(number, None)  # so that a changed one stands behind those that stay
        grants.update((grant.number, grant) for grant in changes.grants)
        return GrantList(
            revision=changes.revision,
            grants=tuple(grants.values()),
            now=changes.now,
            blocked=_after(self.blocked, changes.blocked, changes.now),
            policy=changes.policy,
            openings=_after(self.openings, changes.openings, changes.now),
            eid_hosts=changes.eid_hosts,
        )


@dataclass(frozen=True, slots=True)
class GrantChanges:
    """What has changed since revision `base`.

    `gone` are the numbers of grants that have ended; a number that is in `grants` too has a new grant. A device in
    `blocked` whose `until` is over is blocked no more, and one in `openings` may reach the eID no more.
    """

    base: int
    revision: int
    grants: tuple[Grant, ...]
    gone: tuple[int, ...]
    now: datetime
    blocked: tuple[Block, ...] = ()
    policy: PassPolicy | None = None
    openings: tuple[Opening, ...] = ()
    eid_hosts: tuple[str, ...] = ()


def grants_to_json(answer: GrantList) -> dict[str, Any]:
    """The body of control's answer that holds everything."""
    return {
        "version": VERSION,
        **_common_to_json(answer),
    }


def changes_to_json(answer: GrantChanges) -> dict[str, Any]:
    """The body of control's answer that holds changes."""
    return {
        "version": VERSION,
        "base": answer.base,
        "gone": list(answer.gone),
        **_common_to_json(answer),
    }


def answer_to_json(answer: GrantList | GrantChanges) -> dict[str, Any]:
    """The body of control's answer."""
    return grants_to_json(answer) if isinstance(answer, GrantList) else changes_to_json(answer)


def answer_from_json(body: Any) -> GrantList | GrantChanges:
    """Read control's answer: one with a base holds changes. Raises BadInput naming the field that is wrong."""
    return changes_from_json(body) if isinstance(body, dict) and "base" in body else grants_from_json(body)


def grants_from_json(body: Any) -> GrantList:
    """Read a whole list. Raises BadInput naming the field that is missing, unknown or of the wrong type."""
    fields = fields_of(_with_eid(body), "answer", {"version", *_COMMON})
    check_version(fields)
    return GrantList(**_common_from_json(fields))


def changes_from_json(body: Any) -> GrantChanges:
    """Read changes. Raises BadInput naming the field that is missing, unknown or of the wrong type."""
    fields = fields_of(_with_eid(body), "answer", {"version", "base", "gone", *_COMMON})
    check_version(fields)
    gone = tuple(integer({"gone": each}, "gone") for each in a_list(fields, "gone"))
    return GrantChanges(base=integer(fields, "base"), gone=gone, **_common_from_json(fields))


def _after(before: tuple[Timed, ...], changes: tuple[Timed, ...], now: datetime) -> tuple[Timed, ...]:
    """What holds after the changes, of which each takes the place of what was said of its device before."""
    if not changes:
        return before
    changed = {each.device for each in changes}
    together = (*(each for each in before if each.device not in changed), *changes)
    return tuple(each for each in together if each.holds(now))


_COMMON = ("revision", "now", "grants", "blocked", "policy", "openings", "eid_hosts")


def _common_to_json(answer: GrantList | GrantChanges) -> dict[str, Any]:
    return {
        "revision": answer.revision,
        "now": answer.now.isoformat(),
        "grants": [_grant_to_json(grant) for grant in answer.grants],
        "blocked": [_block_to_json(block) for block in answer.blocked],
        "policy": _policy_to_json(answer.policy),
        **_eid_to_json(answer),
    }


def _eid_to_json(answer: GrantList | GrantChanges) -> dict[str, Any]:
    """Nothing where there is no eID: gateways that are older than that understand the rest."""
    if not answer.openings and not answer.eid_hosts:
        return {}
    openings = [_opening_to_json(opening) for opening in answer.openings]
    return {"openings": openings, "eid_hosts": list(answer.eid_hosts)}


def _with_eid(body: Any) -> Any:
    return {"openings": [], "eid_hosts": [], **body} if isinstance(body, dict) else body


def _common_from_json(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "revision": integer(fields, "revision"),
        "now": moment(fields, "now"),
        "grants": tuple(_grant_from_json(each) for each in a_list(fields, "grants")),
        "blocked": tuple(_block_from_json(each) for each in a_list(fields, "blocked")),
        "policy": _policy_from_json(fields["policy"]),
        "openings": tuple(_opening_from_json(each) for each in a_list(fields, "openings")),
        "eid_hosts": tuple(_host({"eid_hosts": each}) for each in a_list(fields, "eid_hosts")),
    }


_LIMITS = ("down_bps", "up_bps", "volume_bytes", "up_volume_bytes", "down_volume_bytes", "idle_seconds")
_GRANT_FIELDS = {"visit", "number", "device", "address", "expires_at", "may_extend", *_LIMITS}
_POLICY_FIELDS = ("pass_seconds", "pass_down_bps", "pass_up_bps", "pass_volume_bytes", "passes_an_hour")


def _grant_to_json(grant: Grant) -> dict[str, Any]:
    return {
        "visit": grant.visit,
        "number": grant.number,
        "device": grant.device.full(),
        "address": str(grant.address),
        "expires_at": grant.expires_at.isoformat(),
        "may_extend": grant.may_extend,
        **{name: getattr(grant, name) for name in _LIMITS},
    }


def _grant_from_json(body: Any) -> Grant:
    if isinstance(body, dict):
        body = {"may_extend": False, **body}  # what a gateway has kept since before there were extensions
    fields = fields_of(body, "grant", _GRANT_FIELDS)
    return Grant(
        visit=text(fields, "visit"),
        number=integer(fields, "number"),
        device=mac(fields, "device"),
        address=ip(fields, "address"),
        expires_at=moment(fields, "expires_at"),
        may_extend=yes_or_no(fields, "may_extend"),
        **{name: optional_integer(fields, name) for name in _LIMITS},
    )


def _block_to_json(block: Block) -> dict[str, Any]:
    return {"device": block.device.full(), "until": None if block.until is None else block.until.isoformat()}


def _block_from_json(body: Any) -> Block:
    fields = fields_of(body, "block", {"device", "until"})
    return Block(mac(fields, "device"), None if fields["until"] is None else moment(fields, "until"))


def _opening_to_json(opening: Opening) -> dict[str, Any]:
    return {"device": opening.device.full(), "until": opening.until.isoformat()}


def _opening_from_json(body: Any) -> Opening:
    fields = fields_of(body, "opening", {"device", "until"})
    return Opening(mac(fields, "device"), moment(fields, "until"))


def _host(fields: Mapping[str, Any]) -> str:
    """A domain name as it may stand in a resolver's configuration. Raises BadInput for anything else."""
    name = text(fields, "eid_hosts")
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise BadInput("eid_hosts are domain names in small letters.")
    return name


def _policy_to_json(policy: PassPolicy | None) -> dict[str, int] | None:
    return None if policy is None else {name: getattr(policy, name) for name in _POLICY_FIELDS}


def _policy_from_json(body: Any) -> PassPolicy | None:
    if body is None:
        return None
    fields = fields_of(body, "policy", set(_POLICY_FIELDS))
    return PassPolicy(**{name: integer(fields, name) for name in _POLICY_FIELDS})
