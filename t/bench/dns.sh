#!/bin/sh
# dns.sh - the resolver's cache on its own: its memory under ten million names,
# and who waits in a simulated day.  Called by `make bench-dns`; BENCH_DAYS
# (default: all) takes the first so many rows.
set -u
: "${builddir:=.}"
day=$builddir/t/bench/dnsday
rows=${BENCH_DAYS:-99}

"$builddir/t/bench/dnsnames" "${BENCH_NAMES:-10}" || exit 1
echo
head=-t
while read -r options; do
	[ "$rows" -gt 0 ] || break
	rows=$((rows - 1))
	# shellcheck disable=SC2086 # a list of options
	"$day" $head $options || exit 1
	head=
done <<EOF
-m 200000 -d 20000 -z 1.2 -H 0
-m 200000 -d 20000 -z 1.2
-m 1000000 -d 20000 -z 1.5 -s 512 -H 0
-m 1000000 -d 20000 -z 1.5 -s 512 -H 1
-m 1000000 -d 20000 -z 1.5 -s 512
-m 1000000 -d 20000 -z 1.5 -s 512 -H 0 -c
-m 1000000 -d 20000 -z 1.5 -s 512 -c
-m 1000000 -d 100000 -z 1.2 -s 512 -H 0
-m 1000000 -d 100000 -z 1.2 -s 512
-m 5000000 -d 20000 -z 1.5 -s 512 -H 0
-m 5000000 -d 20000 -z 1.5 -s 512
-m 5000000 -d 20000 -z 1.5 -s 512 -c
EOF
