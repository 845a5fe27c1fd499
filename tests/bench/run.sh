#!/bin/sh
# make bench: every figure is a ratio or a count, with its peer from the same run. Loopback only, ends by itself, cleans up.
# The first argument is the build's folder; more arguments name the figures wanted (git http status cycle targets idle writes
# tables growth unchanged push incidents outbox history events overview).
set -eu
cd "$(dirname "$0")/../.."
bin=$1
shift
wanted=${*:-git http status cycle targets idle writes tables growth unchanged push incidents outbox history events overview}
nginx=$PWD/build/tools/usr/sbin/nginx
dir=$(mktemp -d)
pids=
finish() {
	trap - EXIT INT TERM
	for pid in $pids; do kill "$pid" 2>/dev/null || true; done
	wait 2>/dev/null || true
	rm -rf "$dir"
}
trap finish EXIT INT TERM

title() {
	printf '\n== %s\n' "$*"
}

# wait until FILE has a line that the sed expression prints something of
await() { # FILE SED-EXPRESSION
	tries=0
	while value=$(sed -n "$2" "$1" 2>/dev/null | tail -n 1) && [ -z "$value" ]; do
		tries=$((tries + 1))
		if [ $tries -gt 1200 ]; then
			echo "bench: nothing of $2 in $1" >&2
			cat "$1" >&2
			exit 1
		fi
		sleep 0.05
	done
	echo "$value"
}

start_cloud() {
	"$bin/fakecloud" >"$dir/cloud.out" 2>"$dir/cloud.err" &
	pids="$pids $!"
	cloud=http://$(await "$dir/cloud.out" 's/^listening //p')
}

control() { # METHOD PATH [BODY]
	curl -fsS -X "$1" "$cloud/_control/$2" -d "${3:-}"
}

reset_cloud() {
	control POST reset >/dev/null
	control PATCH options '{"auth_required":false}' >/dev/null
}

# driftd with $dir/NAME.ini; sets pid and url
start_driftd() { # NAME
	: >"$dir/$1.log"
	"$bin/driftd" -c "$dir/$1.ini" 2>>"$dir/$1.log" &
	pid=$!
	pids="$pids $pid"
	url=http://$(await "$dir/$1.log" 's/.*serve\.listening.* address=\([^ ]*\).*/\1/p')
}

stop() { # PID
	kill "$1"
	wait "$1" 2>/dev/null || true
}

make_repo() {
	git init -q -b main "$dir/repo"
	git -C "$dir/repo" config user.email bench@example.com
	git -C "$dir/repo" config user.name bench
	mkdir "$dir/repo/app"
	echo one >"$dir/repo/app/file"
	git -C "$dir/repo" add .
	git -C "$dir/repo" commit -q -m one
	commit=$(git -C "$dir/repo" rev-parse HEAD)
}

head_config() { # NAME MORE-DRIFTD-LINES
	printf '[driftd]\nlisten = 127.0.0.1:0\nstate-dir = %s\n%b' "$dir/state-$1" "$2"
	printf '[repo "app"]\nurl = %s\nevery = 1h\n' "$dir/repo"
}

# a file of the configuration holds at most 10,000 keys: 2,000 targets in each
split_targets() { # NAME
	mkdir -p "$dir/$1.d"
	awk -v base="$dir/$1.d/" '/^\[(service|table)/ { if (n++ % 2000 == 0) file = sprintf("%s%04d.ini", base, n / 2000) } { print >file }'
}

# N Cloud Run services, 1,000 in each project, as the stand-in makes them
run_config() { # NAME SERVICES MORE-DRIFTD-LINES
	head_config "$1" "$3include = $1.d/*.ini\n" >"$dir/$1.ini"
	printf '[gcp]\ncredentials = token:bench\nregion = us-west2\nrun-endpoint = %s\n' "$cloud" >>"$dir/$1.ini"
	awk -v n="$2" 'BEGIN { for (i = 0; i < n; i++)
		printf "[service \"svc-%06d\"]\nsource = cloud-run\nproject = bulk-%d\npaths = app\n", i, i / 1000 + 1 }' |
		split_targets "$1"
}

http_config() { # NAME TARGETS MORE-DRIFTD-LINES
	head_config "$1" "$3include = $1.d/*.ini\n" >"$dir/$1.ini"
	awk -v n="$2" -v base="$cloud" 'BEGIN { for (i = 0; i < n; i++)
		printf "[service \"t-%06d\"]\nsource = http\nurl = %s/target/t-%06d/version\ncommit-pointer = /commit\npaths = app\n", i, base, i }' |
		split_targets "$1"
}

