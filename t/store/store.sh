#!/bin/sh
# store.sh - the store's tests on SQLite, on a private PostgreSQL, and on it
# through pgbouncer, which gives each transaction another session.
build=$(cd "${builddir:-.}" && pwd)
top=$(cd "${srcdir:-.}" && pwd)
passed=0
failed=0
. "$top/t/support/pgsql.sh"
trap pgsql_down EXIT
trap 'exit 130' HUP INT TERM

# run_tests NAME URL: all unit tests of the store
run_tests() {
	for test in history/check_store history/check_import report/check_sent \
		report/check_failure report/check_keep; do
		[ -x "$build/t/unit/$test" ] || continue
		if STORE_URL=$2 "$build/t/unit/$test" >"$pgsql.out" 2>&1
		then
			passed=$((passed + $(sed -n \
				's/.*Checks: \([0-9]*\).*/\1/p' "$pgsql.out")))
		else
			failed=$((failed + 1))
			echo "FAIL: $test on $1"
			cat "$pgsql.out"
		fi
		rm -f "$pgsql.out"
	done
}

# run_ready NAME URL: received reports
run_ready() {
	if STORE_URL=$2 builddir=$build srcdir=$top \
		sh "$top/t/report/ready.sh" >"$pgsql.out" 2>&1
	then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: ready.sh on $1"
		cat "$pgsql.out"
	fi
	rm -f "$pgsql.out"
}

if ! pgsql_there; then
	echo "skipped: needs PostgreSQL (Debian: postgresql)"
	exit 77
fi
pgsql_up || exit 1
run_tests PostgreSQL "$pgsql_url"
run_ready PostgreSQL "$pgsql_url"
if bouncer_up; then
	run_tests pgbouncer "$bouncer_url"
else
	echo "not run: pgbouncer is missing"
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
