#!/bin/sh
# /metrics as Prometheus sees it: the rules of api/alerts.yml, every query of api/grafana.json, and the manual's METRICS,
# held against the real driftd over the demo's cloud. The argument is the build's folder.
set -eu
cd "$(dirname "$0")/.."
bin=$1
tools=$PWD/build/tools/usr/bin
dir=$(mktemp -d)
pids=
finish() {
	trap - EXIT INT TERM
	for pid in $pids; do kill "$pid" 2>/dev/null || true; done
	wait 2>/dev/null || true
	rm -rf "$dir"
}
trap finish EXIT INT TERM

fail() {
	echo "FAILED: $*"
	exit 1
}

# wait until the command succeeds, at most a minute
await() { # WHAT COMMAND...
	what=$1
	shift
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || fail "no $what within a minute"
		sleep 0.1
	done
}

# lines of $1 that are not in $2, both sorted
only_in() {
	comm -23 "$1" "$2"
}

check_rules() {
	"$tools/promtool" check rules api/alerts.yml
	for file in tests/prometheus/*_test.yml; do "$tools/promtool" test rules "$file"; done
	sed -n 's/^ *- alert: *//p' api/alerts.yml | sort >"$dir/alerts"
	[ "$(wc -l <"$dir/alerts")" -ge 20 ] || fail "api/alerts.yml has lost rules"
	# one that is only ever expected to be silent would pass without its rule
	grep -oh 'exp_samples:.*alertname="[A-Za-z0-9]*"\|^ *- {labels:.*alertname="[A-Za-z0-9]*"' tests/prometheus/*_test.yml |
		sed 's/.*alertname="//; s/"//' | sort -u >"$dir/tested"
	only_in "$dir/alerts" "$dir/tested" | grep . && fail "alerts that no test sees firing"
	for part in 'for:' 'labels: {severity: \(page\|ticket\|info\)}' 'summary:' 'description:' 'runbook:'; do
		[ "$(grep -c "^ *$part" api/alerts.yml)" -eq "$(wc -l <"$dir/alerts")" ] || fail "not every alert has $part"
	done
}

start_demo() {
	"$bin/fakecloud" --demo "$dir/demo" >"$dir/cloud.log" 2>&1 &
	pids="$pids $!"
	await "stand-in cloud" grep -q listening "$dir/cloud.log"
	sed -i 's/^listen = .*/listen = 127.0.0.1:0/' "$dir/demo/driftd.ini"
	"$bin/driftd" -c "$dir/demo/driftd.ini" >"$dir/driftd.log" 2>&1 &
	pids="$pids $!"
	await "driftd that listens" grep -q serve.listening "$dir/driftd.log"
	address=$(sed -n 's/.*serve\.listening.* address=\([^ ]*\).*/\1/p' "$dir/driftd.log")
	await "driftd that is ready" curl -fsS "http://$address/readyz"
	await "check" curl -fsS -X POST "http://$address/check?wait=30"
	curl -fsS "http://$address/metrics" >"$dir/metrics"
	"$tools/promtool" check metrics <"$dir/metrics" || fail "promtool finds fault with /metrics"
}

# NAME{LABEL,LABEL}, as the manual writes it
shape() {
	sed '/^#/d; s/} [^ ]*$/}/; s/^\([a-z_]*\) [^ ]*$/\1/' |
		awk '{ gsub(/="([^"\\]|\\.)*"/, ""); print }' | sort -u
}

check_manual() {
	shape <"$dir/metrics" >"$dir/served"
	sed -n '/^\.Sh METRICS/,/^\.Sh REASONS/s/^\.It Li \(\(driftd\|process\)_[a-z_]*[^ ]*\)$/\1/p' daemon/driftd.8 | sort >"$dir/manual"
	uniq -d "$dir/manual" | grep . && fail "twice in the manual"
	only_in "$dir/served" "$dir/manual" | grep . && fail "metrics that the manual does not have, or has with other labels"
	only_in "$dir/manual" "$dir/served" | grep . && fail "metrics of the manual that are not in /metrics"
	grep -oh '"\(driftd\|process\)_[a-z_]*"' api/metrics*.c | tr -d '"' | sort -u >"$dir/source"
	sed 's/{.*//' "$dir/manual" | sort -u >"$dir/names"
	only_in "$dir/source" "$dir/names" | grep . && fail "metrics of the source that the manual does not have"
	grep -oh '\b\(driftd\|process\)_[a-z_]*[a-z]' api/grafana.json api/alerts.yml | sort -u >"$dir/used"
	only_in "$dir/used" "$dir/names" | grep . && fail "metrics that a dashboard or a rule names and /metrics does not have"
	# and the other way round: what is not shown anywhere is not worth a series
	only_in "$dir/names" "$dir/used" | grep -v '^process_virtual_memory_bytes$' | grep . && fail "metrics that neither dashboard nor rules use"
	return 0
}

bound_of() { # WORD of the table in the manual
	sed -n '/^\.Ss How many series/,/^\.El/s/^\.It '"$1"' Ta \([0-9]*\).*/\1/p' daemon/driftd.8
}