metric() { # URL NAME
	curl -fsS "$1/metrics" | awk -v name="$2" '$1 == name { print $2 }'
}

check() { # URL: a whole cycle; prints its duration in ms
	curl -fsS -X POST "$1/check?wait=120" | sed -n 's/.*"duration_ms":\([0-9]*\).*/\1/p'
}

evaluated() { # URL
	curl -fsS "$1/status" | sed -n 's/.*"evaluated":\([0-9]*\).*"targets_total":\([0-9]*\).*/\1 of \2/p'
}

rate() { # URL: requests per second of 32 connections
	wrk -t 2 -c 32 -d 3s "$1" | awk '/Requests\/sec/ { print $2 }'
}

median() {
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

ratio() { # A B
	awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (b > 0) ? a / b : 0 }'
}

peak_kib() { # PID
	awk '/^VmHWM/ { print $2 }' "/proc/$1/status"
}

start_nginx() { # FILE
	mkdir -p "$dir/nginx"
	cp "$1" "$dir/nginx/status.json"
	chmod -R a+rX "$dir"
	port=$((10000 + $$ % 20000)) # below the ports the kernel gives out by itself
	cat >"$dir/nginx/nginx.conf" <<END
daemon off;
worker_processes 2;
pid $dir/nginx/pid;
error_log $dir/nginx/error.log;
events { worker_connections 1024; }
http {
	access_log off;
	sendfile on;
	tcp_nopush on;
	keepalive_requests 100000000;
	default_type application/json;
	client_body_temp_path $dir/nginx/1; proxy_temp_path $dir/nginx/2; fastcgi_temp_path $dir/nginx/3;
	uwsgi_temp_path $dir/nginx/4; scgi_temp_path $dir/nginx/5;
	server { listen 127.0.0.1:$port; root $dir/nginx; }
}
END
	"$nginx" -p "$dir/nginx" -c "$dir/nginx/nginx.conf" 2>"$dir/nginx/start.log" &
	pids="$pids $!"
	nginx_url=http://127.0.0.1:$port
	tries=0
	until curl -fs "$nginx_url/status.json" >/dev/null; do
		tries=$((tries + 1))
		if [ $tries -gt 200 ]; then
			cat "$dir/nginx/start.log" "$dir/nginx/error.log" >&2
			exit 1
		fi
		sleep 0.05
	done
}

# both in turn, five times; the medians and their ratio
against_nginx() { # DRIFTD-URL
	: >"$dir/a"
	: >"$dir/b"
	for _ in 1 2 3 4 5; do
		rate "$1/status" >>"$dir/a"
		rate "$nginx_url/status.json" >>"$dir/b"
	done
	a=$(median <"$dir/a")
	b=$(median <"$dir/b")
	echo "driftd $a req/s, nginx $b req/s: ratio $(ratio "$a" "$b")"
}

figure_git() {
	title "verdicts of 1,000 services after a new head (4,000 commits, 9,000 files, 3 patterns each)"
	"$bin/bench_git"
}

figure_http() {
	title "2,000 requests on loopback: driftd's client against a bare curl_multi loop"
	"$bin/bench_http"
}

figure_status() {
	title "GET /status, 100 targets, 32 connections, against nginx serving the same bytes from a file"
	reset_cloud
	control POST bulk "{\"services\":5000,\"region\":\"us-west2\",\"commit\":\"$commit\"}" >/dev/null
	run_config hundred 100 "check-interval = 1h\n"
	start_driftd hundred
	hundred=$pid
	hundred_url=$url
	check "$url" >/dev/null
	echo "evaluated $(evaluated "$url")"
	curl -fsS "$url/status" >"$dir/status.json"
	echo "body: $(wc -c <"$dir/status.json") bytes"
	start_nginx "$dir/status.json"
	printf 'quiet: '
	against_nginx "$hundred_url"
	run_config busy 5000 "check-interval = 1s\n"
	start_driftd busy
	busy=$pid
	check "$url" >/dev/null
	printf 'beside cycles over 5,000 services: '
	against_nginx "$hundred_url"
	stop "$busy"
	stop "$hundred"
}

