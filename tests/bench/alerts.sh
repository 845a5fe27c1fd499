# Figures of incidents and their messages; read by run.sh, whose functions it uses.

# 200 commits to push: each changes what the service is built from, or takes that back
make_pushes() { # BRANCH COMMITS
	awk -v n="$2" -v branch="$1" 'BEGIN { for (i = 1; i <= n; i++) {
		printf "commit refs/heads/%s\nmark :%d\nauthor bench <bench@example.com> %d +0000\n", branch, i, 1790000000 + i
		printf "committer bench <bench@example.com> %d +0000\ndata 6\nchange\n", 1790000000 + i
		if (i == 1) printf "from refs/heads/main^0\n"
		text = i % 2 ? "two" i : "one"
		printf "M 100644 inline app/file\ndata %d\n%s\n\n", length(text) + 1, text } }' |
		git -C "$dir/repo" fast-import --quiet
}

figure_push() {
	title "200 pushes, each a drift or its end, one service: from the push accepted to the request that Slack gets, against a script that does the same"
	reset_cloud
	control POST bulk "{\"targets\":1,\"commit\":\"$commit\"}" >/dev/null
	make_pushes next 200
	slack_port=$((30000 + $$ % 2000)) # below the ports the kernel gives out by itself
	printf '[driftd]\nlisten = 127.0.0.1:0\nstate-dir = %s\ncheck-interval = 1h\n' "$dir/state-push" >"$dir/push.ini"
	printf '[repo "app"]\nurl = %s\nbranch = main\nevery = 1h\nwebhook-secret = hush\n' "$dir/repo" >>"$dir/push.ini"
	printf '[service "t-000000"]\nsource = http\nurl = %s/target/t-000000/version\ncommit-pointer = /commit\npaths = app\ngrace = 0s\n' "$cloud" >>"$dir/push.ini"
	printf '[slack]\nwebhook = http://127.0.0.1:%s/services/bench\nrate = 1000/s\n' "$slack_port" >>"$dir/push.ini"
	start_driftd push
	check "$url" >/dev/null
	echo "before: evaluated $(evaluated "$url")"
	"$bin/bench_push" "$slack_port" "$url/hooks/github" hush "$dir/repo" "$cloud/target/t-000000/version" 200
	echo "after: $(curl -fsS "$url/notifications?state=sent&limit=1000" | grep -o '"state":"sent"' | wc -l) messages sent"
	stop "$pid"
	git -C "$dir/repo" update-ref refs/heads/main "$commit"
}

open_incidents() { # URL
	curl -fsS "$1/status" | sed -n 's/.*"incidents_open":\([0-9]*\).*/\1/p'
}

written() { # PID: bytes that were to reach the disk
	awk '/^write_bytes/ { print $2 }' "/proc/$1/io"
}

# driftd over 10,000 services, all one commit behind, told of it and settled; sets pid and url
start_behind() { # NAME GRACE
	run_config "$1" 10000 "check-interval = 1h\n"
	sed -i "s/^paths = app\$/&\ngrace = $2/" "$dir/$1.d/"*.ini
	printf '[slack]\nwebhook = %s/slack/services/T1/B1/%s\nrate = 1000/s\n' "$cloud" "$1" >>"$dir/$1.ini"
	start_driftd "$1"
	for _ in 1 2 3; do check "$url" >/dev/null; done
}

# one more cycle; a line of wall ms, CPU ms and bytes to FILE
measure_cycle() { # URL PID FILE
	bytes=$(written "$2")
	cpu=$(metric "$1" process_cpu_seconds_total)
	wall=$(check "$1")
	metric "$1" process_cpu_seconds_total | awk -v before="$cpu" -v wall="$wall" -v bytes=$(($(written "$2") - bytes)) '{ printf "%d %.0f %d\n", wall, ($1 - before) * 1000, bytes }' >>"$3"
}

# sets wall, cpu and bytes to the medians of FILE (that of the bytes leaves out the checkpoint of what was written before), and peak
show_cycles() { # URL PID FILE
	wall=$(cut -d' ' -f1 "$3" | median)
	cpu=$(cut -d' ' -f2 "$3" | median)
	bytes=$(cut -d' ' -f3 "$3" | median)
	peak=$(peak_kib "$2" | awk '{ printf "%.1f", $1 / 1024 }')
	echo "$(open_incidents "$1") incidents open, evaluated $(evaluated "$1"): $wall ms wall, $cpu ms CPU, $bytes bytes written (medians of 10 cycles), peak $peak MiB"
}

figure_incidents() {
	title "an unchanged cycle over 10,000 services, all one commit behind: with an incident open for each, against none (all within their grace), in turn"
	reset_cloud
	control POST bulk "{\"services\":10000,\"region\":\"us-west2\",\"commit\":\"$commit\"}" >/dev/null
	make_pushes behind 1
	git -C "$dir/repo" update-ref refs/heads/main refs/heads/behind
	start_behind none 300d
	none_pid=$pid none_url=$url
	start_behind open 0s
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		measure_cycle "$none_url" "$none_pid" "$dir/none.cycles"
		measure_cycle "$url" "$pid" "$dir/open.cycles"
	done
	show_cycles "$none_url" "$none_pid" "$dir/none.cycles"
	none="$wall $cpu $bytes $peak"
	show_cycles "$url" "$pid" "$dir/open.cycles"
	echo "$wall $cpu $bytes $peak $none $(control GET 'slack?items=0' | sed -n 's/.*"count":\([0-9]*\).*/\1/p')" | awk '{
		printf "messages: %d; ratio open / none: wall %.2f, CPU %.2f, bytes %.2f, peak %.2f\n", $9, $1 / $5, $2 / $6, $3 / $7, $4 / $8 }'
	stop "$pid"
	stop "$none_pid"
	git -C "$dir/repo" update-ref refs/heads/main "$commit"
}

