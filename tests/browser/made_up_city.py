"""A made-up city for browsers to look at: a fleet that was polled, pushes, gateways and visits."""

import io
from dataclasses import replace
from datetime import timedelta

from PIL import Image

from tests.builders import NOON, a_plan, a_site, a_visit, an_access_point, an_asker, an_audit_entry
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.coverage import Quality, Share, Source
from wifi_manager.domain.coverage_reports import CoverageReport
from wifi_manager.domain.drift import Ignored, Reading
from wifi_manager.domain.intent_layers import Scope
from wifi_manager.domain.maintenance import Windows
from wifi_manager.domain.observations import Looked, Observation
from wifi_manager.domain.outcomes import Outcome, OutcomeKind
from wifi_manager.domain.problem_reports import Told, Trouble
from wifi_manager.domain.pushes import PushState
from wifi_manager.domain.rollouts import Rollout, RolloutState, Shown, ShownGroup
from wifi_manager.domain.sites import SiteKind
from wifi_manager.domain.visits import EndReason
from wifi_manager.storage.gateways import StoredKeys
from wifi_manager.storage.problem_reports import Circumstances
from wifi_manager.storage.pushes import Wanted
from wifi_manager.storage.rollouts import LetGo, PlannedPush

NOW = NOON + timedelta(hours=1)
SITES = (
    ("한강구", "버드나무 한강공원", SiteKind.PARK, "강변북로 12", 46),
    ("한강구", "하늘시립도서관", SiteKind.CULTURE, "책마을길 3", 18),
    ("남산구", "남산 전통시장", SiteKind.MARKET, "시장길 41", 33),
    ("남산구", "Bus 143", SiteKind.BUS, "", 12),
    (
        "동문구",
        "Eastern gate street, between the fountain and the old railway station",
        SiteKind.STREET,
        "동문로 1",
        27,
    ),
    ("동문구", "동문구청", SiteKind.HALL, "동문로 100", 9),
    ("서해구", "서해 버스정류소 22-104", SiteKind.BUS_STOP, "서해로 7", 4),
)
PUSHES = (  # access point, what became of it, why
    ("HAN00002", PushState.COMMITTED, ""),
    ("HAN00005", PushState.UNDONE, "the access point could not be reached on the new configuration"),
    ("HAN00003", PushState.UNCHANGED, ""),
    ("HAN00006", PushState.REFUSED, "the host key is another one than the pinned one"),
    ("HAN00002", PushState.COMMITTED, ""),
    ("HAN00008", PushState.APPROVED, ""),
    ("HAN00009", PushState.PROPOSED, ""),
)
GATEWAYS = (("gw-river", 23), ("gw-library", 9), ("gw-market", 14), ("gw-hall", 0))
REPORTS = (  # gateway, what is wrong, in the citizen's words, of a known device, what it could do
    ("gw-river", Trouble.SLOW, "분수 옆에서 아주 느립니다.\n어제는 괜찮았습니다.", True, "running"),
    ("gw-market", Trouble.CODE, "", True, "never"),
    ("gw-market", Trouble.NO_INTERNET, "Nothing loads between the fish hall and the eastern gate", False, "idle"),
    ("", Trouble.OTHER, "The sign at the station is gone", False, ""),
)


def fill(store):
    """Everything, into a store with a vault."""
    with store.begin() as tx:
        _add_fleet(tx)
        _add_polls(tx)
        _add_pushes(tx)
        _add_drift(tx)
        _add_coverage(tx)
        _add_layers(tx)
        _add_rollouts(tx)
        _add_gateways(tx)
        _add_reports(tx)
        _add_trail(tx)


def _add_fleet(tx):
    points = []
    for district, name, kind, address, count in SITES:
        site = a_site(district=district, name=name, kind=kind, address=address)
        for index in range(count):
            external_id = f"HAN{len(points) + 1:05}"
            points.append(an_access_point(external_id, site=site, place=f"{index + 1}F"))
    tx.sites.save({point.site.key: point.site for point in points}.values())
    tx.access_points.save(points, tx.sites.numbers())


def _add_polls(tx):
    """Two of three are managed; one in eleven of them is down, one was never polled."""
    for number, external_id in enumerate(sorted(tx.access_points.all())):
        if number % 3 == 0:
            continue
        host = f"10.20.{number // 200}.{number % 200 + 10}"
        tx.access_points.manage(external_id, "openwrt", Management(host, 22, "root", f"SHA256:{'x7Qk' * 10}Rw0"))
        if number == 1:
            tx.pushes.set_wanted(external_id, Wanted("intent", "d" * 64, NOON))
        if number != 7:
            found = _poll(number)
            tx.observations.record(
                [Looked(external_id, found, "" if found.up else "no route to the management address")]
            )


