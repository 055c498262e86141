#!/bin/sh
# two_servers.sh - the sums of half of the domains on a second PostgreSQL, as
# contrib/postgresql sets it up: totals and report mails are the same as with
# one server, through two hosts, two importers at once, a kill, and the death of
# each server between the two commits.
build=$(cd "${builddir:-.}" && pwd)
top=$(cd "${srcdir:-.}" && pwd)
mxauth=$build/mxauth
. "${srcdir:-.}/t/support/is.sh"
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

# until_true URL CONDITION: at most ten seconds
until_true() {
	tries=0
	until [ "$(sql "$1" "SELECT $2")" = t ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || return 1
		sleep 0.1
	done
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

# The second server's commits wait for a standby that does not exist: what they
# commit is on its disk, and nobody is told.
hold_commits() {
	sql "$second" "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"
	sql "$second" 'SELECT pg_reload_conf()' >"$tmp/out"
	until_true "$second" \
		"current_setting('synchronous_standby_names') = 'nobody'"
}

commit_is_held() {
	until_true "$second" \
		"count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
}

# The second server dies when it has committed, before it can say so.
second_dies() {
	hold_commits
	import aa &
	importer=$!
	is "the second dies: between" 0 "$(commit_is_held; echo $?)"
	sql "$second" 'ALTER SYSTEM RESET synchronous_standby_names'
	pgsql_stop
	wait "$importer"
	is "the second dies: status" 75 $?
	pgsql_start
	is "the second dies: has sums" t \
		"$(sql "$second" 'SELECT count(*) > 0 FROM tally')"
	is "the second dies: which are still on the way" t \
		"$(sql "$first" 'SELECT count(*) > 0 FROM tally_leaves')"
}

# The first server dies when the second has committed; the next import comes
# while that commit is not yet seen by others.
first_dies() {
	at_second="$pgsql $pgsql_port"
	hold_commits
	import bb &
	importer=$!
	is "the first dies: between" 0 "$(commit_is_held; echo $?)"
	pgsql=$pgsql_of_first pgsql_port=$port_of_first
	pgsql_stop
	wait "$importer"
	is "the first dies: status" 75 $?
	pgsql_start
	pgsql=${at_second% *} pgsql_port=${at_second#* }
	is "the first dies: sums are still on the way" t \
		"$(sql "$first" 'SELECT count(*) > 0 FROM tally_leaves')"
	import bb &
	importer=$!
	is "the first dies: the next import waits for that commit" 0 \
		"$(until_true "$second" "count(*) = 1 FROM pg_stat_activity
			WHERE wait_event_type = 'Lock'"; echo $?)"
	sql "$second" 'ALTER SYSTEM RESET synchronous_standby_names'
	sql "$second" 'SELECT pg_reload_conf()' >"$tmp/out"
	wait "$importer"
	is "the first dies: and is to be repeated" 75 $?
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
journal cc 1200
: >"$tmp/zone"
mkdir "$tmp/mails-one" "$tmp/mails-two"

pgsql_up || exit 1
servers=$pgsql
first=$pgsql_url
pgsql_of_first=$pgsql
port_of_first=$pgsql_port
pgsql_up || exit 1
servers="$servers $pgsql"
second=$pgsql_url
sql "$first" 'CREATE DATABASE one' || exit 1
fill one "${first%/postgres}/one"
settings cc "${first%/postgres}/one"
import cc
report one "${first%/postgres}/one"

"$mxauth" history status --store "$first" >"$tmp/out"
psql -qAt -v ON_ERROR_STOP=1 -f "$top/contrib/postgresql/second-server.sql" \
	"$second" || exit 1
psql -qAt -v ON_ERROR_STOP=1 -v host=127.0.0.1 -v port="$pgsql_port" \
	-v dbname=postgres -v user=mxauth \
	-f "$top/contrib/postgresql/first-server.sql" "$first" || exit 1

# The second server is away: what is for it waits.
pgsql_stop
settings aa "$first"
settings bb "$first"
import aa
is "without the second server: status" 75 $?
is "without the second server: all lines are read, once" '600 600' "$(sql \
	"$first" 'SELECT lines, (SELECT sum(n) FROM ONLY tally) +
	(SELECT sum(n) FROM tally_leaves) FROM journal_file')"
pgsql_start
second_dies
import aa
is "again: status" 0 $?
is "again: messages" 600 "$(sql "$first" 'SELECT sum(n) FROM tally')"
first_dies
fill two "$first"

# Closing the day takes with it what an import could not hand over.
pgsql_stop
settings cc "$first"
import cc
is "the second server away again: status" 75 $?
pgsql_start
report two "$first"
is "the same mails, byte by byte" "" \
	"$(diff -r "$tmp/mails-one" "$tmp/mails-two" | head -n 5)"
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
"$mxauth" history prune --config "$tmp/bb.conf" --store "$first" \
	--now 2027-02-01 >"$tmp/out"
is "pruned on both" '0 0' "$(sql "$first" 'SELECT count(*) FROM tally') $(sql \
	"$second" 'SELECT count(*) FROM tally')"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
