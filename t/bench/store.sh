#!/bin/sh
# store.sh - journals of several hosts into the store, and reports out of it,
# in one run: messages a CPU second (user and system) of each quarter of the
# messages, which shows how the cost grows with the store, the largest resident
# memory, bytes on disk, the time to make all reports.  `make bench-store`; the
# numbers of doc/performance.md are this script's.
#
# BENCH_MESSAGES (1000000) of BENCH_DOMAINS (a tenth of it, at most 100000)
# from 4 hosts on one day.  At most a sixteenth of the journals is on disk at a
# time.  SQLite, and PostgreSQL where it is there: with sums only (keep-messages =
# "0"), and with a row for each message.  BENCH_STORES: some of these only.
set -eu
messages=${BENCH_MESSAGES:-1000000}
domains=${BENCH_DOMAINS:-$((messages / 10 < 100000 ? messages / 10 : 100000))}
build=$builddir
. "$srcdir/t/support/pgsql.sh"
dir=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-bench.XXXXXX")
trap 'pgsql_down; rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM
part=$((messages / 16))
begin=1795219200 # 2026-11-21T00:00:00Z
: >"$dir/zone"

# config NAME URL KEEP: for each host a configuration
config() {
	mkdir -p "$dir/$1"
	for host in 1 2 3 4; do
		cat >"$dir/$1/$host.conf" <<-END
		store: { url = "$2" host = "mx$host.example" keep-messages = "$3" }
		reports: { from = "r@reports.example.jp" organization = "bench"
			send = true maximum-per-hour = 1 }
		END
	done
	: >"$dir/$1/server"
}

# server_cpu NAME: seconds of all processes of the private PostgreSQL, also of
# those that have ended
server_cpu() {
	case $1 in
	sqlite-*)
		echo 0
		return
		;;
	esac
	pid=$(head -n 1 "$pgsql/data/postmaster.pid")
	awk -v ticks="$(getconf CLK_TCK)" '
	{ sub(/.*\) /, ""); sum += $12 + $13 }
	NR == 1 { sum += $14 + $15 }
	END { printf "%.2f\n", sum / ticks }' "/proc/$pid/stat" $(
		for child in $(cat "/proc/$pid/task/$pid/children"); do
			ls "/proc/$child/stat" 2>/dev/null || :
		done)
}

# import NAME HOST FILE: adds to the costs of the quarter
import() {
	before=$(server_cpu "$1")
	"$build/t/bench/cost" "$dir/$1/cost" "$build/mxauth" history import \
		--config "$dir/$1/$2.conf" --now 2026-11-21T12:00:00Z "$3" \
		>"$dir/out"
	# a session that ends counts for the server a moment later
	case $1 in
	postgresql-*) sleep 0.2 ;;
	esac
	echo "$before $(server_cpu "$1")" >>"$dir/$1/server"
}

# quarter NAME NUMBER: a row
quarter() {
	awk -v name="$1" -v quarter="$2" -v n="$((part * 4))" '
	FILENAME ~ /cost$/ { cpu += $1; if ($2 > most) most = $2; clock += $3 }
	FILENAME ~ /server$/ { server += $2 - $1 }
	END { printf "%-22s %d/4 %9d %8.2f s %8d/s %8.2f s %8d/s %6.1f MiB %7.1f s\n",
		name, quarter, n, cpu, n / cpu, server, n / (cpu + server),
		most / 1024, clock }' "$dir/$1/cost" "$dir/$1/server"
	rm "$dir/$1/cost"
	: >"$dir/$1/server"
}

# make_reports NAME: all reports of the day, of which one is sent
make_reports() {
	mkdir -p "$dir/mails"
	before=$(server_cpu "$1")
	"$build/t/bench/cost" "$dir/$1/cost" "$build/mxauth" report send \
		--config "$dir/$1/1.conf" --zone "$dir/zone" --to-directory \
		"$dir/mails" --now 2026-11-22T12:00:00Z >"$dir/out" 2>&1 || :
	sleep 0.2
	awk -v name="$1" -v server="$(server_cpu "$1")" -v before="$before" '{
		printf "%-22s %8.2f s %8.2f s %6.1f MiB %7.1f s\n", name,
			$1, server - before, $2 / 1024, $3 }' "$dir/$1/cost"
	head -n 3 "$dir/out"
}

stores="sqlite-sums sqlite-messages"
config sqlite-sums "sqlite:$dir/sums.db" 0
config sqlite-messages "sqlite:$dir/messages.db" 14d
case ${BENCH_STORES:-postgresql} in
*postgresql*) wanted=yes ;;
*) wanted=no ;;
esac
if [ $wanted = yes ] && pgsql_there && pgsql_up; then
	for name in sums messages; do
		pgsql_as psql -qAt "$pgsql_url" -c "CREATE DATABASE $name"
	done
	stores="$stores postgresql-sums postgresql-messages"
	config postgresql-sums "${pgsql_url%/postgres}/sums" 0
	config postgresql-messages "${pgsql_url%/postgres}/messages" 14d
else
	echo "without PostgreSQL"
fi
stores=${BENCH_STORES:-$stores}

echo "$messages messages of $domains domains; load: $(cut -d' ' -f1-3 \
	/proc/loadavg); $(date -u +%Y-%m-%dT%H:%MZ)"
echo "CPU: mxauth; then with that of the server; memory: mxauth; clock: all"
for quarter in 1 2 3 4; do
	for host in 1 2 3 4; do
		first=$((((quarter - 1) * 4 + host - 1) * part))
		"$build/t/bench/journalgen" "$dir/journal" "h${host}q$quarter" \
			"$part" "$first" "$domains" "$begin"
		[ "$first" != 0 ] || echo "bytes a line: $(($(wc -c \
			<"$dir/journal") / part))"
		for name in $stores; do
			import "$name" "$host" "$dir/journal"
		done
	done
	for name in $stores; do
		quarter "$name" "$quarter"
	done
done

echo "making the reports: CPU of mxauth, of the server; memory; clock"
for name in $stores; do
	case $name in
	*-sums) make_reports "$name" ;;
	esac
done

echo "bytes on disk, after the reports:"
for name in sums messages; do
	ls -l "$dir/$name.db" | awk -v name="sqlite-$name" \
		'{ print name, $5 }'
	[ -z "$pgsql" ] || pgsql_as psql -qAt -F ' ' \
		"${pgsql_url%/postgres}/$name" -c "
		SELECT 'postgresql-$name', relname,
		pg_total_relation_size(oid), greatest(reltuples, 0)
		FROM pg_class WHERE relkind = 'r' AND relnamespace =
		'public'::regnamespace AND pg_total_relation_size(oid) > 1000000"
done
