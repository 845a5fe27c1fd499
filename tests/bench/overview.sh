# Figures of the dashboard; read by run.sh, whose functions it uses.

# what 90 days of N targets may have been: each went wrong and was mended six times; every tenth is wrong now
make_past() { # N
	now=$(date +%s)000
	awk -v n="$1" -v now="$now" 'BEGIN { for (step = 0; step < 13; step++) for (i = 0; i < n; i++) {
		wrong = step % 2; if (step == 12 && i % 10) continue
		from = step == 0 ? "" : (wrong ? "ok" : "drift"); to = wrong ? "drift" : "ok"
		if (step == 12) { from = "ok"; to = "drift" }
		if (step == 11) { from = "drift"; to = "ok" }
		if (step == 10) continue
		printf "transition\tservice/t-%06d\t%.0f\t%s\t%s\t\t%s\n", i, now - (88 - 7 * step + (i % 13) / 2) * 86400000,
			from, to, to == "ok" ? "[]" : "[\"behind\"]" } }'
}

# every tenth is a commit behind
spoil_tenth() { # N
	awk -v n="$1" -v old="$commit" -v base="$cloud/_control/targets/t-" 'BEGIN { for (i = 0; i < n; i += 10)
		printf "%surl = \"%s%06d\"\nrequest = PUT\ndata = \"{\\\"commit\\\":\\\"%s\\\"}\"\noutput = /dev/null\nsilent\n", i ? "next\n" : "", base, i, old }' >"$dir/spoil"
	curl -sS -K "$dir/spoil"
}

start_overview() { # N
	reset_cloud
	control POST bulk "{\"targets\":$1,\"commit\":\"$newer\"}" >/dev/null
	spoil_tenth "$1"
	http_config "overview$1" "$1" "check-interval = 1h\nretention = 365d\n"
	start_driftd "overview$1"
	check "$url" >/dev/null
	stop "$pid"
	mv "$dir/state-overview$1/driftd.db" "$dir/first.db"
	rm -f "$dir/state-overview$1"/driftd.db-*
	make_past "$1" | "$bin/bench_past" "$dir/first.db" "$dir/state-overview$1/driftd.db"
	rm "$dir/first.db"
	start_driftd "overview$1"
	check "$url" >/dev/null
}

# the peers: the same page as a file, and the same targets as JSON with a script that makes a table of it
start_peers() { # DRIFTD-URL
	mkdir -p "$dir/peers"
	cat >"$dir/peers/nginx.conf" <<END
daemon off;
worker_processes 2;
pid $dir/peers/pid;
error_log $dir/peers/error.log;
events { worker_connections 256; }
http {
	access_log off;
	types { text/html html; application/json json; }
	charset utf-8;
	client_body_temp_path $dir/peers/1; proxy_temp_path $dir/peers/2; fastcgi_temp_path $dir/peers/3;
	uwsgi_temp_path $dir/peers/4; scgi_temp_path $dir/peers/5;
	server {
		listen 127.0.0.1:$peers_port;
		root $dir/peers;
		gzip_static on;
		location = / { rewrite ^ /page.html break; }
		location = /table.html { }
		location = /drift.json { }
		location / { proxy_pass $1; proxy_buffering off; proxy_http_version 1.1; }
	}
}
END
	chmod -R a+rX "$dir"
	"$nginx" -p "$dir/peers" -c "$dir/peers/nginx.conf" 2>"$dir/peers/start.log" &
	peers_pid=$!
	pids="$pids $peers_pid"
	tries=0
	until curl -fs "http://127.0.0.1:$peers_port/version" >/dev/null; do
		tries=$((tries + 1))
		if [ $tries -gt 200 ]; then
			cat "$dir/peers/start.log" "$dir/peers/error.log" >&2
			exit 1
		fi
		sleep 0.05
	done
}

page_bytes() { # URL [CURL-OPTION...]
	page=$1
	shift
	curl -fsS -o /dev/null -H 'Accept: text/html' -w '%{size_download}' "$@" "$page/"
}

# 50 pages over one connection; the median of their ms
page_ms() { # URL
	awk -v url="$1/" 'BEGIN { for (i = 0; i < 50; i++)
		printf "%surl = \"%s\"\noutput = /dev/null\nheader = \"Accept: text/html\"\nheader = \"Accept-Encoding: gzip\"\nwrite-out = \"%%{time_total}\\n\"\nsilent\n", i ? "next\n" : "", url }' >"$dir/pages"
	curl -sS -K "$dir/pages" | median | awk '{ printf "%.2f", $1 * 1000 }'
}

figure_overview() {
	title "the overview with 100 and 5,000 targets, a tenth of them wrong, 90 days behind each: against the same page as a file of nginx, and the same targets as JSON that a script makes a plain table of (from files of nginx)"
	peers_port=$((10000 + ($$ + 7) % 20000)) # below the ports the kernel gives out by itself
	make_pushes overview 1
	newer=$(git -C "$dir/repo" rev-parse refs/heads/overview)
	git -C "$dir/repo" update-ref refs/heads/main "$newer"
	for n in 100 5000; do
		start_overview "$n"
		echo "$n targets: evaluated $(evaluated "$url"); page $(page_bytes "$url") bytes, gzip $(page_bytes "$url" -H 'Accept-Encoding: gzip')"
		cpu=$(metric "$url" process_cpu_seconds_total)
		ours=$(page_ms "$url")
		cpu=$(metric "$url" process_cpu_seconds_total | awk -v before="$cpu" '{ printf "%.2f", ($1 - before) * 1000 / 50 }')
		start_peers "$url"
		DRIFTD_BUILD=$bin node tests/bench/overview.mjs files "$url" "$dir/peers"
		theirs=$(page_ms "http://127.0.0.1:$peers_port")
		echo "  made in $ours ms (median of 50, gzip), $cpu ms CPU; the file by nginx in $theirs ms: ratio $(ratio "$ours" "$theirs")"
		DRIFTD_BUILD=$bin node tests/bench/overview.mjs look "$url" "http://127.0.0.1:$peers_port"
		echo "  peak of driftd: $(peak_kib "$pid" | awk '{ printf "%.1f MiB", $1 / 1024 }')"
		stop "$peers_pid"
		stop "$pid"
	done
	git -C "$dir/repo" update-ref refs/heads/main "$commit"
}
