#!/bin/sh
# The stand-in cloud with its generated repository, and driftd watching it. Ctrl-C ends both.
set -eu
cd "$(dirname "$0")/.."
bin=$1
dir=$(mktemp -d)
cleanup() {
	trap - EXIT INT TERM
	kill "$cloud" 2>/dev/null || true
	rm -rf "$dir" "$dir.log"
}
"$bin/fakecloud" --demo "$dir" >"$dir.log" &
cloud=$!
trap cleanup EXIT INT TERM
# the configuration is the last thing it writes before it serves
while ! grep -q listening "$dir.log" 2>/dev/null; do
	kill -0 "$cloud" || { cat "$dir.log"; exit 1; }
	sleep 0.1
done
stand_in=$(sed -n 's/^listening //p' "$dir.log")
echo "demo: in another terminal: curl localhost:8080/drift?format=text"
echo "demo: incidents: curl 'localhost:8080/incidents?format=text'"
echo "demo: what Slack was told: curl 'http://$stand_in/_control/slack?format=text'"
echo "demo: mend a service: $dir/deploy fraud"
"$bin/driftd" -c "$dir/driftd.ini" || true
