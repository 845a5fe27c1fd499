#!/bin/sh
# Layout, borders between folders, static analysis, man page. The first argument is the preprocessor's flags.
set -u
cd "$(dirname "$0")/.."
flags=$1
failed=0

fail() {
	echo "lint: $1" >&2
	failed=1
}

# shellcheck disable=SC2046,SC2086 # lists of words
sources=$(find daemon lib api tests -name '*.c' | sort)
headers=$(find daemon lib api tests -name '*.h' | sort)
shipped=$(find daemon lib api -name '*.c' | sort)

# each library has one wrapper, and arrows point down only
only() { # HEADER ALLOWED-PATTERN
	hits=$(grep -lE "#include <$1" $sources $headers | grep -vE "$2")
	[ -z "$hits" ] || fail "<$1> is included outside its wrapper: $hits"
}
only sqlite3.h '^lib/store/|^tests/'
only git2 '^lib/git/|^tests/'
only curl/ '^lib/http/|^tests/'
only microhttpd.h '^api/server|^tests/'
only zlib.h '^api/gzip.c|^tests/'
only libpq '^lib/postgres/|^tests/'
only systemd/ '^daemon/manager.c|^lib/log.c'
only cjose/ '^lib/oidc/keys.c|^lib/google/jwt.c|^tests/'
up=$(grep -lE '#include "(api|daemon)/' $(find lib -name '*.[ch]')) && fail "lib/ includes from above: $up"
up=$(grep -lE '#include "daemon/' $(find api -name '*.[ch]')) && fail "api/ includes from above: $up"
sql=$(grep -lE '"(SELECT|INSERT|UPDATE|DELETE) [A-Za-z*(]' $shipped | grep -vE '^lib/(store|data|postgres)/') && fail "SQL outside schema/, lib/store/ and the rooms that ask other databases: $sql"
banned='\b(strcpy|strcat|sprintf|gets|strtok|atoi|strto[a-z]+|sscanf|alloca|setenv|tzset|localtime(_r)?|usleep|sleep)[[:space:]]*\('
hits=$(grep -nE "$banned" $shipped) && fail "banned functions: $hits"
clocks=$(grep -nE '\b(clock_gettime|gettimeofday|time|g_get_(real|monotonic)_time|g_date_time_new_now[a-z_]*)\(' $shipped | grep -v '^lib/clk.c') &&
	fail "clocks are read in lib/clk.c only: $clocks"

clang-format --dry-run -Werror $sources $headers || fail "clang-format -i the files above"

# each header compiles alone
for header in $headers; do
	gcc -std=c17 $flags -fsyntax-only -x c "$header" || fail "$header does not compile alone"
done

echo "lint: clang-tidy"
printf '%s\n' $shipped | xargs -P "$(nproc)" -n 4 sh -c 'flags=$1; shift; clang-tidy --quiet "$@" -- -std=c17 $flags 2>/dev/null' sh "$flags" ||
	fail "clang-tidy"

echo "lint: cppcheck"
cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 -j "$(nproc)" \
	--library=gnu --suppress=missingInclude --suppress=unknownMacro --suppress=normalCheckLevelMaxBranches \
	-DG_DEFINE_AUTOPTR_CLEANUP_FUNC\(a,b\)= -DMUST_CHECK= -D__GNUC__=12 -Ilib -I. daemon lib api || fail "cppcheck"

mandoc -Tlint -W warning daemon/driftd.8 || fail "mandoc"
exit $failed
