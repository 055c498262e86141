#!/bin/sh
# callgrind.sh - user-space instructions of mxauthd for a small message, beside
# those of the cryptography alone.  Called by `make bench-callgrind`; wants
# valgrind.  What it shows does not depend on the load of the machine.
set -eu
: "${srcdir:=.}" "${builddir:=.}"
few=${BENCH_FEW:-300} many=${BENCH_MANY:-900}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
command -v valgrind >/dev/null || {
	echo "valgrind is not installed" >&2
	exit 77
}

# instructions FILE: all that were counted
instructions() {
	sed -n 's/^\(summary\|totals\): //p' "$1" | tail -n 1
}

run() {
	"$builddir/t/bench/bench" "$@" "$srcdir/t/keys" "$builddir"
}

# daemon N: of the whole of mxauthd, N messages of one domain set
daemon() {
	BENCH_WRAP="$dir/daemon.$1" run --only "$1" >/dev/null
	instructions "$dir/daemon.$1"
}

floor() {
	valgrind --tool=callgrind --callgrind-out-file="$dir/floor.$1" \
		--toggle-collect=bench_floor_run \
		"$builddir/t/bench/bench" --floor "$1" "$srcdir/t/keys" \
		"$builddir" >/dev/null 2>&1
	instructions "$dir/floor.$1"
}

a=$(daemon "$few")
b=$(daemon "$many")
c=$(floor "$many")
awk -v a="$a" -v b="$b" -v c="$c" -v n="$((many - few))" -v m="$many" 'BEGIN {
	d = (b - a) / n; f = c / m
	printf "user-space instructions a small message: mxauthd %d, ", d
	printf "crypto floor %d, ratio %.2f (goal 1.6)\n", f, d / f
}'
