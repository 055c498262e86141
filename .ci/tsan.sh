#!/bin/sh
# tsan.sh WORK - daemon and resolver under ThreadSanitizer: unit tests with
# threads, then a short soak.  Fails on any report that t/tsan.supp does not
# explain.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1/tsan"
build=$(cd "$1/tsan" && pwd)
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
# The daemon is under the soak; its unit tests count what happens within a time,
# and the sanitizer slows programs down by ten and keeps signals.
tests="t/unit/auth/check_plan t/unit/auth/check_dkim_keys
	t/unit/dns/check_dns t/unit/dns/check_refresh t/unit/dns/check_stub
	t/unit/dns/check_stub_faults t/unit/dns/check_stub_load
	t/unit/history/check_journal"

cd "$build"
[ -e Makefile ] || "$top/configure" -q --enable-sanitizers=thread \
	CFLAGS='-g -O1'
make -s -j "$jobs" all
TSAN_OPTIONS="suppressions=$top/t/tsan.supp exitcode=66"
export TSAN_OPTIONS
status=0
make -s -j "$jobs" check TESTS="$(echo $tests)" >check.log 2>&1 || status=1
make -s soak SOAK_MESSAGES="${TSAN_MESSAGES:-2000}" >soak.log 2>&1 || status=1
if grep -rl 'WARNING: ThreadSanitizer' soak.log t --include='*.log'; then
	status=1
fi
[ "$status" = 0 ] || tail -n 40 check.log soak.log
grep '^#' soak.log || true
exit "$status"
