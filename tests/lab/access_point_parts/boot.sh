#!/bin/sh
# Run by the lab inside an access point's new namespaces: put its root together, then become its init.
# Arguments: the shared read-only root, the folder that this access point keeps over power cuts.
set -eu
lower=$1 keep=$2 root=$2/root
mkdir -p "$keep/upper" "$keep/work" "$root"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$keep/upper,workdir=$keep/work" "$root"
cd "$root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tmpfs tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs dev
for node in null:3 zero:5 random:8 urandom:9; do mknod -m 666 "dev/${node%:*}" c 1 "${node#*:}"; done
mkdir dev/pts
mount -t devpts -o newinstance,ptmxmode=0666,mode=600 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
# The kernel under a namespace stays up when the namespace reboots; this boot gets a number of its own all the same.
cat /proc/sys/kernel/random/uuid >tmp/boot_id
mount --bind tmp/boot_id proc/sys/kernel/random/boot_id
# dropbear reads all timers at each connection for its random numbers. A router has some thirty, and few list them
# (OpenWrt's debloated procfs); here it would be those of all access points and of everything else on this machine.
head -n 60 proc/timer_list >tmp/timer_list
mount --bind tmp/timer_list proc/timer_list
exec chroot . /usr/libexec/lab/busybox init
