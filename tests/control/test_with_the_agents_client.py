"""The gateway's own client against the real control, over HTTPS with a pinned certificate."""

import asyncio

import pytest

from tests.builders import A_CITY, A_MASTER_KEY
from tests.control.server import running_control
from tests.lab.authority import Authority
from wifi_manager import settings
from wifi_manager.clock import SystemClock
from wifi_manager.control import serving
from wifi_manager.domain.errors import BadInput, Forbidden, OutsideFailure
from wifi_manager.gateway.control_client import ControlClient, control_http
from wifi_manager.gateway.enrolment import enrol_gateway
from wifi_manager.gateway.state import StateFolder
from wifi_manager.services.enrolment import Enrolment
from wifi_manager.storage.vault import TICKET_KEY_PURPOSE, Vault
from wifi_manager.wire.reports import Report

pytestmark = pytest.mark.slow  # a real server, each with its start


def folder(tmp_path, name):
    made = tmp_path / name
    made.mkdir()
    return made


def test_a_gateway_enrols_polls_and_reports_over_tls_that_it_knows(upgraded_url, store, tmp_path):
    authority = Authority(folder(tmp_path, "ca"))
    files = authority.certificate("control.example", ["127.0.0.1"])
    tls = {"CONTROL_CERTIFICATE_FILE": str(files.chain), "CONTROL_KEY_FILE": str(files.key)}
    vault = Vault(A_MASTER_KEY, A_CITY.slug)
    enrolment = Enrolment(store, vault, SystemClock())
    with running_control(folder(tmp_path, "control"), upgraded_url, **tls) as control:
        token = enrolment.add("gw-1", None, "test")
        stranger = Authority(folder(tmp_path, "stranger")).root
        with pytest.raises(OutsideFailure):
            enrol_gateway(token, control.url, stranger, StateFolder(tmp_path / "state"))
        identity = enrol_gateway(token, control.url, authority.root, StateFolder(tmp_path / "state"))
        with pytest.raises(Forbidden):
            enrol_gateway(token, control.url, authority.root, StateFolder(tmp_path / "other"))
        assert asyncio.run(polled_and_reported(control.url, authority.root, identity)) == 1
    with store.read() as tx:
        assert tx.gateways.acknowledged(["gw-1"]) == {"gw-1": 1}
        sealed = tx.gateways.keys("gw-1").ticket_key_sealed
    assert vault.unseal(TICKET_KEY_PURPOSE, sealed) == identity.ticket_key, "what the portal opens tickets with"


async def polled_and_reported(url, ca, identity):
    async with control_http(url, ca) as http:
        client = ControlClient(http, identity, SystemClock())
        answer = await client.grants(0, 0)
        await client.report(Report(answer.revision, ()))
        return answer.revision


def test_half_a_certificate_is_refused_before_anything_starts():
    half = settings.load(None, {"WIFI_MANAGER_CONTROL_CERTIFICATE_FILE": "/nowhere/control.pem"})
    with pytest.raises(BadInput, match="both"):
        serving.listen(half)
    none = {f"WIFI_MANAGER_CONTROL_{name}_FILE": f"/nowhere/{name}" for name in ("CERTIFICATE", "KEY")}
    with pytest.raises(BadInput, match="/nowhere/CERTIFICATE"):
        serving.listen(settings.load(None, none))
