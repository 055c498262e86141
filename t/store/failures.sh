#!/bin/sh
# failures.sh - failure reports end to end: mail through a real Postfix and
# mxauthd, the spool, mxauth report send, its mails through Postfix to a sink,
# read back; on SQLite and on PostgreSQL; the sender killed again and again.
top=$(cd "${srcdir:-.}" && pwd)
build=$(cd "${builddir:-.}" && pwd)
if [ "$(id -u)" != 0 ] || ! command -v postfix >/dev/null ||
	! command -v nsd >/dev/null; then
	echo "skipped: needs root, postfix and nsd"
	exit 77
fi
mxauth=$build/mxauth
passed=0
failed=0

# is TEXT WANT GOT
is() {
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL: %s\n--- want\n%s\n--- got\n%s\n' "$1" "$2" "$3"
	fi
}

. "$top/t/support/stage.sh"
. "$top/t/support/pgsql.sh"
stage_up
trap 'status=$?; pgsql_down; (exit $status); stage_down' EXIT
set -- $("$build/t/support/freeport" 1)
sink_port=$1
key=$top/t/keys/rsa2048.pem

# a: forged, refused; b: passes; c: SPF passes, not signed, asks for that, its
# collector agrees; d: its collector does not; e: the second author of a forged
# message.
cat >"$stage/zone" <<END
a.example.		TXT "v=spf1 -all"
_dmarc.a.example.	TXT "v=DMARC1; p=reject; ruf=mailto:ruf@a.example"
b.example.		TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc.b.example.	TXT "v=DMARC1; p=reject; ruf=mailto:ruf@b.example"
c.example.		TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc.c.example.	TXT "v=DMARC1; p=none; fo=1; ruf=mailto:ruf@collector.example"
c.example._report._dmarc.collector.example. TXT "v=DMARC1"
d.example.		TXT "v=spf1 -all"
_dmarc.d.example.	TXT "v=DMARC1; p=none; ruf=mailto:ruf@collector.example"
e.example.		TXT "v=spf1 -all"
_dmarc.e.example.	TXT "v=DMARC1; p=none; ruf=mailto:ruf@e.example"
_dmarc.reports.example.org. TXT "v=DMARC1; p=reject"
r1._domainkey.reports.example.org. TXT $(stage_key_record "$key")
END
stage_dns "$stage/zone" || exit 1
spool=$stage/failures
stage_mxauthd 'dkim: { clock-skew = "1d" }' "reports: {" \
	"send = true" \
	"organization = \"Example Mail\"" \
	"from = \"noreply@reports.example.org\"" \
	"sendmail = \"$stage/sendmail\"" \
	"failure-reports = true" \
	"failure-reports-per-hour = 20" \
	"failure-directory = \"$spool\"" \
	"sign: { domain = \"reports.example.org\" selector = \"r1\"" \
	"key = \"$key\" } }" || exit 1
mkdir "$spool"
stage_postfix_start mta "$smtp_port" mx.example.org \
	"virtual_mailbox_domains = receiver.example" \
	"relayhost = [127.0.0.1]:$sink_port" \
	"smtpd_milters = inet:127.0.0.1:$milter_port" || exit 1
stage_postfix_start sink "$sink_port" sink.example \
	"virtual_mailbox_domains = a.example, collector.example, e.example" \
	"virtual_mailbox_maps = static:box/" || exit 1
cat >"$stage/sendmail" <<END
#!/bin/sh
exec /usr/sbin/sendmail -C "$stage/mta/etc" "\$@"
END
chmod 755 "$stage/sendmail"

