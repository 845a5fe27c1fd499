#!/bin/sh
# Installs what is missing of the named Debian packages, as root or through sudo, and says what it does.
#   deps.sh PACKAGE...               install
#   deps.sh --unpack DIR PACKAGE...  only take the files out of the packages (their services are not to be started)
# NO_INSTALL=1: only list what is missing.
set -eu
export DEBIAN_FRONTEND=noninteractive

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		echo "deps: not root and no sudo: run as root: $*" >&2
		exit 1
	fi
}

update_once() {
	[ -n "$(find /var/lib/apt/lists -name '*_Packages*' -mtime -1 2>/dev/null | head -n 1)" ] || as_root apt-get update -qq
}

if [ "${1:-}" = --unpack ]; then
	dir=$2
	shift 2
	for package; do
		[ -e "$dir/$package.done" ] && continue
		if [ -n "${NO_INSTALL:-}" ]; then
			echo "deps: missing (would be unpacked into $dir): $package"
			continue
		fi
		echo "deps: unpacking $package into $dir"
		update_once
		mkdir -p "$dir"
		(cd "$dir" && apt-get download -qq "$package" >/dev/null 2>&1 && dpkg-deb -x "$package"_*.deb . && rm "$package"_*.deb)
		touch "$dir/$package.done"
	done
	exit 0
fi

missing=
for package; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if [ -n "${NO_INSTALL:-}" ]; then
	echo "deps: missing:$missing"
	exit 0
fi
echo "deps: installing with apt-get:$missing"
update_once
# shellcheck disable=SC2086 # a list of words
as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
