#!/bin/sh
# fuzz.sh SRCDIR BUILDDIR SECONDS [HARNESS...] - every fuzz harness under
# libFuzzer, ASan and UBSan for so many seconds each, as many at a time as there
# are processors (`make fuzz FUZZ_SECONDS=n`).
#
# Builds with clang into BUILDDIR/fuzz.  Each harness begins with a copy of its
# corpus; inputs that it finds stay in BUILDDIR/fuzz/found/NAME.  Prints a line
# for each: executions, executions a second, coverage.  Status 1: one failed,
# and its input is named.  FUZZ_SEED: the same inputs each time.
set -eu
src=$(cd "$1" && pwd)
mkdir -p "$2/fuzz"
build=$(cd "$2/fuzz" && pwd)
seconds=$3
shift 3
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
command -v clang >/dev/null || {
	echo "fuzz: clang and its libFuzzer (libclang-rt-dev) are needed" >&2
	exit 77
}

cd "$build"
[ -e Makefile ] || CC="${FUZZ_CC:-clang}" "$src/configure" -q \
	--enable-fuzzing --enable-sanitizers=address,undefined \
	CFLAGS='-g -O1' >configure.log
make -s -j "$jobs" all >make.log 2>&1 || { tail -n 20 make.log; exit 1; }
programs=$(make -s fuzz-programs-list)
make -s -j "$jobs" $programs >>make.log 2>&1 || {
	tail -n 20 make.log
	exit 1
}

# run_one PROGRAM
run_one() {
	name=${1##*fuzz_}
	mkdir -p "found/$name" "log"
	status=0
	ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1 \
		timeout $((seconds + 120)) "./$1" -max_total_time="$seconds" \
		${FUZZ_SEED:+-seed=$FUZZ_SEED} \
		-timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="found/$name-" -max_len=20000 \
		"found/$name" "$src/t/fuzz/corpus/$name" \
		>"log/$name" 2>&1 || status=$?
	awk -v name="$name" -v status="$status" '
	/cov: / { for (i = 1; i < NF; i++) if ($i == "cov:") cov = $(i + 1) }
	/number_of_executed_units/ { n = $2 }
	/average_exec_per_sec/ { rate = $2 }
	END { printf "%-14s %10d executions %8d/s  coverage %6d  %s\n", name,
		n, rate, cov, status == 0 ? "ok" : "FAILED" }' "log/$name"
	[ "$status" = 0 ] || {
		tail -n 40 "log/$name"
		touch failed
	}
}

rm -f failed
wanted=${*:-}
running=0
for program in $programs; do
	case " $wanted " in
	"  " | *" ${program##*fuzz_} "*) ;;
	*) continue ;;
	esac
	run_one "$program" &
	running=$((running + 1))
	if [ "$running" -ge "$jobs" ]; then
		wait
		running=0
	fi
done
wait
[ ! -e failed ]