# send_mail IP DOMAIN SENDER [FIELD]: one message; prints the answer's code
authors= # of it; empty: joe of the domain
send_mail() {
	{
		printf 'From: %s\nTo: Bob <bob@receiver.example>\n' \
			"${authors:-Joe <joe@$2>}"
		printf 'Subject: see https://%s/secret\nMessage-ID: <1@%s>\n' \
			"$2" "$2"
		printf 'Bcc: hidden@receiver.example\n'
		[ -z "${4:-}" ] || printf '%s\n' "$4"
		printf '\nHello\n'
	} >"$stage/mail"
	cat >"$stage/talk" <<-END
	connect 127.0.0.1 $smtp_port
	helo t.example
	xclient ADDR=$1 NAME=[UNAVAILABLE] HELO=h.$2
	helo h.$2
	mail <$3>
	rcpt <bob@receiver.example>
	data $stage/mail
	quit
	END
	"$build/t/support/smtpsend" <"$stage/talk" >"$stage/talk.out"
	sed -n 's/^\(250\|550\) .*\(queued\|ref=\).*/\1/p' "$stage/talk.out"
}

spooled() {
	find "$spool" -name '*.failure' 2>/dev/null | wc -l | xargs
}

exec= # "exec": the function becomes the program, for its process number
send_reports() {
	$exec "$mxauth" report send --config "$stage/mxauth.conf" --store "$url" \
		--dns "127.0.0.1:$dns_port" "$@" --json
}

# sent_count: the failure reports of the last send
failures_of() {
	tr -d ' \n' <"$stage/send.json" |
		sed "s/.*\"failure_reports\":{\([^}]*\)}.*/\1/" |
		tr ',' '\n' | sed -n "s/^\"$1\"://p"
}

# run_store NAME URL
run_store() {
	name=$1
	url=$2
	rm -rf "$stage/sink/mail/box"
	is "$name: refused" 550 "$(send_mail 203.0.113.9 a.example joe@a.example)"
	is "$name: and again" 550 "$(send_mail 203.0.113.9 a.example joe@a.example)"
	is "$name: passes" 250 "$(send_mail 192.0.2.1 b.example joe@b.example)"
	is "$name: passes, not signed" 250 \
		"$(send_mail 192.0.2.1 c.example joe@c.example)"
	is "$name: fails" 250 "$(send_mail 203.0.113.9 d.example joe@d.example)"
	is "$name: the null sender" 550 "$(send_mail 203.0.113.9 a.example '')"
	is "$name: a report" 550 "$(send_mail 203.0.113.9 a.example x@a.example \
		'Content-Type: multipart/report; report-type=x; boundary="x"')"
	is "$name: an answer of a program" 550 "$(send_mail 203.0.113.9 \
		a.example x@a.example 'Auto-Submitted: auto-replied')"
	authors='joe@a.example, joe@e.example'
	is "$name: two authors" 550 "$(send_mail 203.0.113.9 a.example x@a.example)"
	authors=
	is "$name: in the spool" 6 "$(spooled)"
	is "$name: nobody is named there" '' \
		"$(grep -rlE 'joe@|bob@|hidden@|secret' "$spool")"

	# without the key's record: held back
	sed 's/selector = "r1"/selector = "r2"/' "$stage/mxauth.conf" \
		>"$stage/unsigned.conf"
	"$mxauth" report send --config "$stage/unsigned.conf" --store "$url" \
		--dns "127.0.0.1:$dns_port" >"$stage/out" 2>"$stage/err"
	is "$name: not sent with a signature that fails" 1 "$?"
	is "$name: says why" 1 "$(grep -c 'selector r2.*does not pass' \
		"$stage/err")"

	# killed and killed again; leases of the dead run out
	later=700
	for ms in 005 020 040 060 080 100 150; do
		exec=exec
		send_reports --now $(($(date +%s) + later)) >/dev/null 2>&1 &
		pid=$!
		exec=
		sleep "0.$ms"
		kill -9 "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		later=$((later + 700))
	done
	send_reports --now $(($(date +%s) + later + 4000)) >"$stage/send.json"
	is "$name: nothing waits" 0 "$?"
	is "$name: the spool is empty" 0 "$(spooled)"
	is "$name: deliveries" '{"sent":3,"unauthorised":1}' \
		"$("$mxauth" report status --store "$url" --json |
		tr -d ' \n' | sed 's/.*"deliveries":\({[^}]*}\).*/\1/')"

	# what arrived
	tries=0
	while [ "$(find "$stage/sink/mail/box/new" -type f 2>/dev/null |
		wc -l)" -lt 3 ] && [ "$tries" -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	sleep 0.5
	set -- "$stage"/sink/mail/box/new/*
	is "$name: to" 'ruf@a.example ruf@collector.example ruf@e.example' \
		"$(sed -n 's/^To: \(ruf@\)/\1/p' "$@" | sort -u | xargs)"
	is "$name: one mail twice at most where it was killed" 3 \
		"$(sed -n 's/^Message-ID: <f-/</Ip' "$@" | sort -u | wc -l |
		xargs)"
	is "$name: the null sender" '' \
		"$(sed -n 's/^Return-Path: <\(.*\)>/\1/p' "$@" | sort -u)"
	is "$name: nobody is named" '' \
		"$(grep -lE 'joe@|bob@|hidden@|secret' "$@")"
	for mail; do
		"$mxauth" check --config "$stage/mxauth.conf" \
			--dns "127.0.0.1:$dns_port" --json "$mail" \
			>"$stage/check.json"
		is "$name: DMARC of the report mail" pass "$(tr -d ' \n' \
			<"$stage/check.json" |
			sed 's/.*"dmarc":{"result":"\([a-z]*\)".*/\1/')"
	done
	forged=$(grep -l '^Reported-Domain: a.example' "$@" | head -n 1)
	is "$name: three incidents" 'Incidents: 3' \
		"$(grep '^Incidents: ' "$forged" | tr -d '\r')"
	is "$name: what failed" 'Identity-Alignment: dkim, spf' \
		"$(grep '^Identity-Alignment: ' "$forged" | tr -d '\r')"
	is "$name: the SPF record" \
		'SPF-DNS: txt : a.example : "v=spf1 -all"' \
		"$(grep '^SPF-DNS: ' "$forged" | tr -d '\r')"
	second=$(grep -l '^Reported-Domain: e.example' "$@" | head -n 1)
	is "$name: the second author" \
		'Incidents: 1 To: ruf@e.example' "$(tr -d '\r' <"$second" |
		grep -E '^(Incidents|To: ruf)' | sort | xargs)"
	other=$(grep -l '^Reported-Domain: c.example' "$@" | head -n 1)
	is "$name: DKIM alone" 'Identity-Alignment: dkim' \
		"$(grep '^Identity-Alignment: ' "$other" | tr -d '\r')"
	for mail; do
		explained "$mail"
	done
	send_reports --now $(($(date +%s) + later + 9000)) >"$stage/send.json"
	is "$name: nothing twice" 0 "$(failures_of sent)"
}

