#!/bin/sh
# Install the named Debian packages, or all that the lab and the tests use. A no-op where they are installed.
set -eu
lab="chromium chromium-driver chrony conntrack cpio curl dnsmasq-base dropbear-bin busybox-static dbus fonts-noto-core fonts-noto-cjk freeradius hostapd iproute2 iputils-ping iw kmod knot mawk network-manager nftables openssh-client openssh-server pebble postgresql-15 procps prometheus prometheus-alertmanager python3-venv qemu-system-x86 seabios snmp snmpd util-linux wireless-regdb wpasupplicant xfsprogs"
missing=""
for package in ${*:-$lab}; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
    echo "Not installed:$missing. Without root the tests that need them are skipped; install them as root to run all." >&2
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# No service is to start by itself: the tests start private ones. The policy is removed again, and an existing one is left alone.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing
