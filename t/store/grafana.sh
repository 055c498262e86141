#!/bin/sh
# grafana.sh - every query of the dashboards in contrib/grafana, on a filled
# store: SQLite, and PostgreSQL where it is there.
build=$(cd "${builddir:-.}" && pwd)
top=$(cd "${srcdir:-.}" && pwd)
mxauth=$build/mxauth
. "${srcdir:-.}/t/support/is.sh"
. "$top/t/support/pgsql.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-grafana.XXXXXX") || exit 99
trap 'pgsql_down; rm -rf "$tmp"' EXIT
trap 'exit 130' HUP INT TERM
for need in python3 sqlite3; do
	command -v $need >/dev/null || {
		echo "skipped: needs $need"
		exit 77
	}
done

# queries DASHBOARD KEY: a file for each panel, with the period filled in as
# Grafana does: milliseconds
queries() {
	rm -rf "$tmp/sql"
	mkdir "$tmp/sql"
	python3 - "$1" "$2" "$tmp/sql" <<'END'
import json, sys
with open(sys.argv[1], encoding="utf-8") as f:
    panels = json.load(f)["panels"]
for p in panels:
    for t in p["targets"]:
        sql = t[sys.argv[2]].replace("${__from}", "1792540800000")
        sql = sql.replace("${__to}", "1795305600000")
        with open("%s/%02d" % (sys.argv[3], p["id"]), "w") as f:
            f.write(sql + "\n")
END
}

# fill URL: messages, hosts, reports, deliveries, received reports
fill() {
	cat >"$tmp/mxauth.conf" <<END
journal: { directory = "$tmp/journal" }
store: { url = "$1" host = "mx1.example" }
reports: { from = "r@reports.example.jp" organization = "t" send = true }
END
	"$mxauth" history import --config "$tmp/mxauth.conf" \
		--now 2026-11-21T12:00:00Z "$tmp/journal" >"$tmp/out" &&
		"$mxauth" report send --config "$tmp/mxauth.conf" --zone \
			"$tmp/zone" --to-directory "$tmp/mails" \
			--now 2026-11-22T12:00:00Z >"$tmp/out" 2>&1
	"$mxauth" report import --store "$1" "$tmp/reports" >"$tmp/out" ||
		cat "$tmp/out"
}

# run_queries NAME COMMAND...: each answers, without an error
run_queries() {
	name=$1
	shift
	for sql in "$tmp"/sql/*; do
		"$@" <"$sql" >"$tmp/rows" 2>"$tmp/error"
		is "$name, panel $(basename "$sql"): status" 0 $?
		is "$name, panel $(basename "$sql"): errors" "" \
			"$(cat "$tmp/error")"
		is "$name, panel $(basename "$sql"): rows" yes \
			"$([ -s "$tmp/rows" ] && echo yes || echo no)"
	done
}

python3 "$top/t/report/generate.py" "$tmp/reports" 20 20 || exit 99
mkdir "$tmp/journal"
journal=$tmp/journal/20261121T080000Z-0123456789abcdef.jsonl
printf '{"v":1,"time":"2026-11-21T08:00:00Z","file":"0123456789abcdef",' >"$journal"
printf '"mxauth":"mxauthd test"}\n' >>"$journal"
for i in 10 11 12 13 14; do
	[ $((i % 2)) = 0 ] && action=reject || action=accept
	[ $i = 13 ] && result=temperror || result=fail
	printf '{"v":1,"time":"2026-11-21T08:%d:00Z","id":"4A%d",' $i $i
	printf '"ip":"192.0.2.1","helo":"h","mfrom":"u@b.example",'
	printf '"action":{"action":"%s","profile":"standard",' $action
	printf '"rule":"default","disposition":"none","author":0,'
	printf '"grounds":[]},"spf":{"result":"%s","identity":' $result
	printf '"mailfrom","domain":"b.example"},"from":["b.example"],'
	printf '"dmarc":{"result":"fail","worst":0,"policy":"none",'
	printf '"domains":[{"result":"fail","domain":"b.example",'
	printf '"record_domain":"b.example",'
	printf '"record":"v=DMARC1; p=none; rua=mailto:d@b.example",'
	printf '"tag":"p","published":"none","policy":"none",'
	printf '"spf_aligned":false}]},"dkim":[],"rcpts":1,'
	printf '"rcpt":["r@example.jp"]}\n'
done >>"$journal"
: >"$tmp/zone"

queries "$top/contrib/grafana/store-postgresql.json" rawSql
mv "$tmp/sql" "$tmp/others"
fill "sqlite:$tmp/store.db"
queries "$top/contrib/grafana/store-sqlite.json" queryText
is "both dashboards ask the same" "" "$(diff -r "$tmp/sql" "$tmp/others")"
is "panels" 9 "$(ls "$tmp/sql" | wc -l | xargs)"
run_queries SQLite sqlite3 "$tmp/store.db"
is "refused, as the dashboard tells it" "b.example|3" \
	"$(sqlite3 "$tmp/store.db" <"$tmp/sql/03")"

if pgsql_there && command -v psql >/dev/null && pgsql_up; then
	fill "$pgsql_url"
	queries "$top/contrib/grafana/store-postgresql.json" rawSql
	run_queries PostgreSQL psql -qAt -v ON_ERROR_STOP=1 "$pgsql_url"
	is "refused, as the dashboard tells it" "b.example|3" \
		"$(psql -qAt "$pgsql_url" <"$tmp/sql/03")"
else
	echo "not run: PostgreSQL is missing"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
