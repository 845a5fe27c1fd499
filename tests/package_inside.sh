#!/bin/sh
# Inside the container of package.sh, as root, under systemd. Each line says what was seen; the last one only stands when all was right.
set -eu
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
url=http://127.0.0.1:8080

fail() {
	echo "package: FAILED: $*"
	systemctl status --no-pager -l driftd.service driftd.socket || true
	journalctl --no-pager -n 40 -u driftd.service || true
	exit 1
}

seen() {
	echo "package: $*"
}

# until COMMAND succeeds
await() { # WHAT COMMAND...
	what=$1
	shift
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || fail "$what: never came true"
		sleep 0.1
	done
}

is_ready() { curl -fsS "$url/readyz"; }
is_active() { systemctl is-active --quiet driftd.service; }
last_check() { curl -fsS "$url/status" | sed -n 's/.*"check":{"id":\([0-9]*\).*/\1/p'; }
restarts() { systemctl show -P NRestarts driftd.service; }

ip link set lo up 2>/dev/null || true
# of a machine that is itself a container: nothing may be started there, but here it may
rm -f /usr/sbin/policy-rc.d
dpkg --purge driftd >/dev/null 2>&1 || true
dpkg -i /probe/old.deb >/dev/null 2>&1 || fail "dpkg -i"
if is_active; then fail "started without a configuration"; fi
seen "installed; not started, as there is no configuration"

unit=/lib/systemd/system/driftd.service
verified=$(systemd-analyze verify driftd.service driftd.socket 2>&1) || fail "systemd-analyze verify: $verified"
[ -z "$verified" ] || fail "systemd-analyze verify: $verified"
# a tenth is the unit of --threshold
exposure=$(systemd-analyze security --no-pager --offline=true --threshold=15 "$unit" | tail -n 1) || fail "$exposure"
seen "verified; $(echo "$exposure" | sed 's/.*Overall/overall/; s/[^ -~]//g')"

mkdir /srv/app
git init -q -b main /srv/app
git -C /srv/app -c user.email=a@example.com -c user.name=a commit -q --allow-empty -m one
mkdir -p /etc/driftd/credentials /etc/systemd/system/driftd.service.d
cat >/etc/driftd/driftd.ini <<'END'
[driftd]
check-interval = 1s
[auth]
token = file:api-token
[repo "app"]
url = /srv/app
[service "driftd"]
source = http
url = http://127.0.0.1:8080/version
commit-pointer = /commit
END
chown root:driftd /etc/driftd/driftd.ini
chmod 640 /etc/driftd/driftd.ini
echo package-test-token >/etc/driftd/credentials/api-token
chmod 600 /etc/driftd/credentials/api-token
cat >/etc/systemd/system/driftd.service.d/test.conf <<'END'
[Service]
LoadCredential=api-token:/etc/driftd/credentials/api-token
WatchdogSec=3
RestartSec=0
END
systemctl daemon-reload
systemctl start driftd.service || fail "start"
await "ready" is_ready
pid=$(systemctl show -P MainPID driftd.service)
[ "$(stat -c %U "/proc/$pid")" = driftd ] || [ "$(ps -o user= -p "$pid" 2>/dev/null)" = driftd ] || fail "runs as somebody else"
[ "$(stat -c '%U %a' /var/lib/driftd/driftd.db)" = "driftd 600" ] || fail "the database is $(stat -c '%U %a' /var/lib/driftd/driftd.db)"
seen "started as driftd with a configuration, database in /var/lib/driftd"

[ "$(curl -s -o /dev/null -w '%{http_code}' -X POST "$url/check")" = 401 ] || fail "POST /check without a token"
[ "$(curl -s -o /dev/null -w '%{http_code}' -X POST -H 'Authorization: Bearer package-test-token' "$url/check")" = 200 ] || fail "POST /check with the token"
seen "takes its token from LoadCredential"

curl -fsS "$url/status" | grep -q '"state":"\(ok\|drift\|unknown\|pending\)"' || fail "no verdict"
git -C /srv/app -c user.email=a@example.com -c user.name=a commit -q --allow-empty -m two
head=$(git -C /srv/app rev-parse HEAD)
has_head() { curl -fsS "$url/status" | grep -q "$head"; }
await "the new head" has_head
seen "sees a commit of the repository under full hardening"

systemctl reload driftd.service || fail "reload"
reloaded() { journalctl --no-pager -u driftd.service | grep -q reload; }
await "reload" reloaded
is_active || fail "reload killed it"
seen "reloads"

fed=
for _ in 1 2 3; do
	is_fed_again() { [ "$(systemctl show -P WatchdogTimestampMonotonic driftd.service)" != "$fed" ]; }
	await "the watchdog's food" is_fed_again
	fed=$(systemctl show -P WatchdogTimestampMonotonic driftd.service)
done
[ "$(restarts)" = 0 ] || fail "was started anew although it was well"
seen "feeds the watchdog"
kill -STOP "$pid"
watchdog_bit() { [ "$(restarts)" -ge 1 ] && is_ready; }
await "the watchdog" watchdog_bit
seen "is started anew by the watchdog when it hangs"

before=$(last_check)
[ "$before" -gt 0 ] || fail "no check before the upgrade"
pid=$(systemctl show -P MainPID driftd.service)
dpkg -i /probe/new.deb >/dev/null 2>&1 || fail "upgrade"
is_new() { [ "$(systemctl show -P MainPID driftd.service)" != "$pid" ] && is_ready; }
await "another process, ready, after the upgrade" is_new
after=$(last_check)
[ "$after" -gt "$before" ] || fail "check $after after the upgrade, $before before: the database was lost"
seen "upgraded; checks go on from $before with $after"

systemctl stop driftd.service
systemctl start driftd.socket || fail "socket"
await "an answer through the socket" is_ready
is_active || fail "the socket did not start it"
seen "is started by its socket"

systemctl stop driftd.socket driftd.service
dpkg --purge driftd >/dev/null 2>&1 || fail "purge"
[ ! -e /var/lib/driftd ] || fail "/var/lib/driftd is still there"
[ ! -e /usr/sbin/driftd ] || fail "the program is still there"
systemctl daemon-reload
if systemctl cat driftd.service >/dev/null 2>&1; then fail "the unit is still there"; fi
[ -e /etc/driftd/driftd.ini ] || fail "the administrator's own configuration is gone"
seen "purged: state, program and unit are gone; the administrator's configuration stays"
echo "package: all is well"
