#!/bin/sh
# The tests of one sanitizer build: all of them under asan, those of threads under tsan.
set -eu
cd "$(dirname "$0")/.."
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=tests/tsan.supp
# GLib's slices hand memory between threads in a way the thread sanitizer cannot see
export G_SLICE=always-malloc
case $1 in
asan)
	build/asan/unit
	build/asan/integration
	;;
tsan)
	for suite in app server git_worker http_client; do
		CK_RUN_SUITE=$suite build/tsan/unit
	done
	CK_RUN_SUITE=concurrency build/tsan/integration
	;;
esac
