# Figures of tables; read by run.sh, whose functions it uses.

# N tables in M datasets of the stand-in BigQuery, as it makes them in bulk
tables_config() { # NAME METHOD TABLES DATASETS MORE-DRIFTD-LINES
	printf '[driftd]\nlisten = 127.0.0.1:0\nstate-dir = %s\ncheck-interval = 1h\ncycle-timeout = 10m\n%binclude = %s.d/*.ini\n' \
		"$dir/state-$1" "$5" "$1" >"$dir/$1.ini"
	printf '[gcp]\nproject = acme-prod\ncredentials = token:bench\nbigquery-endpoint = %s\n' "$cloud" >>"$dir/$1.ini"
	awk -v n="$3" -v m="$4" -v method="$2" 'BEGIN { for (i = 0; i < n; i++) {
		printf "[table \"bench_%02d.t_%06d\"]\nmethod = %s\nwarn-after = 1d\nerror-after = 2d\n", i % m, i, method
		if (method == "column") print "loaded-at-field = loaded_at" } }' | split_targets "$1"
}

make_tables() { # TABLES DATASETS
	reset_cloud
	control POST bulk "{\"tables\":$1,\"datasets\":$2}" >/dev/null
}

calls() { # URL: calls of BigQuery so far
	metric "$1" 'driftd_api_calls_total{api="bigquery",outcome="200"}'
}

counter() { # NAME: of the stand-in BigQuery
	curl -fsS "$cloud/_control/log" | sed -n "s/.*\"$1\": *\([0-9]*\).*/\1/p" | head -n 1
}

forced() { # URL: a whole cycle, billed looks too; prints its duration in ms
	curl -fsS -X POST "$1/check?wait=300&force=1" | sed -n 's/.*"duration_ms":\([0-9]*\).*/\1/p'
}

# one look at all tables, after a first one that checked them against their schema; sets wall, asked, queries, cpu
look() { # URL TABLES
	control DELETE log >/dev/null
	asked=$(calls "$1")
	cpu=$(metric "$1" process_cpu_seconds_total)
	wall=$(forced "$1")
	asked=$(($(calls "$1") - asked))
	queries=$(counter queries)
	cpu=$(metric "$1" process_cpu_seconds_total | awk -v before="$cpu" -v n="$2" '{ printf "%.0f", ($1 - before) * 1e6 / n }')
}

slow_cloud() {
	control POST faults '{"api":"bigquery","kind":"latency","latency_ms":50,"count":-1}' >/dev/null
}

figure_tables() {
	title "1,000 tables in 10 datasets, every answer 50 ms late: against the same one call (and one table a query) at a time"
	for method in metadata column; do
		make_tables 1000 10
		tables_config "tables-$method" $method 1000 10 ""
		start_driftd "tables-$method"
		check "$url" >/dev/null
		slow_cloud
		look "$url" 1000
		ours=$wall
		echo "$method: evaluated $(evaluated "$url"), $asked calls of which $queries queries, $cpu us CPU a table, $wall ms wall"
		stop "$pid"
		# the peer: driftd with one connection; for column with as many datasets as tables, so that nothing can be combined
		datasets=10
		[ $method = metadata ] || datasets=1000
		make_tables 1000 $datasets
		tables_config "serial-$method" $method 1000 $datasets "max-parallel-requests = 1\n"
		start_driftd "serial-$method"
		check "$url" >/dev/null
		slow_cloud
		look "$url" 1000
		echo "$method, one at a time: evaluated $(evaluated "$url"), $asked calls of which $queries queries, $wall ms wall: ratio $(ratio "$wall" "$ours")"
		stop "$pid"
	done
}

figure_growth() {
	title "one look at N tables in 10 datasets: growth"
	for method in metadata column; do
		for n in 10 100 1000 10000; do
			make_tables $n 10
			tables_config "growth-$method-$n" $method $n 10 ""
			start_driftd "growth-$method-$n"
			check "$url" >/dev/null
			look "$url" $n
			echo "$(peak_kib "$pid")" | awk -v method=$method -v n=$n -v e="$(evaluated "$url")" -v a="$asked" -v q="$queries" -v w="$wall" -v c="$cpu" \
				'{ printf "%-8s %6d tables: evaluated %s, %d calls of which %d queries, %d ms wall, %d us CPU a table, peak %.1f MiB\n", method, n, e, a, q, w, c, $1 / 1024 }'
			stop "$pid"
		done
	done
}

figure_unchanged() {
	title "evaluation and commit of 10,000 unchanged tables (nothing is asked: billed looks are not due)"
	make_tables 10000 10
	tables_config unchanged column 10000 10 ""
	start_driftd unchanged
	check "$url" >/dev/null
	check "$url" >/dev/null
	control DELETE log >/dev/null
	before=$(awk '/^write_bytes/ { print $2 }' "/proc/$pid/io")
	cpu=$(metric "$url" process_cpu_seconds_total)
	for _ in 1 2 3 4 5 6 7 8 9 10; do check "$url" >/dev/null; done
	after=$(awk '/^write_bytes/ { print $2 }' "/proc/$pid/io")
	metric "$url" process_cpu_seconds_total | awk -v before="$cpu" -v bytes=$(((after - before) / 10)) -v e="$(evaluated "$url")" -v q="$(counter queries)" \
		'{ printf "evaluated %s, %d queries; a cycle takes %.1f ms CPU (%.1f us a table) and writes %d bytes (means of 10)\n", e, q, ($1 - before) * 100, ($1 - before) * 1e6 / 10 / 10000, bytes }'
	stop "$pid"
}
