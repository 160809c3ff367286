"""What kind of record each table holds, and from when its time runs: every table is here, a house test sees to it.

Retention, a citizen's own export and their erasure all go by this list, in its order. A new table of personal records
needs no more than its line here; `wifi-manager tidy` erases by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from wifi_manager.domain.law import Kind
from wifi_manager.storage.rows.accounts import account
from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.rows.budgets import budget, sms_code
from wifi_manager.storage.rows.desk import problem_report
from wifi_manager.storage.rows.eid import eid_sign_in
from wifi_manager.storage.rows.inventory import gateway
from wifi_manager.storage.rows.law import lawful_request
from wifi_manager.storage.rows.staff import audit, failed_sign_in
from wifi_manager.storage.rows.visits import block, device, remembered_device, stay, used_ticket, visit
from wifi_manager.storage.rows.vouchers import tally, voucher, voucher_batch

DEVICE = sa.bindparam("device", type_=sa.BigInteger)  # the number of the device that rows are sought of


@dataclass(frozen=True, slots=True, eq=False)
class Aged:
    """Rows that are erased when they are old enough.

    `since`: the moment from which their time runs; a row where it is empty stays. `indexed`: a moment with an index
    that is never later. `unless`: rows that are still needed. `of_device`: the condition that a row is about DEVICE.
    `shown`: what its citizen and a lawful request read. `unlinked`: what an erasure sets instead of deleting.
    """

    kind: Kind
    since: sa.ColumnElement[object]
    indexed: sa.ColumnElement[object] | None = None
    unless: sa.ColumnElement[bool] | None = None
    of_device: sa.ColumnElement[bool] | None = None
    shown: tuple[sa.ColumnElement[object], ...] = ()
    unlinked: Mapping[str, None] | None = None


@dataclass(frozen=True, slots=True)
class Lasting:
    """Rows that no profile has a time for, and the reason why that is right."""

    why: str


Record = Aged | Lasting

_FLEET = Lasting("the city's own equipment: about no citizen")
_HISTORY = Lasting("who changed which equipment: its history")
_STAFF = Lasting("people of city IT, as long as they work there")


def _gateway_of(table: sa.Table) -> sa.ColumnElement[object]:
    return sa.select(gateway.c.name).where(gateway.c.id == table.c.gateway_id).scalar_subquery().label("gateway")


_ended_at = sa.select(visit.c.ended_at).where(visit.c.id == stay.c.visit_id).scalar_subquery()
_last_day = sa.select(voucher_batch.c.good_until).where(voucher_batch.c.id == voucher.c.batch_id).scalar_subquery()
_of_device = sa.select(visit.c.id).where(visit.c.device_id == DEVICE)

RECORDS: Mapping[str, Record] = {
    "stay": Aged(
        Kind.MOVEMENTS,
        _ended_at,
        of_device=stay.c.visit_id.in_(_of_device),
        shown=(_gateway_of(stay), stay.c.up_bytes, stay.c.down_bytes),
    ),
    "visit": Aged(
        Kind.VISITS,
        visit.c.ended_at,
        indexed=visit.c.opened_at,
        of_device=visit.c.device_id == DEVICE,
        shown=(
            visit.c.opened_at, visit.c.ended_at, visit.c.end_reason, visit.c.expires_at, _gateway_of(visit),
            visit.c.network, visit.c.method, visit.c.terms_version, visit.c.terms_language, visit.c.up_bytes,
            visit.c.down_bytes,
        ),
        unlinked={"device_id": None, "holder": None},
    ),
    "remembered_device": Aged(  # at the latest: `RememberedDevices.forget_over` forgets it at its own end
        Kind.CONSENTS,
        remembered_device.c.agreed_at,
        of_device=remembered_device.c.device_id == DEVICE,
        shown=(
            remembered_device.c.agreed_at, remembered_device.c.until, remembered_device.c.method,
            remembered_device.c.terms_version, remembered_device.c.terms_language,
        ),
    ),
    "problem_report": Aged(
        Kind.REPORTS,
        problem_report.c.at,
        of_device=problem_report.c.device_id == DEVICE,
        shown=(
            problem_report.c.at, problem_report.c.trouble, problem_report.c.network, problem_report.c.incident,
            problem_report.c.access, problem_report.c.state, problem_report.c.handled_at,
        ),
        unlinked={"device_id": None, "text_sealed": None, "answer_sealed": None},
    ),
    "eid_sign_in": Aged(
        Kind.EID_SIGN_INS,
        eid_sign_in.c.begun_at,
        of_device=eid_sign_in.c.device_id == DEVICE,
        shown=(
            eid_sign_in.c.begun_at, eid_sign_in.c.until, eid_sign_in.c.terms_version, eid_sign_in.c.terms_language,
        ),
    ),
    "device": Aged(
        Kind.DEVICES,
        device.c.first_seen_at,
        unless=sa.or_(
            sa.exists().where(visit.c.device_id == device.c.id),
            sa.exists().where(remembered_device.c.device_id == device.c.id),
        ),
        of_device=device.c.id == DEVICE,
        shown=(device.c.first_seen_at,),
    ),
    "block": Aged(Kind.BLOCKS, block.c.until),
    "used_ticket": Aged(Kind.USED_TICKETS, used_ticket.c.used_at),
    "sms_code": Aged(Kind.CONTACTS, sms_code.c.sent_at),
    "tally": Aged(Kind.TRIES, tally.c.ends_at),
    "budget": Aged(Kind.BUDGETS, budget.c.since),
    "voucher": Aged(Kind.VOUCHERS, sa.func.coalesce(voucher.c.revoked_at, _last_day, type_=Moment)),
    "account": Aged(Kind.ACCOUNTS, account.c.code_ends_at, unless=account.c.password_hash.is_not(None)),
    "grant_change": Lasting("numbers of devices; `Changes.forget` forgets them when gateways have heard"),
    "failed_sign_in": Aged(Kind.FAILED_SIGN_INS, failed_sign_in.c.at),
    "lawful_request": Aged(Kind.LAWFUL_REQUESTS, lawful_request.c.asked_at),
    "audit": Aged(Kind.AUDIT, audit.c.at),
    "device_key": Lasting("when keys were made and destroyed; a key itself goes with its last device"),
    "terms_text": Lasting("what the terms said: the proof of every consent"),
    "operator": _STAFF,
    "voucher_batch": Lasting("what was issued, when and by whom; its codes are aged"),
    "emergency": Lasting("which places were open to everybody, when and why"),
    **dict.fromkeys(("survey", "survey_sample"), Lasting("signals of the city's own network: no device is in them")),
    **dict.fromkeys(("coverage", "coverage_picture"), Lasting("the newest map alone")),
    "face": Lasting("what the city shows of its own"),
    "sms_provider": Lasting("how often in a row the provider failed: one row a city"),
    "intent_secret": Lasting("passphrases of networks and secrets of servers, none of a person"),
    **dict.fromkeys(("push", "rollout", "rollout_group", "intent_layer"), _HISTORY),
    "maintenance_window": _FLEET,
    **dict.fromkeys(
        (
            "city", "district", "site", "access_point", "radio", "gateway", "plan", "network", "wanted",
            "observation", "credential", "certificate", "acme_account", "backup", "drift", "hardware",
            "look_token",
        ),
        _FLEET,
    ),
}  # fmt: skip
