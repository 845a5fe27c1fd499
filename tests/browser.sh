#!/bin/sh
# The tests that Node.js runs: openapi.json against the real daemon, the functions of the pages' scripts, the pages in
# Chromium. Each file in a process of its own, some at a time. Prints what failed, and the sum of the checks as Check does.
# A file that runs no test fails.
#   browser.sh BUILD [FILE...]      BUILD: where driftd and fakecloud are; FILE: below tests/browser, default all
set -eu
DRIFTD_BUILD=$(cd "$1" && pwd)
export DRIFTD_BUILD
shift
cd "$(dirname "$0")/browser"
dir=$(mktemp -d)
# what a test could not remove itself goes with it
export DRIFTD_TEST_DIR="$dir/worlds"
mkdir "$DRIFTD_TEST_DIR"
trap 'rm -rf "$dir"' EXIT INT TERM
if [ $# -eq 0 ]; then
	for file in contract.mjs unit/*.mjs pages/*.mjs; do
		[ ! -e "$file" ] || set -- "$@" "$file"
	done
fi

# a file that gets no further is ended: what it started dies with it
# shellcheck disable=SC2016 # expanded by the shell inside
printf '%s\n' "$@" | xargs -P "$(nproc)" -I FILE sh -c '
	out=$1/$(echo FILE | tr / _).out
	timeout -k 10 600 node --test-reporter=./reporter.mjs --test-reporter-destination=stdout FILE >"$out" 2>&1 &&
		grep -q "^100%: Checks: [1-9]" "$out" || echo FILE >>"$1/failed"' sh "$dir"
if [ -s "$dir/failed" ]; then
	while read -r file; do
		echo "FAILED: tests/browser/$file"
		cat "$dir/$(echo "$file" | tr / _).out"
	done <"$dir/failed"
	exit 1
fi
grep -h '^measured' "$dir"/*.out || true
cat "$dir"/*.out | awk -F'[:,]' '/^[0-9]+%: Checks/ { c += $3; f += $5; e += $7 }
	END { printf "%d%%: Checks: %d, Failures: %d, Errors: %d\n", c ? 100 * (c - f - e) / c : 0, c, f, e }'