def _poll(number):
    at = NOW - timedelta(seconds=number % 60)
    if number % 11 == 4:
        return Observation(at, up=False)
    up_for = 86400 * (number % 40) + 3600 * (number % 23) + 420
    return Observation(at, True, up_for, 0.1, "d" * 64, "Example AX3 outdoor", "OpenWrt 24.10.2", pending=False)


def _add_pushes(tx):
    for index, (external_id, state, reason) in enumerate(PUSHES):
        at = NOON + timedelta(minutes=6 * index)
        push = tx.pushes.propose(external_id, "intent", "d" * 64, by="day-shift", at=at)
        if state is PushState.PROPOSED:
            continue
        tx.pushes.approve(push.number, "chief")
        if state is not PushState.APPROVED:
            tx.pushes.claim("worker", at, timedelta(seconds=30))
            tx.pushes.finish(push.number, "worker", state, reason=reason, at=at + timedelta(seconds=20))


def _add_drift(tx):
    lines = (
        "--- etc/config/wireless",
        "+++ etc/config/wireless",
        "@@ -6,3 +6,4 @@",
        " config wifi-iface 'visitors_radio0'",
    )
    lines += ("-\toption ssid 'City'", "+\toption ssid 'Free WiFi of the market'", "+\toption hidden '1'")
    obstacle = "etc/config/wireless: visitors_radio0: hidden '1', which no intent says."
    for name, obstacles in (("HAN00003", ()), ("HAN00005", (obstacle,))):
        found = Reading(name, name, b"", "d" * 64, "\n".join(lines), "", obstacles)
        tx.drifts.record(tx.access_points.number(name), found, NOON)
    tx.drifts.ignore("HAN00005", Ignored(NOW + timedelta(days=9), "chief", "until the market's fair is over"))


LAYERS = (
    ("fleet", ('[[radios]]\nname = "radio0"\nband = "2.4"\ncountry = "KR"\n\n[[networks]]\nname = "visitors"\n'
     'ssid = "Haneul Public WiFi"\nencryption = "owe"\nradios = ["radio0"]\n')),
    ("kind:park", '[[networks]]\nname = "visitors"\nssid = "Haneul Parks"\n'),
    ("ap:HAN00002", '[management]\naddress = "10.20.0.11/24"\ngateway = "10.20.0.1"\n'),
)  # fmt: skip
DIFF = """--- etc/config/wireless
+++ etc/config/wireless
@@ -18,5 +18,5 @@
 \toption mode 'ap'
 \toption network 'vlan30'
-\toption ssid 'Haneul Public WiFi'
+\toption ssid 'Haneul Parks'
 \toption encryption 'owe'
 \toption key '(secret 1)'
"""


def _add_coverage(tx):
    shares = [
        Share(district, kind, "any", quality, Source.PREDICTED, good, good / 2, good * 2, good)
        for district, kind in (("", ""), ("한강구", ""), ("남산구", ""), ("", "park"))
        for quality, good in ((Quality.GOOD, 0.21), (Quality.USABLE, 0.42))
    ]
    drawn = io.BytesIO()
    Image.new("RGB", (640, 480), "#084582").save(drawn, "PNG")
    told = ["Outdoors, 1.5 m above the ground.", "Trees are not known."]
    report = CoverageReport(NOON, told, shares, {}, [("#084582", "from -59 dBm on")])
    tx.coverage.replace(report, dict.fromkeys(("", "한강구", "남산구"), drawn.getvalue()))


def _add_layers(tx):
    for scope, text in LAYERS:
        new = tx.intents.propose(Scope.parse(scope), text, "a name for each park", by="day-shift", at=NOON)
        tx.intents.approve(new.scope, new.version, by="chief", at=NOON + timedelta(minutes=5))
    draft = LAYERS[1][1].replace("Haneul Parks", "하늘 공원 와이파이") + 'key = "not to be seen"\n'
    tx.intents.propose(Scope.parse("kind:park"), draft, "in the city's own language", by="field-team", at=NOW)


def _add_rollouts(tx):
    """One that is done, one that has halted by itself in its second wave, one that waits."""
    names, numbers = [f"HAN{number:05}" for number in range(2, 90)], tx.access_points.numbers()
    for reason in ("new country code", "a name for each park", "two more time servers"):
        new = Rollout(0, reason, RolloutState.PLANNING, 3, 0, timedelta(minutes=2), "day-shift", NOON)
        new = replace(new, number=tx.rollouts.add(new))
        groups = (
            ShownGroup(DIFF, ("reach", "networks"), 70, tuple(names[:60])),
            ShownGroup(DIFF, ("networks",), 35, tuple(names[60:])),
        )
        wave_of = [1, *[2] * 5, *[3] * (len(names) - 6)]
        pushes = [
            PlannedPush(name, wave, "intent", "d" * 64, "before", "sort", 1 if at < 60 else 2)
            for at, (name, wave) in enumerate(zip(names, wave_of, strict=True))
        ]
        reasons = ("the worst of what it touches: reach (+40)", "88 of 98 access points (+30)")
        wrong = {"networks[0].radios: there is no radio 'radio2'; known: radio0. (from ap:HAN00091)": ["HAN00091"]}
        tx.rollouts.fill(new, pushes, numbers, Shown(groups, 70, reasons, 9, wrong))
        tx.rollouts.turn(new.number, [RolloutState.PLANNING], RolloutState.PROPOSED)
        if reason != "two more time servers":
            _carry_out(tx, new.number, halts=reason == "a name for each park")
    tx.maintenance.put(Scope.parse("city"), Windows.parse("daily 01:00-05:00"), "chief", NOON)
    tx.maintenance.put(Scope.parse("kind:market"), Windows.parse("mon-fri 20:00-06:00"), "chief", NOON)
    tx.maintenance.put(Scope.parse("site:한강구/버드나무 한강공원"), Windows.parse("tue 09:00-09:02"), "chief", NOON)