figure_cycle() {
	title "a cycle of N Cloud Run services (1,000 in each project): calls are pages only, growth"
	for n in 50 500 5000 50000; do
		reset_cloud
		control POST bulk "{\"services\":$n,\"region\":\"us-west2\",\"commit\":\"$commit\"}" >/dev/null
		run_config "cycle$n" "$n" "check-interval = 1h\n"
		start_driftd "cycle$n"
		check "$url" >/dev/null # cold: the first heads, the first rows
		calls_before=$(metric "$url" 'driftd_api_calls_total{api="run",outcome="200"}')
		cpu_before=$(metric "$url" process_cpu_seconds_total)
		wall=$(check "$url")
		cpu_after=$(metric "$url" process_cpu_seconds_total)
		calls_after=$(metric "$url" 'driftd_api_calls_total{api="run",outcome="200"}')
		echo "$n $calls_before $calls_after $wall $cpu_before $cpu_after $(peak_kib "$pid") $(evaluated "$url")" |
			awk '{ printf "%6d services: evaluated %s of %s, %d calls, %d ms wall, %.0f ms CPU (%.1f us a service), peak %.1f MiB\n",
				$1, $8, $10, $3 - $2, $4, ($6 - $5) * 1000, ($6 - $5) * 1e6 / $1, $7 / 1024 }'
		stop "$pid"
	done
}

figure_targets() {
	title "a cycle of 2,000 http services against a bare curl_multi loop of the same requests"
	reset_cloud
	control POST bulk "{\"targets\":2000,\"commit\":\"$commit\"}" >/dev/null
	http_config targets 2000 "check-interval = 1h\n"
	start_driftd targets
	check "$url" >/dev/null
	: >"$dir/a"
	: >"$dir/b"
	for _ in 1 2 3 4 5; do
		check "$url" >>"$dir/a"
		"$bin/bench_bare" "$cloud/target/t-" /version 2000 64 >>"$dir/b"
	done
	a=$(median <"$dir/a")
	b=$(median <"$dir/b")
	echo "evaluated $(evaluated "$url"); driftd's whole cycle $a ms, bare loop $b ms: rate ratio $(ratio "$b" "$a")"
	stop "$pid"
}

figure_idle() {
	title "idle with 20 services; start to serving the last verdicts"
	reset_cloud
	control POST bulk "{\"services\":20,\"region\":\"us-west2\",\"commit\":\"$commit\"}" >/dev/null
	run_config idle 20 "check-interval = 1h\n"
	start_driftd idle
	check "$url" >/dev/null
	echo "resident: $(awk '/^VmRSS/ { printf "%.1f MiB", $2 / 1024 }' "/proc/$pid/status"), private: $(awk \
		'/^(Private_Clean|Private_Dirty)/ { s += $2 } END { printf "%.1f MiB", s / 1024 }' "/proc/$pid/smaps_rollup")"
	stop "$pid"
	: >"$dir/a"
	for _ in 1 2 3 4 5; do
		began=$(date +%s%N)
		start_driftd idle
		curl -fsS "$url/status" | grep -q '"state":"ok"' || { echo "bench: no last verdict after the restart" >&2; exit 1; }
		ready=$(sed -n 's/.*serve\.listening.* start_ms=\([0-9]*\).*/\1/p' "$dir/idle.log" | tail -n 1)
		echo "$ready $(($(date +%s%N) - began))" >>"$dir/a"
		stop "$pid"
	done
	sort -n "$dir/a" | awk '{ v[NR] = $1 } END { print "start to READY=1 with the last verdicts: median " v[int((NR + 1) / 2)] " ms of " NR " starts" }'
}

figure_writes() {
	title "an unchanged world of 10,000 targets: bytes written per cycle"
	reset_cloud
	control POST bulk "{\"services\":10000,\"region\":\"us-west2\",\"commit\":\"$commit\"}" >/dev/null
	run_config writes 10000 "check-interval = 1h\n"
	start_driftd writes
	check "$url" >/dev/null
	check "$url" >/dev/null
	before=$(awk '/^write_bytes/ { print $2 }' "/proc/$pid/io")
	for _ in 1 2 3 4 5 6 7 8 9 10; do check "$url" >/dev/null; done
	after=$(awk '/^write_bytes/ { print $2 }' "/proc/$pid/io")
	echo "evaluated $(evaluated "$url"); $(((after - before) / 10)) bytes a cycle reach the disk (mean of 10)"
	stop "$pid"
}

. tests/bench/data.sh
. tests/bench/alerts.sh
. tests/bench/history.sh
. tests/bench/events.sh
. tests/bench/overview.sh

make_repo
start_cloud
for figure in $wanted; do
	"figure_$figure"
done
