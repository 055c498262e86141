#!/bin/sh
# failures.sh - failure reports end to end: mail through a real Postfix and
# mxauthd, the spool, mxauth report send, its mails through Postfix to a sink,
# read back; on SQLite and on PostgreSQL; the sender killed again and again.
top=$(cd "${srcdir:-.}" && pwd)
build=$(cd "${builddir:-.}" && pwd)
. "$top/t/support/report_stage.sh"
set -- $("$build/t/support/freeport" 1)
sink_port=$1

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
sink_up "$sink_port" "a.example, collector.example, e.example" mta || exit 1

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

	not_signed "$stage/mxauth.conf"

	# killed and killed again; leases of the dead run out
	later=700
	for ms in 005 020 040 060 080 100 150; do
		killed_after "$ms" send_reports --now $(($(date +%s) + later))
		later=$((later + 700))
	done
	send_reports --now $(($(date +%s) + later + 4000)) >"$stage/send.json"
	is "$name: nothing waits" 0 "$?"
	is "$name: the spool is empty" 0 "$(spooled)"
	is "$name: deliveries" '{"sent":3,"unauthorised":1}' \
		"$(states deliveries)"

	# what arrived
	wait_for_mails 3
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
	dmarc_passes "$stage/mxauth.conf" "$@"
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

run_stores

# no spool: mail goes on
rm -rf "$spool"
touch "$spool"
is "a spool that cannot be written refuses nothing" 550 \
	"$(send_mail 203.0.113.9 a.example joe@a.example)"
is "and is said" 1 "$(grep -c 'failure reports: .*mail goes on' \
	"$stage/mxauthd.log")"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