# explained MAIL: `mxauth explain` knows what it is, and reads the results in it
explained() {
	"$mxauth" explain --config "$stage/mxauth.conf" \
		--dns "127.0.0.1:$dns_port" "$1" >"$stage/out"
	is "$name: a feedback report, by mxauth explain" 1 \
		"$(grep -c 'It is a feedback report' "$stage/out")"
	tr -d '\r' <"$1" | sed -n '/^Authentication-Results:/,/^[A-Z]/p' |
		sed '$d' >"$stage/results"
	"$mxauth" explain --config "$stage/mxauth.conf" \
		--dns "127.0.0.1:$dns_port" --json "$stage/results" \
		>"$stage/explain.json"
	is "$name: its results are a header" header "$(tr -d ' \n' \
		<"$stage/explain.json" | sed 's/.*"kind":"\([a-z]*\)".*/\1/')"
}

if "$mxauth" history status --store sqlite::memory: 2>&1 |
	grep -q 'built without'; then
	echo "not run on SQLite: built without"
else
	run_store SQLite "sqlite:$stage/store.db"
fi
if pgsql_there && pgsql_up; then
	run_store PostgreSQL "$pgsql_url"
else
	echo "not run on PostgreSQL: it is missing"
fi

# no spool: mail goes on
rm -rf "$spool"
touch "$spool"
is "a spool that cannot be written refuses nothing" 550 \
	"$(send_mail 203.0.113.9 a.example joe@a.example)"
is "and is said" 1 "$(grep -c 'failure reports: .*mail goes on' \
	"$stage/mxauthd.log")"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
