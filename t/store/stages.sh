#!/bin/sh
# stages.sh - kill -9 at every stage of import, making and sending, not by
# chance: a trigger in the database, or the mailer, holds the program where it is
# to die.  Then it runs again: nothing is lost, and a mail is there twice only
# where the first was taken and nobody could note that.  On both stores.
top=$(cd "${srcdir:-.}" && pwd)
build=$(cd "${builddir:-.}" && pwd)
mxauth=$build/mxauth
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-stages.XXXXXX") || exit 99
chmod 755 "$tmp"
. "${srcdir:-.}/t/support/is.sh"
. "$top/t/support/pgsql.sh"
trap 'pgsql_down; rm -rf "$tmp"' EXIT
trap 'exit 130' HUP INT TERM

# line SECOND DOMAIN RUA
line() {
	printf '{"v":1,"time":"2026-11-21T08:00:%02dZ","id":"4XyZ%s",' "$1" "$1"
	printf '"ip":"192.0.2.1","helo":"h","mfrom":"u@%s",' "$2"
	printf '"action":{"action":"accept","profile":"standard",'
	printf '"rule":"default","disposition":"none","author":0,'
	printf '"grounds":[]},"spf":{"result":"pass","identity":"mailfrom",'
	printf '"domain":"%s"},"from":["%s"],' "$2" "$2"
	printf '"dmarc":{"result":"pass","worst":0,"policy":"none",'
	printf '"domains":[{"result":"pass","domain":"%s",' "$2"
	printf '"record_domain":"%s","record":"v=DMARC1; p=none; rua=%s",' \
		"$2" "$3"
	printf '"tag":"p","published":"none","policy":"none",'
	printf '"spf_aligned":true}]},"dkim":[],"rcpts":1,'
	printf '"rcpt":["r@example.jp"]}\n'
}

mkdir "$tmp/journal"
journal=$tmp/journal/20261121T080000Z-0123456789abcdef.jsonl
{
	printf '{"v":1,"time":"2026-11-21T08:00:00Z",'
	printf '"file":"0123456789abcdef","mxauth":"mxauthd test"}\n'
	line 1 a.example mailto:d@a.example
	line 2 a.example mailto:d@a.example
	line 3 b.example mailto:d@b.example,mailto:e@b.example
} >"$journal"
: >"$tmp/zone"

# What the mailer does: take the mail; or kill whoever calls it, before or after
# that, once.
cat >"$tmp/sendmail" <<END
#!/bin/sh
mode=\$(cat "$tmp/mode" 2>/dev/null)
rm -f "$tmp/mode"
[ "\$mode" != before ] || kill -9 \$PPID
[ "\$mode" != before ] || exit 1
cat >"\$(mktemp "$tmp/box/XXXXXX")"
[ "\$mode" != after ] || kill -9 \$PPID
exit 0
END
chmod 755 "$tmp/sendmail"
cat >"$tmp/mxauth.conf" <<END
store: { host = "mx1.example" }
reports: {
	send = true
	from = "noreply@reports.example.org"
	sendmail = "$tmp/sendmail"
}
END

exec= # "exec": the function becomes the program, for its process number
import_journal() {
	$exec "$mxauth" history import --config "$tmp/mxauth.conf" \
		--store "$url" --now 2026-11-22T00:30:00Z "$tmp/journal"
}

# Each run is later than the claims of the one before.
midnight=1795305600
send_reports() {
	$exec "$mxauth" report send --config "$tmp/mxauth.conf" --store "$url" \
		--zone "$tmp/zone" --now "$now"
}

# sql STATEMENT: in the store
sql() {
	case $url in
	sqlite:*)
		python3 - "${url#sqlite:}" "$1" <<-END
		import sqlite3, sys
		db = sqlite3.connect(sys.argv[1], timeout=30)
		for row in db.execute(sys.argv[2]):
		    print('|'.join(str(x) for x in row))
		db.commit()
		END
		;;
	*)
		"$(pgsql_programs)/psql" -q -A -t "$url" -c "$1"
		;;
	esac
}

# hold TABLE EVENT [WHEN]: who does that in the table waits there
hold() {
	case $url in
	sqlite:*)
		sql "CREATE TRIGGER hold AFTER $2 ON $1 ${3:+WHEN $3} BEGIN
			SELECT count(*) FROM (WITH RECURSIVE c(x) AS (SELECT 1
			UNION ALL SELECT x + 1 FROM c WHERE x < 4000000000)
			SELECT x FROM c); END"
		;;
	*)
		sql "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
			'BEGIN PERFORM pg_sleep(600); RETURN NULL; END'"
		sql "CREATE TRIGGER hold AFTER $2 ON $1 FOR EACH ROW
			${3:+WHEN ($3)} EXECUTE FUNCTION hold()"
		;;
	esac
}

release() {
	case $url in
	sqlite:*)
		sql "DROP TRIGGER hold"
		;;
	*)
		sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE wait_event = 'PgSleep'" >/dev/null
		sql "DROP FUNCTION hold() CASCADE" 2>/dev/null
		;;
	esac
}

