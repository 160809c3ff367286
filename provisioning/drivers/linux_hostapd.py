"""A Linux access point with hostapd: the helper, and two systemd units that run it, where there is systemd."""

from typing import ClassVar

from provisioning.drivers.helper_driver import HelperDriver


class LinuxHostapdDriver(HelperDriver):
    """An access point with Debian or the like. Enrolment is refused (MISSING) where a program is not there."""

    __slots__ = ()
    ENROL: ClassVar[str] = """
[ ! -f /etc/openwrt_release ] || { echo "PROV ERROR PLATFORM OpenWrt"; exit 1; }
set -e; umask 077
for each in hostapd hostapd_cli iw ip flock sha256sum awk xargs start-stop-daemon
do command -v $each >/dev/null || { echo "PROV ERROR MISSING $each"; exit 1; }; done
new=/etc/prov/.new; rm -rf $new; mkdir -p $new; tar -xzf - -C $new
chmod 700 $new/prov; mv -f $new/platform $new/prov /etc/prov/
wants=/etc/systemd/system/multi-user.target.wants; mkdir -p -m 755 /etc/systemd /etc/systemd/system $wants
for unit in prov.service prov-air.service
do chmod 644 $new/$unit; mv -f $new/$unit /etc/systemd/system/$unit; ln -sf ../$unit $wants/$unit; done
rm -rf $new; [ ! -d /run/systemd/system ] || systemctl daemon-reload
sync; exec /etc/prov/prov inspect
"""
