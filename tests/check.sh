#!/bin/sh
# Everything `make check` runs, in order of speed; the first failure ends it. The argument is make.
set -eu
cd "$(dirname "$0")/.."
make="$1 --no-print-directory"
jobs=$(nproc)
log=build/check.log
mkdir -p build
: >"$log"

step() {
	printf '\n== %s\n' "$*"
}

# run a program of Check suites, show what it says, keep its totals
run_tests() {
	"$@" >build/tests.out 2>&1 || {
		cat build/tests.out
		echo "FAILED: $*"
		exit 1
	}
	grep -E '^[0-9]+%: Checks' build/tests.out | tee -a "$log"
}

step "build, gcc -Werror"
STRICT=1 $make -j"$jobs" programs
step "build, clang -Werror"
STRICT=1 CC=clang VARIANT=clang $make -j"$jobs" build/clang/driftd build/clang/unit
step "lint"
$make lint
step "unit tests"
run_tests sh tests/suites.sh build/release/unit
run_tests sh tests/suites.sh build/clang/unit
step "integration tests"
run_tests sh tests/suites.sh build/release/integration
step "contract, scripts and pages, in a browser"
run_tests sh tests/browser.sh build/release
step "Prometheus rules and Grafana dashboard"
sh tests/prometheus.sh build/release
step "Debian package, under systemd"
$make check-package
step "corpora of the fuzz targets"
$make VARIANT=asan -j"$jobs" fuzz
step "address and undefined behaviour sanitizers"
$make VARIANT=asan -j"$jobs" programs
run_tests sh tests/sanitize.sh asan
step "thread sanitizer"
$make VARIANT=tsan -j"$jobs" programs
run_tests sh tests/sanitize.sh tsan

awk -F'[:,]' '/Checks/ { c += $3; f += $5; e += $7 }
	END { printf "\n%d%%: Checks: %d, Failures: %d, Errors: %d\n", c ? 100 * (c - f - e) / c : 0, c, f, e; exit !c || f || e }' "$log"