waiting() { # URL: messages, over all channels
	curl -fsS "$1/status" | grep -o '"waiting":[0-9]*' | awk -F: '{ sum += $2 } END { print sum + 0 }'
}

outbox_config() { # NAME CHANNELS BASE-URL
	printf '[driftd]\nlisten = 127.0.0.1:0\nstate-dir = %s\ncheck-interval = 1h\n[repo "app"]\nurl = %s\nbranch = main\nevery = 1h\n' "$dir/state-$1" "$dir/repo"
	printf '[service "t-000000"]\nsource = http\nurl = %s/target/t-000000/version\ncommit-pointer = /commit\npaths = app\ngrace = 0s\n' "$cloud"
	awk -v n="$2" -v base="$3" 'BEGIN { for (i = 1; i <= n; i++) printf "[webhook \"w%d\"]\nurl = %s/webhook/w%d\nrate = 1000/s\n", i, base, i }'
}

# as many requests of the same size by one curl over one connection; prints ms from the first to the last that arrived
bare_posts() { # COUNT BYTES
	head -c "$2" /dev/zero | tr '\0' x >"$dir/body"
	awk -v n="$1" -v url="$cloud/webhook/bare" -v body="$dir/body" 'BEGIN { for (i = 1; i <= n; i++)
		printf "url = \"%s\"\ndata = \"@%s\"\nheader = \"Content-Type: application/json\"\noutput = \"/dev/null\"\n%s", url, body, (i < n) ? "next\n" : "" }' >"$dir/posts"
	control DELETE attempts >/dev/null
	curl -sS -K "$dir/posts"
	arrivals
}

# writes of 4 KiB a second, each on the disk before the next: what one channel's messages can come to at most
synced_writes() {
	began=$(date +%s%N)
	dd if=/dev/zero of="$dir/synced" bs=4k count=200 oflag=dsync 2>/dev/null
	echo $((200 * 1000000000 / ($(date +%s%N) - began)))
}

arrivals() { # of webhook requests: how many, and ms from the first to the last
	control GET 'attempts?channel=webhook' | grep -o '"at_ms": *[0-9]*' | awk -F: '{ if (NR == 1) first = $2; last = $2 } END { print NR, last - first }'
}

drain() { # CHANNELS
	name=drain-$1
	wanted_messages=$(($1 * 20))
	outbox_config "$name" "$1" http://127.0.0.1:1 >"$dir/$name.ini" # nobody listens there
	git -C "$dir/repo" update-ref refs/heads/main "$commit"
	start_driftd "$name"
	check "$url" >/dev/null
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		for head in refs/heads/flip "$commit"; do
			git -C "$dir/repo" update-ref refs/heads/main "$head"
			check "$url" >/dev/null
		done
	done
	before=$(waiting "$url")
	outbox_config "$name" "$1" "$cloud" >"$dir/$name.ini"
	control DELETE attempts >/dev/null
	cpu=$(metric "$url" process_cpu_seconds_total)
	kill -HUP "$pid"
	tries=0
	until [ "$(arrivals | cut -d' ' -f1)" -ge "$wanted_messages" ] || [ $tries -gt 200 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	ours=$(arrivals)
	cpu=$(metric "$url" process_cpu_seconds_total | awk -v before="$cpu" -v n="$wanted_messages" '{ printf "%.0f", ($1 - before) * 1e6 / n }')
	size=$(control GET 'attempts?channel=webhook&limit=1' | sed -n 's/.*"body_bytes": *\([0-9]*\).*/\1/p')
	echo "$before $ours $1 $cpu $(bare_posts "$wanted_messages" "$size") $size $(synced_writes)" | awk '{ printf "%2d channels: %d messages waited, %d requests of %d bytes in %d ms: %.0f messages/s, %d us CPU each; bare curl loop %.0f/s: ratio %.2f; synced writes %d/s: ratio %.2f\n",
		$4, $1, $2, $8, $3, ($2 - 1) * 1000 / $3, $5, ($6 - 1) * 1000 / $7, (($2 - 1) / $3) / (($6 - 1) / $7), $9, ($2 - 1) * 1000 / $3 / $9 }'
	stop "$pid"
}

figure_outbox() {
	title "20 messages wait for each channel (more would be folded), then it can be reached: each is written down before the next is sent; against one curl that posts as many"
	reset_cloud
	control POST bulk "{\"targets\":1,\"commit\":\"$commit\"}" >/dev/null
	make_pushes flip 1
	for channels in 1 5 50; do drain $channels; done
	git -C "$dir/repo" update-ref refs/heads/main "$commit"
}
