#!/bin/sh
# Every suite of a test program in a process of its own, several at a time: most of the time they wait. Prints what failed,
# and the sum of the checks. A suite that runs no check fails.
#   suites.sh PROGRAM [SUITE...]
set -eu
program=$1
shift
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
chmod 711 "$dir"

# PostgreSQL refuses to run as root: what was unpacked for it must be in reach of the user that runs it instead
tools=build/tools/usr
if [ "$(id -u)" = 0 ] && [ -d "$tools/lib/postgresql" ] &&
	! setpriv --reuid=65534 --regid=65534 --clear-groups test -r "$PWD/$tools/lib/postgresql"; then
	mkdir -p "$dir/usr/lib" "$dir/usr/share"
	cp -R "$tools/lib/postgresql" "$dir/usr/lib/"
	cp -R "$tools/share/postgresql" "$dir/usr/share/"
	chmod -R a+rX "$dir/usr"
	export DRIFTD_TEST_TOOLS="$dir"
fi
[ $# -gt 0 ] || set -- $("$program" list)

# shellcheck disable=SC2016 # expanded by the shell inside
printf '%s\n' "$@" | xargs -P "$((2 * $(nproc)))" -I SUITE sh -c '"$1" SUITE >"$2/SUITE.out" 2>&1 || echo SUITE >>"$2/failed"' sh "$program" "$dir"
for suite; do
	grep -q 'Checks: [1-9]' "$dir/$suite.out" || echo "$suite" >>"$dir/failed"
done
if [ -s "$dir/failed" ]; then
	for suite in $(sort -u "$dir/failed"); do
		echo "FAILED: $program $suite"
		cat "$dir/$suite.out"
	done
	exit 1
fi
cat "$dir"/*.out | awk -F'[:,]' '/^[0-9]+%: Checks/ { c += $3; f += $5; e += $7 }
	END { printf "%d%%: Checks: %d, Failures: %d, Errors: %d\n", c ? 100 * (c - f - e) / c : 0, c, f, e }'
