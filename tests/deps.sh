#!/bin/sh
# Installs what is missing of the named Debian packages, as root or through sudo, and says what it does.
#   deps.sh PACKAGE...               install
#   deps.sh --unpack DIR PACKAGE...  only take the files out of the packages (their services are not to be started)
#   deps.sh --npm DIR                what DIR/package-lock.json says, into DIR/node_modules; Node.js and npm too where there are none
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

# the oldest that the packages of npm run on, which is Debian 12's
NODE_MIN=18

has_node() {
	command -v npm >/dev/null && command -v node >/dev/null &&
		node -e "process.exit(parseInt(process.versions.node) >= $NODE_MIN ? 0 : 1)"
}

if [ "${1:-}" = --npm ]; then
	dir=$2
	if ! has_node; then
		# by name: Node.js of elsewhere brings npm along, and has no package of that name
		sh "$0" nodejs npm
		[ -n "${NO_INSTALL:-}" ] || has_node || {
			echo "deps: Node.js $NODE_MIN or newer and npm are needed: install them, or take an older one off the PATH" >&2
			exit 1
		}
	fi
	# the copy is made last: it is there when all of it is
	cmp -s "$dir/package-lock.json" "$dir/node_modules/.installed-lock.json" && exit 0
	if [ -n "${NO_INSTALL:-}" ]; then
		echo "deps: missing (would be installed with npm ci): $dir/node_modules"
		exit 0
	fi
	echo "deps: installing $dir/node_modules with npm ci"
	# nothing of a package is run, and no browser is fetched: tests use Debian's
	(cd "$dir" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
	cp "$dir/package-lock.json" "$dir/node_modules/.installed-lock.json"
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
