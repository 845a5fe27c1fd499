#!/bin/sh
# The Debian package in build/deb under a real systemd: installs, waits for a configuration, starts, reloads, takes credentials and a socket, is started anew
# by the watchdog, is upgraded with its database, and purged without a trace. Needs root: a container is booted on a throw-away layer above this very system;
# nothing outside of it changes.
set -eu
cd "$(dirname "$0")/.."
if [ "$(id -u)" != 0 ]; then
	echo "package: not tried: needs root" >&2
	exit 0
fi
dir=$(mktemp -d)
finish() {
	trap - EXIT INT TERM
	umount "$dir/root" 2>/dev/null || true
	umount "$dir/layer" 2>/dev/null || true
	rm -rf "$dir"
}
trap finish EXIT INT TERM
mkdir "$dir/root" "$dir/layer" "$dir/probe"
mount -t tmpfs tmpfs "$dir/layer"
mkdir "$dir/layer/upper" "$dir/layer/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$dir/layer/upper,workdir=$dir/layer/work" "$dir/root"

# the same package once more, as the next version
old=$(echo build/deb/driftd_*.deb)
cp "$old" "$dir/probe/old.deb"
dpkg-deb -R "$old" "$dir/next"
sed -i 's/^Version: .*/&.next/' "$dir/next/DEBIAN/control"
dpkg-deb --root-owner-group -b "$dir/next" "$dir/probe/new.deb" >/dev/null

cp tests/package_inside.sh "$dir/probe/inside.sh"
cat >"$dir/probe/unit" <<'END'
[Unit]
After=basic.target dbus.service
Requires=basic.target
Wants=dbus.service
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
ExecStart=/bin/sh /probe/inside.sh
StandardOutput=append:/probe/out
StandardError=append:/probe/out
TimeoutStartSec=240
END
timeout 300 systemd-nspawn -D "$dir/root" --quiet --register=no --keep-unit --private-network --bind="$dir/probe:/probe" \
	--bind-ro="$dir/probe/unit:/etc/systemd/system/driftd-probe.service" --boot systemd.unit=driftd-probe.service </dev/null >"$dir/boot" 2>&1 || true
cat "$dir/probe/out" 2>/dev/null || cat "$dir/boot"
grep -q '^package: all is well$' "$dir/probe/out"
