#!/bin/sh
# The tests of one sanitizer build: all of them under asan, those of threads under tsan.
set -eu
cd "$(dirname "$0")/.."
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/tests/tsan.supp
# GLib's slices hand memory between threads in a way the thread sanitizer cannot see
export G_SLICE=always-malloc
suites() {
	sh tests/suites.sh "$@"
}

case $1 in
asan)
	suites build/asan/unit
	suites build/asan/integration
	;;
tsan)
	suites build/tsan/unit app server server_forms server_stream events body hooks auth_oidc oidc_keys jwks delivery delivery_reload store_read git_worker pg \
		http_client http_queue credentials_cache
	suites build/tsan/integration alerts_suite callers_suite daemon_suite events_suite http_api_suite data_life_suite postgres_faults_suite
	;;
esac
