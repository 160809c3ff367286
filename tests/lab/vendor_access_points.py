"""Simulators of vendors' access points: what their command lines say is taken from documents; no such device was here.

Each keeps the state of one device (who is there, what was moved, how long it runs) behind a real OpenSSH server that
gives every client its command line: UniFi's is a shell with one more program, RouterOS's reads menus.
"""

import json
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.control.server import free_port
from tests.house.sources import ROOT
from tests.lab.ssh_server import OpenSshServer


@dataclass
class VendorAccessPoint(ABC):
    """One device. `answers` are the programs or menus by name that its command line reads, as JSON in a file."""

    folder: Path
    uptime_seconds: int = 4000
    clients: dict[str, dict[str, int]] = field(default_factory=dict)  # dBm by interface and hardware address
    moved_bytes: int = 10**9  # in each direction, on every interface

    def passes(self, seconds: int, *, moved: int = 0) -> None:
        """Time goes by."""
        self.uptime_seconds += seconds
        self.moved_bytes += moved
        self.write()

    def restarts(self) -> None:
        """It has been up for a minute, and counts from nothing."""
        self.uptime_seconds, self.moved_bytes = 60, 1000
        self.write()

    def hears(self, **clients: dict[str, int]) -> None:
        """These are there now, by interface."""
        self.clients = clients
        self.write()

    @abstractmethod
    def says(self) -> Any:
        """What it answers now."""

    def write(self) -> None:
        """Let the command line answer so from now on."""
        (self.folder / "answers.new").write_text(json.dumps(self.says()))
        (self.folder / "answers.new").replace(self.folder / "answers.json")

    @abstractmethod
    def command_line(self) -> str:
        """The one command of its SSH server."""

    def server(self, public_key: bytes) -> OpenSshServer:
        """Its SSH server, not started yet."""
        self.write()
        return OpenSshServer(self.folder / "sshd", "127.0.0.1", free_port(), public_key, only=self.command_line())


@dataclass
class UnifiSimulator(VendorAccessPoint):
    """A UniFi access point with a radio for 2.4 and one for 5 GHz: `mca-dump` on a Linux."""

    busy_percent: int = 30

    def command_line(self) -> str:
        programs = self.folder / "bin"
        programs.mkdir(exist_ok=True)
        (programs / "mca-dump").write_text(f"#!/bin/sh\ncat {self.folder}/answers.json\n")
        (programs / "mca-dump").chmod(0o755)
        shell = self.folder / "shell"
        shell.write_text(f'#!/bin/sh\nPATH={programs}:/usr/sbin:$PATH exec sh -c "$SSH_ORIGINAL_COMMAND"\n')
        shell.chmod(0o755)
        return str(shell)

    def says(self) -> dict[str, Any]:
        moved = {"rx_bytes": self.moved_bytes, "tx_bytes": self.moved_bytes}
        return {
            "model": "UAP6PRO", "model_display": "U6-Pro", "version": "6.6.77.15402", "uptime": self.uptime_seconds,
            "serial": "0418D6000001", "uplink": "eth0",
            "sys_stats": {"loadavg_1": "0.21", "mem_total": 500_000_000, "mem_used": 200_000_000},
            "system-stats": {"cpu": "12.5", "mem": "40.0"},
            "if_table": [{"name": "eth0", "up": True, **moved}],
            "radio_table": [{"name": "wifi0", "radio": "ng"}, {"name": "wifi1", "radio": "na"}],
            "radio_table_stats": [
                {"name": each, "cu_total": self.busy_percent, "cu_self_rx": 3, "cu_self_tx": 5, "state": "RUN"}
                for each in ("wifi0", "wifi1")
            ],
            "vap_table": [self._network("ath0", "ng", 6), self._network("ath1", "na", 44), self._between()],
        }  # fmt: skip

    def _network(self, interface: str, band: str, channel: int) -> dict[str, Any]:
        stations = [
            {"mac": mac, "signal": dbm, "rssi": dbm + 95, "noise": -95, "tx_bytes": 10, "is_guest": True}
            for mac, dbm in self.clients.get(interface, {}).items()
        ]
        return {
            "name": interface, "essid": "공공 Wi-Fi", "radio": band, "channel": channel, "tx_power": 20, "up": True,
            "rx_bytes": self.moved_bytes, "tx_bytes": self.moved_bytes, "tx_packets": self.moved_bytes // 1000,
            "tx_retries": self.moved_bytes // 10_000, "num_sta": len(stations), "sta_table": stations,
        }  # fmt: skip

    def _between(self) -> dict[str, Any]:
        """The network over which another access point reaches the cable: no phone is in it."""
        other = {"mac": "04:18:d6:00:00:09", "signal": -50, "noise": -95}
        return {"name": "ath2", "essid": "vwire-0123456789", "radio": "na", "channel": 44, "sta_table": [other]}


@dataclass
class RouterOsSimulator(VendorAccessPoint):
    """A MikroTik access point with two radios, and a second network on the first one."""

    missing: str = ""  # a menu that this version does not have

    def command_line(self) -> str:
        shell = self.folder / "shell"
        words = f"{sys.executable} -m tests.lab.routeros_shell {self.folder}/answers.json {self.missing or '-'}"
        shell.write_text(f'#!/bin/sh\ncd {ROOT} && exec {words} "$SSH_ORIGINAL_COMMAND"\n')
        shell.chmod(0o755)
        return str(shell)

    def says(self) -> dict[str, Any]:
        minutes, seconds = divmod(self.uptime_seconds, 60)
        hours, minutes = divmod(minutes, 60)
        names = ("wifi1", "wifi2", "guests", "ether1")
        return {
            "/system/resource": {
                "uptime": f"1w{hours:02}:{minutes:02}:{seconds:02}", "version": "7.16.1 (stable)", "cpu-load": 7,
                "board-name": "hAP ax^2", "free-memory": 850_000_000, "total-memory": 1_073_741_824,
            },
            "/system/health": [{"name": "cpu-temperature", "type": "C", "value": "48"}],
            "/interface/wifi": [
                {"name": "wifi1", "default-name": "wifi1", "configuration.mode": "ap", "running": True},
                {"name": "wifi2", "default-name": "wifi2", "configuration.mode": "ap", "running": True},
                {"name": "guests", "master-interface": "wifi1", "running": True},
            ],
            "/interface/wifi/monitor": {
                "wifi1": {"state": "running", "channel": "2437/ax", "tx-power": 17},
                "wifi2": {"state": "running", "channel": "5180/ax/Ceee", "tx-power": 23},
            },
            "/interface/wifi/registration-table": [
                {"interface": here, "ssid": "공공 Wi-Fi", "mac-address": mac.upper(), "signal": dbm, "uptime": "5m3s"}
                for here, all_ in self.clients.items() for mac, dbm in all_.items()
            ],
            "/interface": [
                {"name": each, "rx-byte": self.moved_bytes, "tx-byte": self.moved_bytes, "tx-packet": 1000}
                for each in names
            ],
            "/ip/route": [{"dst-address": "0.0.0.0/0", "gateway": "10.0.0.1", "immediate-gw": "10.0.0.1%ether1"}],
            "/ping": [{"host": "10.0.0.1", "size": 56, "time": "00:00:00.002613", "ttl": 64}],
        }  # fmt: skip
