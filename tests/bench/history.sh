# Figures of long lists; read by run.sh, whose functions it uses.

figure_history() {
	title "pages of 100 out of 1,000,000 rows, by cursor over HTTP, at the begin, in the middle and at the end; the same SQLite file with OFFSET beside it (the query alone)"
	reset_cloud
	control POST bulk "{\"targets\":1,\"commit\":\"$commit\"}" >/dev/null
	http_config history 1 "check-interval = 1h\n"
	start_driftd history # makes the database
	check "$url" >/dev/null
	stop "$pid"
	"$bin/bench_history" fill "$dir/state-history/driftd.db" 1000000
	start_driftd history
	check "$url" >/dev/null
	echo "database: $(metric "$url" driftd_database_bytes | awk '{ printf "%.0f MiB", $1 / 1048576 }')"
	"$bin/bench_history" measure "$dir/state-history/driftd.db" 1000000 "$url"
	# few out of many: what is not over, of one channel what failed
	for path in 'incidents?status=open&status=acknowledged' 'incidents?status=open' 'notifications?channel=slack/default&state=failed' 'notifications?state=failed' silences; do
		for _ in 1 2 3 4 5; do curl -fsS -o "$dir/page" -w '%{time_total}\n' "$url/$path"; done | median |
			awk -v path="/$path" '{ printf "%s: %.2f ms\n", path, $1 * 1000 }'
	done
	echo "peak of driftd: $(peak_kib "$pid" | awk '{ printf "%.1f MiB", $1 / 1024 }')"
	stop "$pid"
}
