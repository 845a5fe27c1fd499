# Figures of live updates; read by run.sh, whose functions it uses.

figure_events() {
	title "1,000 readers of /events: memory, delay of the first and the last one against 1,000 clients that poll /status, CPU against 1,000 polls that find nothing new"
	reset_cloud
	control POST bulk "{\"targets\":100,\"commit\":\"$commit\"}" >/dev/null
	http_config events 100 "check-interval = 1h\n"
	start_driftd events
	check "$url" >/dev/null
	echo "evaluated $(evaluated "$url")"
	"$bin/bench_events" "${url#http://}" "$pid" "${cloud#http://}" 1000 20 "$commit"
	stop "$pid"
}