def _carry_out(tx, number, *, halts):
    tx.rollouts.turn(number, [RolloutState.PROPOSED], RolloutState.RUNNING, approved_by="chief")
    fates = [PushState.COMMITTED] * 3 + [PushState.UNDONE, None, PushState.REFUSED] if halts else []
    last = 2 if halts else 3
    held = tx.rollouts.held(number, last)
    tx.rollouts.let_go(number, last, {push: LetGo(NOON) for push, _ in held}, "chief")
    for at, (push, _) in enumerate(held):
        fate = fates[at] if fates else PushState.COMMITTED
        reasons = {PushState.UNDONE: "timeout", PushState.REFUSED: "SPACE 12 KiB are free"}
        reason = Outcome(OutcomeKind(fate.value), reasons[fate]).sentence if fate in reasons else ""
        tx.pushes.begin(push, "worker", NOON)
        if fate is None:
            why = "unreachable: 10.20.0.15 does not answer on port 22."
            tx.pushes.postpone(push, "worker", until=NOW + timedelta(hours=1), reason=why)
        else:
            tx.pushes.finish(push, "worker", fate, reason=reason, at=NOON + timedelta(seconds=at))
    end = RolloutState.HALTED if halts else RolloutState.DONE
    note = {"note": "wave 2: 2 of 5 came to harm, 1 are tolerated"} if halts else {}
    tx.rollouts.turn(number, [RolloutState.RUNNING], end, **note)


def _add_gateways(tx):
    tx.plans.save(a_plan())
    numbers, last = tx.sites.numbers(), 0
    for place, (name, visits) in zip((SITES[0], SITES[1], SITES[2], SITES[5]), GATEWAYS, strict=True):
        tx.gateways.add(name, numbers[place[:2]], name.encode(), NOW)
        if visits:
            tx.gateways.enrol(name.encode(), StoredKeys(b"p" * 32, b"t" * 60), NOON)
            tx.gateways.acknowledge(name, 1, NOW - timedelta(minutes=9 if name == "gw-market" else 0))
        for _ in range(visits):
            last += 1
            _add_visit(tx, name, last)


def _add_visit(tx, gateway, last):
    device = MacAddress.parse(f"02:00:5e:10:00:{last:02x}")
    number = tx.visits.device_number(device, NOON)
    asker = an_asker(gateway=gateway, device=device)
    tx.visits.add(a_visit(public_id=f"v-{last}", number=number, gateway=gateway, asker=asker))
    if last % 4 == 0:
        tx.visits.end(f"v-{last}", NOW, EndReason.SIGNED_OUT if last % 8 else EndReason.EXPIRED)


def _add_reports(tx):
    """One of a device whose visit runs, one of one that was never online, one from nobody knows where."""
    number = tx.visits.device_number(MacAddress.parse("02:00:5e:10:00:01"), NOON)
    for index, (gateway, trouble, text, device, access) in enumerate(REPORTS):
        where = tx.problem_reports.whereabouts(gateway, "guests")
        at, owner = NOON + timedelta(minutes=9 * index), number if device else None
        tx.problem_reports.add(Told(trouble, text), Circumstances(f"n-{index}", at, where, "guests", access, owner))
    tx.problem_reports.answer(2, "아침에 고쳤습니다.", "chief", NOW)


def _add_trail(tx):
    moved = {"before": {"place": "lamp post 14"}, "after": {"place": "1F"}}
    later = [NOON + timedelta(minutes=minutes) for minutes in (3, 9, 31)]
    tx.audit.add(
        an_audit_entry(action="imported", noun="site", subject="버드나무 한강공원", after={"kind": "park"}),
        an_audit_entry(action="imported", subject="HAN00001", at=later[0]),
        an_audit_entry(action="changed", subject="HAN00001", at=later[1], actor="chief", **moved),
        an_audit_entry(action="approved", noun="push", subject="6", at=later[2], actor="chief", after=None),
    )