# held: someone waits there
held() {
	case $url in
	sqlite:*)
		python3 - "${url#sqlite:}" <<-END
		import sqlite3, sys, time
		for i in range(5):
		    db = sqlite3.connect(sys.argv[1], timeout=0)
		    try:
		        db.execute('BEGIN IMMEDIATE')
		        sys.exit(1)
		    except sqlite3.OperationalError:
		        time.sleep(0.05)
		END
		;;
	*)
		[ "$(sql "SELECT count(*) FROM pg_stat_activity
			WHERE wait_event = 'PgSleep'")" = 1 ]
		;;
	esac
}

# kill_held COMMAND: starts it, and kills it where it is held
kill_held() {
	exec=exec
	"$1" >/dev/null 2>&1 &
	pid=$!
	exec=
	wait_until held
	is "$name, $stage: it was there" 0 "$?"
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	release
}

# begin NAME-OF-STAGE: an empty store
begin() {
	stage=$1
	rm -rf "$tmp/box" "$tmp/mode"
	mkdir "$tmp/box"
	now=$((midnight + 3600))
	case $url in
	sqlite:*)
		rm -f "${url#sqlite:}"*
		;;
	*)
		sql "DROP SCHEMA public CASCADE" 2>/dev/null
		sql "CREATE SCHEMA public"
		;;
	esac
	"$mxauth" history status --store "$url" >/dev/null 2>&1
}

# finish COPIES: runs until all is done; so many mails are there
finish() {
	import_journal >/dev/null 2>&1
	for run in 1 2 3 4; do
		now=$((now + 700))
		send_reports >/dev/null 2>&1
	done
	is "$name, $stage: messages" 3 "$(sql 'SELECT sum(n) FROM tally')"
	is "$name, $stage: reports" 'sent|2' "$(sql \
		'SELECT state, count(*) FROM report GROUP BY state')"
	is "$name, $stage: deliveries" 'sent|3' "$(sql \
		'SELECT state, count(*) FROM delivery GROUP BY state')"
	is "$name, $stage: mails" "$1" "$(find "$tmp/box" -type f | wc -l | xargs)"
	is "$name, $stage: different ones" 3 "$(for mail in "$tmp"/box/*; do
		cksum <"$mail"
	done | sort -u | wc -l | xargs)"
	"$mxauth" report --json "$tmp"/box/* >"$tmp/read.json" 2>/dev/null
	is "$name, $stage: messages that were reported" 3 "$(tr -d ' \n' \
		<"$tmp/read.json" | sed \
		's/.*"totals":{//; s/}.*//; s/.*"messages":\([0-9]*\).*/\1/')"
}

run_store() {
	name=$1
	url=$2
	begin "while sums are written"
	hold tally INSERT
	kill_held import_journal
	is "$name, $stage: nothing half" '0' "$(sql 'SELECT count(*) FROM tally')"
	finish 3

	begin "while the position is written"
	hold journal_file UPDATE
	kill_held import_journal
	finish 3

	begin "while the leader is elected"
	import_journal >/dev/null 2>&1
	hold lease UPDATE
	kill_held send_reports
	finish 3

	begin "while reports are listed"
	import_journal >/dev/null 2>&1
	hold report INSERT
	kill_held send_reports
	finish 3

	begin "while a report is frozen"
	import_journal >/dev/null 2>&1
	hold report_body INSERT
	kill_held send_reports
	finish 3

	begin "while its state is set"
	import_journal >/dev/null 2>&1
	hold report UPDATE "NEW.state = 'generated'"
	kill_held send_reports
	finish 3

	begin "while a delivery is claimed"
	import_journal >/dev/null 2>&1
	hold delivery UPDATE "NEW.attempts > OLD.attempts"
	kill_held send_reports
	finish 3

	begin "before the mailer takes the mail"
	import_journal >/dev/null 2>&1
	echo before >"$tmp/mode"
	send_reports >/dev/null 2>&1
	finish 3

	# from here on a mail is out and nobody could note it: the same again
	begin "after the mailer took it"
	import_journal >/dev/null 2>&1
	echo after >"$tmp/mode"
	send_reports >/dev/null 2>&1
	finish 4

	begin "while it is noted"
	import_journal >/dev/null 2>&1
	hold delivery UPDATE "NEW.state = 'sent'"
	kill_held send_reports
	finish 4

	begin "while the report's last state is set"
	import_journal >/dev/null 2>&1
	hold report UPDATE "NEW.state = 'sent'"
	kill_held send_reports
	finish 4
}

if ! command -v python3 >/dev/null; then
	echo "not run on SQLite: python3 is missing"
elif "$mxauth" history status --store sqlite::memory: 2>&1 |
	grep -q 'built without'; then
	echo "not run on SQLite: built without"
else
	run_store SQLite "sqlite:$tmp/store.db"
fi
if pgsql_there && pgsql_up; then
	run_store PostgreSQL "$pgsql_url"
else
	echo "not run on PostgreSQL: it is missing"
fi
if [ "$passed" = 0 ] && [ "$failed" = 0 ]; then
	echo "skipped: no store"
	exit 77
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
