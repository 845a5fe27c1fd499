#!/bin/sh
# The tests of one sanitizer build: all of them under asan, those of threads under tsan.
set -eu
cd "$(dirname "$0")/.."
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/tests/tsan.supp
# GLib's slices hand memory between threads in a way the thread sanitizer cannot see
export G_SLICE=always-malloc
# a suite that is not there would pass
run_suite() { # PROGRAM SUITE
	CK_RUN_SUITE=$2 "$1" >build/suite.out || { cat build/suite.out; exit 1; }
	cat build/suite.out
	! grep -q 'Checks: 0,' build/suite.out || { echo "sanitize: $1 has no suite $2" >&2; exit 1; }
}

case $1 in
asan)
	build/asan/unit
	build/asan/integration
	;;
tsan)
	for suite in app server store_read git_worker pg http_client http_queue credentials_cache; do
		run_suite build/tsan/unit "$suite"
	done
	for suite in daemon http-api; do
		run_suite build/tsan/integration "$suite"
	done
	;;
esac
