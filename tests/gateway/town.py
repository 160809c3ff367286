"""A lab city with a gateway of real parts: each test brings its own phones, so their order does not matter."""

import json
import os
import signal
import subprocess
from dataclasses import dataclass
from typing import Any

from tests.lab.city import (
    EVENTS,
    EVENTS_ADDRESS,
    EVENTS_ADDRESS6,
    LAN_ADDRESS,
    LAN_ADDRESS6,
    OWN_NAME,
    PORTAL_NAME,
    LabCity,
)
from tests.lab.control_simulator import ControlSimulator
from tests.lab.phone import Phone
from wifi_manager.clock import SystemClock
from wifi_manager.wire.tickets import unseal

ONLINE = "http://connectivitycheck.gstatic.com/generate_204"
API = f"https://{OWN_NAME}/captive-portal/api"


@dataclass
class Town:
    """A lab city, its control, its gateway's agent, and a number for each phone."""

    lab: LabCity
    control: ControlSimulator
    agent: "subprocess.Popen[Any]"
    phones: int = 0

    def phone(self) -> tuple[Phone, int]:
        """A phone with an address that no other test uses, and its device's number."""
        self.phones += 1
        phone = self.lab.add_phone(f"phone{self.phones}")
        phone.static(f"10.99.40.{self.phones}/18", LAN_ADDRESS)
        return phone, 1000 + self.phones

    def phone_by_dhcp(self) -> tuple[Phone, int]:
        """A phone that asks for its address, and takes routers' advice, as phones do."""
        self.phones += 1
        phone = self.lab.add_phone(f"phone{self.phones}")
        phone.dhcp()
        return phone, 1000 + self.phones

    def phone6(self) -> tuple[Phone, int]:
        """The same with IPv6 beside it, at an address that no other test uses."""
        phone, number = self.phone()
        phone.static6(f"{address6(number)}/64", gateway=LAN_ADDRESS6)
        return phone, number

    def event_phone(self) -> tuple[Phone, int]:
        """A phone with both families in the gateway's second network."""
        self.phones += 1
        phone = self.lab.add_phone(f"phone{self.phones}", EVENTS)
        phone.static(f"10.98.0.{self.phones + 1}/24", EVENTS_ADDRESS)
        phone.static6(f"2001:2:0:98::{self.phones + 1:x}/64", gateway=EVENTS_ADDRESS6)
        return phone, 1000 + self.phones

    def revision_on_disk(self) -> int:
        return json.loads((self.lab.gateway_state / "last-known.json").read_text())["answer"]["revision"]

    def restart(self) -> None:
        self.agent = self.lab.run_gateway()

    def kill(self) -> None:
        os.kill(self.agent.pid, signal.SIGKILL)
        self.agent.wait(20)


def address6(number: int, interface: int = 0) -> str:
    """The IPv6 address of a phone by its device's number; it may have several."""
    return f"2001:2:0:99::{number:x}:{interface:x}"


def ticket_of(town: Town, location: str) -> Any:
    assert location.startswith(f"https://{PORTAL_NAME}/?s=")
    assert town.control.enrolled
    return unseal(town.control.enrolled.ticket_key, location.partition("?s=")[2], SystemClock().now())


def is_online(phone: Phone) -> bool:
    return phone.curl(ONLINE).status == 204
