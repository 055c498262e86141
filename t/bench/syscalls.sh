#!/bin/sh
# syscalls.sh - system calls of mxauthd for a small message, by strace: all
# calls over those of accept, since each message has its connection.  Nearly all
# answers are in the cache.  Called by `make bench-syscalls`.
set -eu
: "${srcdir:=.}" "${builddir:=.}"
many=${BENCH_MANY:-10000}
counts=$(mktemp)
trap 'rm -f "$counts"' EXIT
command -v strace >/dev/null || {
	echo "strace is not installed" >&2
	exit 77
}

"$builddir/t/bench/bench" --only "$many" "$srcdir/t/keys" "$builddir" &
bench=$!
daemon=
while [ -z "$daemon" ] && kill -0 "$bench" 2>/dev/null; do
	sleep 0.1
	daemon=$(ps -o pid= --ppid "$bench" | tr -d ' ' | tail -n 1)
done
sleep 0.5 # the first of the messages fill the cache
strace -f -c -p "$daemon" -o "$counts" 2>/dev/null
wait "$bench"
awk '$4 ~ /^[0-9]+$/ && $NF != "total" { n[$NF] = $4 }
	END {
		messages = n["accept"] + n["accept4"]
		for (name in n) {
			total += n[name] / messages
			if (n[name] / messages >= 0.05)
				printf "%-16s %6.2f\n", name,
				    n[name] / messages | "sort -k2 -nr"
		}
		close("sort -k2 -nr")
		printf "system calls a small message: %.1f (goal: < 20)\n", total
	}' "$counts"
