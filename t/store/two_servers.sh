#!/bin/sh
# two_servers.sh - the sums of half of the domains on a second PostgreSQL, as
# contrib/postgresql sets it up: totals and report mails are the same as with
# one server, through two hosts, two importers at once and a kill.
build=$(cd "${builddir:-.}" && pwd)
top=$(cd "${srcdir:-.}" && pwd)
mxauth=$build/mxauth
passed=0
failed=0
servers=
. "$top/t/support/pgsql.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-servers.XXXXXX") || exit 99

all_down() {
	for pgsql in $servers $pgsql; do
		pgsql_down
	done
	rm -rf "$tmp"
}
trap all_down EXIT
trap 'exit 130' HUP INT TERM

# is TEXT WANT GOT
is() {
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL: %s: want %s, got %s\n' "$1" "$2" "$3"
	fi
}

if ! pgsql_there || ! command -v psql >/dev/null; then
	echo "skipped: needs PostgreSQL (Debian: postgresql)"
	exit 77
fi
if ! ls "$(pgsql_programs)"/../share/extension/postgres_fdw.control \
	/usr/share/postgresql/*/extension/postgres_fdw.control 2>/dev/null |
	grep -q .
then
	echo "skipped: needs postgres_fdw, which comes with PostgreSQL"
	exit 77
fi

# sql URL STATEMENT
sql() {
	psql -qAt -F ' ' -v ON_ERROR_STOP=1 "$1" -c "$2"
}

# journal HOST FIRST: 600 messages of 60 domains, some of them refused
journal() {
	mkdir -p "$tmp/$1"
	"$build/t/bench/journalgen" \
		"$tmp/$1/20261121T000000Z-$1$1$1$1$1$1$1$1.jsonl" \
		"$1$1$1$1$1$1$1$1" 600 "$2" 60 1795219200
}

# settings HOST URL: its configuration
settings() {
	cat >"$tmp/$1.conf" <<-END
	journal: { directory = "$tmp/$1" }
	store: { url = "$2" host = "$1.example" }
	reports: { from = "r@reports.example.jp" organization = "t" send = true }
	END
}

# import HOST
import() {
	"$mxauth" history import --config "$tmp/$1.conf" \
		--now 2026-11-21T12:00:00Z >"$tmp/$1.out" 2>&1
}

# fill NAME URL: both hosts, one of them killed, then by two importers at once
fill() {
	settings aa "$2"
	settings bb "$2"
	"$mxauth" history import --config "$tmp/aa.conf" \
		--now 2026-11-21T12:00:00Z >"$tmp/out" 2>&1 &
	killed=$!
	sleep 0.05
	kill -9 "$killed" 2>/dev/null
	wait "$killed" 2>/dev/null
	import aa &
	import aa
	wait $!
	import bb
	is "$1: status" 0 $?
	[ "$failed" = 0 ] || cat "$tmp/bb.out"
	is "$1: messages" 1200 "$(sql "$2" 'SELECT sum(n) FROM tally')"
	is "$1: lines" '2 1200 0' "$(sql "$2" \
		'SELECT count(*), sum(lines), sum(bad) FROM journal_file')"
}

# report NAME URL: the mails of the day into a directory of that name
report() {
	"$mxauth" report send --config "$tmp/bb.conf" --store "$2" \
		--zone "$tmp/zone" --to-directory "$tmp/mails-$1" \
		--now 2026-11-22T12:00:00Z >"$tmp/$1.out" 2>&1
	is "$1: reports" 60 "$(ls "$tmp/mails-$1" | wc -l | xargs)"
}

journal aa 0
journal bb 600
: >"$tmp/zone"
mkdir "$tmp/mails-one" "$tmp/mails-two"

pgsql_up || exit 1
servers=$pgsql
first=$pgsql_url
pgsql_up || exit 1
servers="$servers $pgsql"
second=$pgsql_url
sql "$first" 'CREATE DATABASE one' || exit 1
fill one "${first%/postgres}/one"
report one "${first%/postgres}/one"

"$mxauth" history status --store "$first" >"$tmp/out"
psql -qAt -v ON_ERROR_STOP=1 -f "$top/contrib/postgresql/second-server.sql" \
	"$second" || exit 1
psql -qAt -v ON_ERROR_STOP=1 -v host=127.0.0.1 -v port="$pgsql_port" \
	-v dbname=postgres -v user=mxauth \
	-f "$top/contrib/postgresql/first-server.sql" "$first" || exit 1

# The second server is away: nothing is imported, and nothing is lost.
pgsql_stop
settings aa "$first"
import aa
is "without the second server: status" 75 $?
is "without the second server: nothing" 0 "$(sql "$first" \
	'SELECT coalesce(sum(pos), 0) FROM journal_file')"
pgsql_start
fill two "$first"
here=$(sql "$first" 'SELECT count(DISTINCT domain) FROM ONLY tally')
there=$(sql "$second" 'SELECT count(DISTINCT domain) FROM tally')
is "no domain is on both" 60 "$((here + there))"
is "about half are here" yes \
	"$([ "$here" -gt 15 ] && [ "$here" -lt 45 ] && echo yes || echo "$here")"
is "nothing stays on the way" '0 0' "$(sql "$first" \
	'SELECT count(*), (SELECT count(*) FROM tally_arrives) FROM tally_leaves')"
is "the same sums" "$(sql "${first%/postgres}/one" \
	'SELECT * FROM tally ORDER BY 1, 2, 3, 4, 5' | cksum)" \
	"$(sql "$first" 'SELECT * FROM tally ORDER BY 1, 2, 3, 4, 5' | cksum)"
report two "$first"
is "the same mails, byte by byte" "" \
	"$(diff -r "$tmp/mails-one" "$tmp/mails-two" | head -n 5)"
"$mxauth" history prune --config "$tmp/bb.conf" --store "$first" \
	--now 2027-02-01 >"$tmp/out"
is "pruned on both" '0 0' "$(sql "$first" 'SELECT count(*) FROM tally') $(sql \
	"$second" 'SELECT count(*) FROM tally')"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
