#!/bin/sh
# store.sh - the store's tests on SQLite, on a private PostgreSQL, and on it
# through pgbouncer, which gives each transaction another session.
build=$(cd "${builddir:-.}" && pwd)
top=$(cd "${srcdir:-.}" && pwd)
. "${srcdir:-.}/t/support/is.sh"
. "$top/t/support/pgsql.sh"
trap pgsql_down EXIT
trap 'exit 130' HUP INT TERM

# run_tests NAME URL: all unit tests of the store
run_tests() {
	for test in history/check_store history/check_store_state \
		history/check_import report/check_sent \
		report/check_delivery report/check_failure report/check_keep; do
		[ -x "$build/t/unit/$test" ] || continue
		if CK_TIMEOUT_MULTIPLIER=10 STORE_URL=$2 \
			"$build/t/unit/$test" >"$pgsql.out" 2>&1
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

# run_script NAME URL SCRIPT
run_script() {
	STORE_URL=$2 builddir=$build srcdir=$top sh "$top/$3" \
		>"$pgsql.out" 2>&1
	status=$?
	if [ "$status" = 0 ] || [ "$status" = 77 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $3 on $1"
		cat "$pgsql.out"
	fi
	rm -f "$pgsql.out"
}

# lines_of FROM TO: of a journal
lines_of() {
	i=$1
	while [ "$i" -lt "$2" ]; do
		printf '{"v":1,"time":"2026-11-21T08:%02d:%02dZ","id":"%s",' \
			$((i / 60 % 60)) $((i % 60)) "5F$i"
		printf '"ip":"192.0.2.9","helo":"h","mfrom":"u@b.example",'
		printf '"action":{"action":"accept","profile":"standard",'
		printf '"rule":"default","disposition":"none","author":0,'
		printf '"grounds":[]},"spf":{"result":"none",'
		printf '"identity":"mailfrom"},"from":["a%s.example"],' "$i"
		printf '"dmarc":{"result":"none","worst":0,"policy":"none",'
		printf '"domains":[{"result":"none","domain":"a%s.example"' "$i"
		printf '}]},"dkim":[],"rcpts":0,"rcpt":[]}\n'
		i=$((i + 1))
	done
}

# stored: lines in the store; nothing while it is gone
stored() {
	"$build/mxauth" history status --json --store "$pgsql_url" \
		2>/dev/null | sed -n 's/.*"lines": *\([0-9]*\).*/\1/p'
}

# has_lines COUNT: the store
has_lines() {
	[ "$(stored)" = "$1" ]
}

# The service that follows a journal, while the database is killed and comes
# back, again and again: nothing is lost, nothing is there twice.
follow_through_restarts() {
	dir=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-follow.XXXXXX")
	journal=$dir/20261121T080000Z-00000000000000aa.jsonl
	printf '%s"file":"00000000000000aa","mxauth":"test"}\n' \
		'{"v":1,"time":"2026-11-21T08:00:00Z",' >"$journal"
	lines_of 0 200 >>"$journal"
	"$build/mxauth" history import --follow --json --store "$pgsql_url" \
		"$dir" >"$dir/out" 2>"$dir/err" &
	follower=$!
	wait_until has_lines 200
	for round in 1 2 3; do
		lines_of $((round * 200)) $((round * 200 + 100)) >>"$journal"
		pgsql_stop
		lines_of $((round * 200 + 100)) $((round * 200 + 200)) \
			>>"$journal"
		[ "$round" != 2 ] || wait_until test -s "$dir/err" # it looks every 5 s
		pgsql_start
	done
	wait_until has_lines 800
	is "lines after three restarts of the database" 800 "$(stored)"
	kill -TERM "$follower"
	wait "$follower"
	is "the service ends well" 0 "$?"
	is "it said that it can go on" yes \
		"$(grep -q 'can be used again' "$dir/err" && echo yes)"
	is "messages, each once" '800 800' "$("$build/mxauth" history list \
		--json --store "$pgsql_url" --limit 10000 \
		--since 2026-11-21 --until 2026-11-22 |
		sed -n 's/.*"id": *"\(5F[0-9]*\)".*/\1/p' | sort |
		awk '{ n++; if ($0 != last) u++; last = $0 } END { print n, u }')"
	rm -rf "$dir"
}

# page_of URL: of the journal of t/page/journal.py, in a file whose name it prints
page_of() {
	now=2026-11-21T20:00:00Z
	"$build/mxauth" history import --store "$1" --now $now "$dir/journal" \
		>"$dir/out" 2>&1 &&
		"$build/mxauth" history page --store "$1" --now $now \
			--html "$dir/${1%%:*}" >>"$dir/out" 2>&1 &&
		echo "$dir/${1%%:*}"
}

# One journal, two databases: monitor, exceptions, waits and stories as well.
same_page() {
	dir=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-page.XXXXXX")
	if ! command -v python3 >/dev/null ||
		"$build/mxauth" history status --store sqlite::memory: 2>&1 |
		grep -q 'built without'; then
		echo "not run: the page of both databases"
	else
		python3 "$top/t/page/journal.py" "$dir/journal"
		sqlite=$(page_of "sqlite:$dir/store.db") || cat "$dir/out"
		pgsql_page=$(page_of "$1") || cat "$dir/out"
		is "the page of both databases is" same \
			"$(cmp "$sqlite" "$pgsql_page" >"$dir/out" 2>&1 &&
				echo same)"
		is "stories on it" yes \
			"$(grep -q '^It was refused' "$pgsql_page" && echo yes)"
	fi
	rm -rf "$dir"
}

if ! pgsql_there; then
	echo "skipped: needs PostgreSQL (Debian: postgresql), and mxauth with it"
	exit 77
fi
pgsql_up || exit 1
run_tests PostgreSQL "$pgsql_url"
run_script PostgreSQL "$pgsql_url" t/report/ready.sh
follow_through_restarts
pgsql_as "$(pgsql_programs)/createdb" -h "$pgsql" -p "$pgsql_port" -U mxauth \
	history
run_script PostgreSQL "${pgsql_url%/*}/history" t/store/history.sh
pgsql_as "$(pgsql_programs)/createdb" -h "$pgsql" -p "$pgsql_port" -U mxauth \
	page
same_page "${pgsql_url%/*}/page"
if bouncer_up; then
	run_tests pgbouncer "$bouncer_url"
else
	echo "not run: pgbouncer is missing"
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