values_of() { # LABELS, as a pattern of one group of them
	grep -v '^#' "$dir/metrics" | grep -o "[{,]$1" | sort -u | wc -l
}

check_bound() {
	series=$(grep -vc '^#' "$dir/metrics")
	targets=$(values_of 'target="[^"]*"')
	bound=$(($(bound_of target) * targets + $(bound_of repository) * $(values_of 'repo="[^"]*"') +
		$(bound_of channel) * $(values_of 'channel="[^"]*"') + $(bound_of 'section gcp') * $(values_of 'gcp="[^"]*"') +
		$(bound_of 'API and outcome') * $(values_of 'api="[^"]*",outcome="[^"]*"') + $(bound_of 'beside these')))
	echo "$series series of $targets targets, the manual allows $bound"
	[ "$targets" -gt 20 ] || fail "the demo has few targets"
	[ "$series" -le "$bound" ] || fail "more series than the manual says"
	beside=$(grep -v '^#' "$dir/metrics" | grep -cv '[{,]\(target\|repo\|channel\|gcp\|api\)="')
	[ "$beside" -le "$(bound_of 'beside these')" ] || fail "$beside series beside those of targets"
}

query() { # EXPRESSION
	curl -fsS "http://$prometheus/api/v1/query" --data-urlencode "query=$1"
}

scraped_often() {
	query 'min(count_over_time(driftd_checks_total[1m])) >= 4' | grep -q '"value"'
}

calls_seen() {
	query 'sum(rate(driftd_api_calls_total[1m])) > 0' | grep -q '"value"'
}

start_prometheus() {
	cat >"$dir/prometheus.yml" <<END
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: ["$PWD/api/alerts.yml"]
scrape_configs: [{job_name: driftd, static_configs: [{targets: ["$address"]}]}]
END
	"$tools/prometheus" --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/tsdb" \
		--web.listen-address=127.0.0.1:0 --log.level=info >"$dir/prometheus.log" 2>&1 &
	pid=$!
	pids="$pids $pid"
	# it does not say which port it got
	await "Prometheus that listens" listening_port "$pid"
	prometheus=127.0.0.1:$(listening_port "$pid")
	await "Prometheus that is ready" curl -fsS "http://$prometheus/-/ready"
	await "four scrapes" scraped_often
	curl -fsS -X POST "http://$address/check?wait=30" >/dev/null
	await "rate of calls" calls_seen
}

listening_port() { # PID
	for socket in /proc/"$1"/fd/*; do
		readlink "$socket"
	done | sed -n 's/socket:\[\([0-9]*\)\]/\1/p' >"$dir/sockets"
	ports=$(awk 'NR == FNR { mine[$1]; next } $4 == "0A" && ($10 in mine) { sub(/.*:/, "", $2); print $2 }' \
		"$dir/sockets" /proc/net/tcp /proc/net/tcp6)
	[ -n "$ports" ] && printf '%d\n' "0x$(echo "$ports" | head -n 1)"
}

# every query of the dashboard, with every choice on "All": none fails, and it draws what there is in the demo
check_dashboard() {
	sed -n 's/^ *"expr": "\(.*\)",*$/\1/p' api/grafana.json | sed 's/\\"/"/g; s/\$__rate_interval/1m/g; s/\$__range/1m/g; s/\$[a-z]*/.*/g' >"$dir/queries"
	total=0
	while read -r expression; do
		total=$((total + 1))
		query "$expression" >"$dir/answer" || fail "Prometheus refuses $expression"
		grep -q '"result":\[{' "$dir/answer" || echo "$expression" >>"$dir/empty"
	done <"$dir/queries"
	[ "$total" -gt 50 ] || fail "api/grafana.json has lost queries"
	# an end of the process is no news of a healthy one
	grep -v 'changes(process_start_time_seconds' "$dir/empty" >"$dir/missing" || true
	cat "$dir/missing"
	[ ! -s "$dir/missing" ] || fail "queries of the dashboard that draw nothing in the demo"
	# only the targets of one owner, one kind, one priority
	for choice in 'owner=~"$owner"/owner=~"nobody"' 'kind=~"$kind"/kind=~"nothing"'; do
		one=$(sed -n 's/^ *"expr": "\(driftd_target_state.*\) > 0",*$/\1/p' api/grafana.json | head -n 1 | sed 's/\\"/"/g')
		one=$(echo "$one" | sed "s/${choice%%/*}/${choice#*/}/; s/\\\$[a-z]*/.*/g")
		query "$one" | grep -q '"result":\[\]' || fail "a choice that leaves nothing shows something: $one"
	done
	echo "$total queries of the dashboard answered"
}

check_loaded_rules() {
	curl -fsS "http://$prometheus/api/v1/rules" >"$dir/rules"
	grep -q '"health":"err"' "$dir/rules" && fail "rules that cannot be evaluated: $(cat "$dir/rules")"
	[ "$(grep -o '"type":"alerting"' "$dir/rules" | wc -l)" -eq "$(wc -l <"$dir/alerts")" ] || fail "not all rules are loaded"
	return 0
}

check_rules
start_demo
check_manual
check_bound
start_prometheus
check_dashboard
check_loaded_rules
echo "metrics, rules and dashboard hold together"
