"""A second access point on the same cable, a station that moves to it, other bands, and a network that is pushed."""

import dataclasses
import ipaddress
from dataclasses import dataclass
from datetime import timedelta

from provisioning.drivers.linux_hostapd import LinuxHostapdDriver
from provisioning.hostapd_rendering import hostapd_conf
from provisioning.linux_rendering import render
from provisioning.platforms import LINUX, helper_of
from provisioning.push import PushOrder, push
from tests.lab.air import Air
from tests.provisioning.air_kit import FOLDER, STATIONS, access_point, network, status, written
from tests.provisioning.hostapd_kit import an_access_point
from tests.provisioning.kit import KEY, a_network, an_intent
from wifi_manager.clock import SystemClock
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.intent import ManagementLine
from wifi_manager.domain.intent_networks import Wpa3Personal
from wifi_manager.domain.intent_radios import RadioIntent
from wifi_manager.domain.outcomes import Outcome

ROAMING = ("psk2-roaming", "sae-roaming", "wpa3-roaming")
STREET = RadioIntent("radio0", Band.GHZ_2_4, "KR", 11, path="wlan14")
WALKER = "wlan15"
PUSHED = RadioIntent("radio0", Band.GHZ_2_4, "KR", 1, path="wlan16")
_WENT_OVER = "FT: Completed successfully"  # wpa_supplicant, at its debug level
PATIENCE = timedelta(seconds=300)  # emulated, on a machine that may be busy


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A band, the access point's radio in it, and a station with the frequency where it looks."""

    radio: RadioIntent
    station: str
    mhz: int


FIVE = Elsewhere(RadioIntent("radio0", Band.GHZ_5, "KR", 36, 80, path="wlan18"), "wlan19", 5180)
SIX = Elsewhere(RadioIntent("radio0", Band.GHZ_6, "KR", 5, 80, path="wlan20"), "wlan21", 5975)


def second_access_point() -> str:
    """A script that starts one in a network namespace, with its bridge on a cable to the first one's."""
    wanted = an_access_point(*map(network, ROAMING), radio=STREET)
    conf = hostapd_conf(dataclasses.replace(wanted, hostname="park-02"), STREET)
    return (
        "ip netns add street\niw phy $(cat /sys/class/net/wlan14/phy80211/name) set netns name street\n"
        "ip link add street type veth peer name cable netns street\n"
        "ip link show br-lan >/dev/null 2>&1 || ip link add br-lan type bridge\nip link set br-lan up\n"
        "ip link set street master br-lan up\n"
        f"{written('second', _in_the_street(conf))}"
        f"ip netns exec street sh {FOLDER}/second\n"
    )


def _in_the_street(conf: str) -> str:
    return (
        "ip link set lo up\nip link add br-lan type bridge\nip link set cable master br-lan up\n"
        f"{access_point(conf, 'wlan14')}"
    )


def moved(air: Air, kind: str) -> dict[str, str]:
    """A station joins a network at the first access point and goes over to the second: what it says then.

    `to` is where it was told to go, `fast` how often it went over by 802.11r and did not join anew. The kernel gives
    up after 0.6 s, which is little for a busy emulated machine: it is told again, from wherever it is.
    """
    ask, log = f"wpa_cli -p /run/wpa -i {WALKER}", f"{FOLDER}/{WALKER}.log"
    return status(
        air.run(
            f"{_joined(WALKER, network(kind).ssid, STATIONS[kind].asks, '2437')}"
            f"i=0; until grep -q '{_WENT_OVER}' {log} || [ $i -gt 30 ]; do\n"
            f"here=$({ask} status | sed -n s/^bssid=//p)\n"
            f"there=$({ask} scan_results | grep ' {kind}$' | grep -v ^${{here:-none}} | cut -f 1 | head -n 1)\n"
            f'if [ -n "$there" ]; then {ask} roam $there; else {ask} scan freq=2437,2462; fi >/dev/null\n'
            "sleep 3; i=$((i+1)); done\n"
            f"{_until(f'{ask} status | grep -q COMPLETED')}"
            f"{ask} status\necho to=$there\necho fast=$(grep -c '{_WENT_OVER}' {log})\n{_left(WALKER)}"
        )
    )


def joined_elsewhere(air: Air, band: Elsewhere) -> dict[str, str]:
    """An access point in that band, and what a station that joined it says."""
    wanted = a_network(ssid="elsewhere", security=Wpa3Personal(KEY))
    conf = hostapd_conf(an_access_point(wanted, radio=band.radio), band.radio)
    air.run(access_point(conf, str(band.radio.path)))
    return _says(air, band.station, "elsewhere", band.mhz)


def pushed(air: Air, ssid: str) -> Outcome:
    """Send an intent with this network to the machine, as the program does to any access point."""
    line = ManagementLine(ipaddress.ip_interface("10.0.2.15/24"))
    wanted = an_intent("10.0.2.15/24", a_network(ssid=ssid, security=Wpa3Personal(KEY)), radios=(PUSHED,))
    driver = LinuxHostapdDriver(air.link(), SystemClock(), settle_seconds=1)
    driver.enrol(helper_of(LINUX))
    files = render(dataclasses.replace(wanted, management=line))
    return push(PushOrder("park-01", ssid, files, PATIENCE), driver, driver)


def joined_what_was_pushed(air: Air, ssid: str) -> dict[str, str]:
    """What a station says that joined it."""
    return _says(air, "wlan17", ssid, 2412)


def _says(air: Air, station: str, ssid: str, mhz: int) -> dict[str, str]:
    asks = f'key_mgmt=SAE sae_password="{KEY}" ieee80211w=2'
    said = f"wpa_cli -p /run/wpa -i {station} status\n"
    return status(air.run(f"{_joined(station, ssid, asks, str(mhz))}{said}{_left(station)}"))


def _joined(interface: str, ssid: str, asks: str, frequencies: str) -> str:
    lines = "\n".join([f"scan_freq={frequencies}", f"ssid={ssid.encode().hex()}", *asks.split(" ")])
    text = f"ctrl_interface=/run/wpa\nsae_pwe=2\nnetwork={{\n{lines}\n}}\n"
    return (
        f"{written(f'{interface}.conf', text)}"
        f"rm -f {FOLDER}/{interface}.log\nwpa_supplicant -B -t -d -P /run/{interface}.pid -f {FOLDER}/{interface}.log -D nl80211 "
        f"-i {interface} -c {FOLDER}/{interface}.conf\n"
        f"{_until(f'wpa_cli -p /run/wpa -i {interface} status | grep -q COMPLETED')}"
    )


def _left(interface: str) -> str:
    return f"kill $(cat /run/{interface}.pid)\n"


def _until(true: str) -> str:
    """Ask again for a minute; what comes then tells what was not so."""
    return f"i=0; until {true} || [ $i -gt 60 ]; do sleep 1; i=$((i+1)); done\n"
