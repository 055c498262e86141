#!/bin/sh
# reports.sh - reports end to end: mail through two hosts (each a real Postfix
# and mxauthd), their journals, import, reports, their mails through Postfix to
# a third one, read back; on SQLite and on PostgreSQL; everything killed again
# and again on its way.
top=$(cd "${srcdir:-.}" && pwd)
build=$(cd "${builddir:-.}" && pwd)
if "$build/mxauth" history status --store sqlite::memory: 2>&1 |
	grep -q 'built without'; then
	echo "skipped: built without SQLite"
	exit 77
fi
schema=${REPORT_SCHEMA-$top/../shared/suites/report/rfc9990.xsd}

# value KEY FILE: of the JSON in the file
value() {
	sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$2" | head -n 1
}

. "$top/t/support/report_stage.sh"
# The mail of this test is of one day, by UTC: not around its end.
left=$((86400 - $(date +%s) % 86400))
[ "$left" -gt 300 ] || sleep "$left"
set -- $("$build/t/support/freeport" 3)
milter2_port=$1
smtp3_port=$2

# a: passes; b: forged, refused; c: its collector agrees and names another
# address; d: its collector does not agree; e: wants none; f: record changes.
cat >"$stage/zone" <<END
a.example.		TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc.a.example.	TXT "v=DMARC1; p=none; rua=mailto:dmarc@a.example"
b.example.		TXT "v=spf1 -all"
_dmarc.b.example.	TXT "v=DMARC1; p=reject; rua=mailto:d%2Bmarc@b.example,mailto:x@nobody.example"
c.example.		TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc.c.example.	TXT "v=DMARC1; p=quarantine; rua=mailto:c@collector.example"
c.example._report._dmarc.collector.example. TXT "v=DMARC1; rua=mailto:all@collector.example"
d.example.		TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc.d.example.	TXT "v=DMARC1; p=none; rua=mailto:d@collector.example"
e.example.		TXT "v=spf1 ip4:192.0.2.0/24 -all"
_dmarc.e.example.	TXT "v=DMARC1; p=none"
_dmarc.reports.example.org. TXT "v=DMARC1; p=reject"
r1._domainkey.reports.example.org. TXT $(stage_key_record "$key")
END
stage_dns "$stage/zone" || exit 1

# host_up NAME MILTER-PORT SMTP-PORT: mxauthd with its journal, and Postfix
host_up() {
	mkdir -p "$stage/$1/journal"
	cat >"$stage/$1.conf" <<-END
	listen = "inet:$2@127.0.0.1"
	authserv-id = "$1.example.org"
	trusted-networks = []
	dns: { servers = ["127.0.0.1:$dns_port"] timeout = 20 }
	journal: { directory = "$stage/$1/journal" }
	END
	"$build/mxauthd" -f -c "$stage/$1.conf" 2>"$stage/$1/mxauthd.log" &
	stage_pids="$stage_pids $!"
	stage_wait_port "$2" mxauthd || return 1
	stage_postfix_start "$1-mta" "$3" "$1.example.org" \
		"virtual_mailbox_domains = receiver.example" \
		"relayhost = [127.0.0.1]:$smtp3_port" \
		"smtpd_milters = inet:127.0.0.1:$2"
}
host_up mx1 "$milter_port" "$smtp_port" || exit 1
host_up mx2 "$milter2_port" "$smtp2_port" || exit 1
sink_up "$smtp3_port" "a.example, b.example, collector.example" mx1-mta ||
	exit 1

# send_mail SMTP-PORT IP DOMAIN COUNT
send_mail() {
	i=0
	{
		echo "connect 127.0.0.1 $1"
		echo "helo t.example"
		echo "xclient ADDR=$2 NAME=[UNAVAILABLE] HELO=h.$3"
		echo "helo h.$3"
		while [ "$i" -lt "$4" ]; do
			i=$((i + 1))
			printf 'From: u@%s\nTo: bob@receiver.example\n' "$3" \
				>"$stage/mail"
			printf 'Subject: %d\nDate: %s\nMessage-ID: <%s@%s>\n' \
				"$i" "Sat, 28 Nov 2026 09:00:00 +0000" \
				"$i.$1.$2" "$3" >>"$stage/mail"
			printf '\nHello\n' >>"$stage/mail"
			echo "mail <u@$3>"
			echo "rcpt <bob@receiver.example>"
			echo "data $stage/mail"
		done
		echo quit
	} >"$stage/talk"
	"$build/t/support/smtpsend" <"$stage/talk" >"$stage/talk.out"
}
send_mail "$smtp_port" 192.0.2.1 a.example 12
send_mail "$smtp2_port" 192.0.2.1 a.example 7
send_mail "$smtp2_port" 2001:db8::5 a.example 2
send_mail "$smtp_port" 203.0.113.9 b.example 4
is "the forged one is refused" 1 \
	"$(grep -c '^550 5.7.26' "$stage/talk.out" | sed 's/[1-9].*/1/')"
send_mail "$smtp2_port" 198.51.100.9 c.example 3
send_mail "$smtp_port" 192.0.2.2 c.example 1
send_mail "$smtp2_port" 192.0.2.2 d.example 5
send_mail "$smtp_port" 192.0.2.2 e.example 6

midnight=$((($(date +%s) / 86400 + 1) * 86400))

# Who wins whatever is killed: the next one.
# survive COMMAND...: runs it and kills it after 1, 3, 5 ... ms, then to its end
survive() {
	for ms in 002 004 007 011 016 022 030 045 070 110; do
		killed_after "$ms" "$@"
	done
}

# import_host NAME NOW
import_host() {
	$exec "$mxauth" history import --config "$stage/$1-reports.conf" --store "$url" \
		--now "$2" --json
}

# send_reports NAME NOW
send_reports() {
	$exec "$mxauth" report send --config "$stage/$1-reports.conf" --store "$url" \
		--dns "127.0.0.1:$dns_port" --now "$2" --json
}

# total KEY: sum over all reports that arrived
total() {
	tr -d ' \n' <"$stage/read.json" |
		sed "s/.*\"totals\":{//; s/}.*//; s/.*\"$1\":\([0-9]*\).*/\1/"
}

suppressed() {
	"$mxauth" history status --store "$url" --json |
		sed -n 's/.*"suppressed_addresses": *\([0-9]*\).*/\1/p'
}

# run_store NAME URL
run_store() {
	name=$1
	url=$2
	rm -rf "$stage/sink/mail/box"
	for host in mx1 mx2; do
		cat "$stage/$host.conf" - >"$stage/$host-reports.conf" <<-END
		store: { host = "$host" }
		dkim: { clock-skew = "1d" }
		reports: {
			send = true
			organization = "Example \"Mail\" & Co"
			from = "noreply@reports.example.org"
			contact = "https://www.example.org/dmarc"
			sendmail = "$stage/sendmail"
			sign: {
				domain = "reports.example.org"
				selector = "r1"
				key = "$key"
			}
		}
		END
	done

	# import: both hosts at once, killed and killed again
	now=$((midnight + 10))
	survive import_host mx1 "$now"
	survive import_host mx2 $((midnight - 500))
	import_host mx2 $((midnight - 500)) >"$stage/0.json"
	import_host mx1 "$now" >"$stage/1.json" &
	import_host mx1 "$now" >"$stage/2.json"
	wait $!
	"$mxauth" history status --store "$url" --now "$now" --json \
		>"$stage/status.json"
	is "$name: mx2 is behind: nothing is due" 0 "$(
		send_reports mx1 $((midnight + 60)) >"$stage/send.json"
		value reports "$stage/send.json")"
	import_host mx2 "$now" >"$stage/3.json"
	is "$name: all lines, each once" 40 "$("$mxauth" history status \
		--store "$url" --json | sed -n 's/.*"lines": *\([0-9]*\).*/\1/p' |
		awk '{ n += $1 } END { print n }')"

	# the XML as it will be
	"$mxauth" report preview --config "$stage/mx1-reports.conf" \
		--store "$url" --now $((midnight + 60)) --domain a.example \
		>"$stage/preview.xml"
	is "$name: preview" 21 "$(sed -n \
		's|.*<count>\([0-9]*\)</count>.*|\1|p' "$stage/preview.xml" |
		awk '{ n += $1 } END { print n }')"

	not_signed "$stage/mx1-reports.conf" --now $((midnight + 61))
	is "$name: nothing has left" '' \
		"$(find "$stage/sink/mail" -type f 2>/dev/null)"

	# both hosts send, killed again and again; leases of the dead run out
	now=$((midnight + 1000))
	for round in 1 2 3; do
		survive send_reports mx1 "$now"
		survive send_reports mx2 "$now"
		now=$((now + 700))
	done
	for round in 1 2 3; do
		send_reports mx2 "$now" >"$stage/send2.json" &
		send_reports mx1 "$now" >"$stage/send.json"
		wait $!
		now=$((now + 700))
	done
	is "$name: reports by state" \
		'{"partial":1,"sent":2,"suppressed":1}' \
		"$(states reports)"
	is "$name: deliveries by state" '{"sent":3,"unauthorised":2}' \
		"$(states deliveries)"

	# what arrived
	wait_for_mails 3
	set -- "$stage"/sink/mail/box/new/*
	"$mxauth" report --json "$@" >"$stage/read.json" 2>"$stage/err"
	is "$name: all can be read" 0 "$?"
	is "$name: reports" 3 "$(total reports)"
	is "$name: messages" 29 "$(total messages)"
	is "$name: refused ones" 4 "$(total rejected)"
	is "$name: to" 'all@collector.example d+marc@b.example dmarc@a.example' \
		"$(sed -n 's/^To: //p' "$@" | sort -u | xargs)"
	dmarc_passes "$stage/mx1-reports.conf" "$@"
	if [ -e "$schema" ] && command -v xmllint >/dev/null; then
		for mail; do
			sed -n '/^Content-Disposition/,/^--/p' "$mail" |
				sed '1,/^\r*$/d; /^--/d' | base64 -d |
				gzip -dc >"$stage/report.xml"
			xmllint --noout --schema "$schema" "$stage/report.xml" \
				2>"$stage/err"
			is "$name: valid by the schema of RFC 9990" 0 "$?"
		done
	fi
	is "$name: one mail twice at most where it was killed" 3 \
		"$(sed -n 's/^Message-ID: //Ip' "$@" | sort -u | wc -l | xargs)"

	# nothing more to do, and nothing again
	send_reports mx1 $((now + 86400)) >"$stage/send.json"
	is "$name: done" 0 "$?"
	is "$name: nothing twice" 0 "$(value sent "$stage/send.json")"

	# a bounce
	cat >"$stage/bounce" <<-END
	From: MAILER-DAEMON@sink.example
	To: noreply@reports.example.org
	Subject: Undelivered Mail Returned to Sender
	MIME-Version: 1.0
	Content-Type: multipart/report; report-type=delivery-status;
	 boundary="x"

	--x
	Content-Type: message/delivery-status

	Reporting-MTA: dns; sink.example

	Final-Recipient: rfc822; dmarc@a.example
	Action: failed
	Status: 5.1.1
	Diagnostic-Code: smtp; 550 5.1.1 no such user

	--x--
	END
	"$mxauth" report bounced --store "$url" "$stage/bounce" >"$stage/out"
	is "$name: a bounce is understood" 0 "$?"
	"$mxauth" report bounced --store "$url" "$stage/zone" >"$stage/out" \
		2>"$stage/err"
	is "$name: what is none, is none" 1 "$?"
	is "$name: the address is suppressed" 1 "$(suppressed)"

	# one that names nobody of ours, but came back to the sender of ours
	id=$(grep -l '^To: all@collector.example' "$@" | head -n 1 | xargs sed -n \
		's/^Message-ID: <\([0-9a-f]*\)@.*/\1/Ip')
	cat "$stage/mx1-reports.conf" >"$stage/bounces.conf"
	sed -i 's/reports: {/reports: { bounces = "back@reports.example.org"/' \
		"$stage/bounces.conf"
	sed "s/dmarc@a.example/forwarded@elsewhere.example/
		s/^To: .*/To: Reports <back+$id-0@reports.example.org>/" \
		"$stage/bounce" >"$stage/bounce2"
	sed 's/Action: failed/Action: delayed/; s/5\.1\.1/4.4.1/; s/550/450/' \
		"$stage/bounce2" >"$stage/delayed"
	"$mxauth" report bounced --config "$stage/bounces.conf" --store "$url" \
		"$stage/delayed" >"$stage/out" 2>&1
	is "$name: a delay is no bounce" 1 "$?"
	sed "s/+$id-0/+$id-7/" "$stage/bounce2" >"$stage/other"
	"$mxauth" report bounced --config "$stage/bounces.conf" --store "$url" \
		"$stage/other" >"$stage/out" 2>&1
	is "$name: no such delivery" 1 "$?"
	"$mxauth" report bounced --config "$stage/bounces.conf" --store "$url" \
		"$stage/bounce2" >"$stage/out"
	is "$name: known by its sender" 0 "$?"
	is "$name: says whom" 'c@collector.example gets no reports for 30 days' \
		"$(cat "$stage/out")"
	is "$name: two are suppressed" 2 "$(suppressed)"
}

run_stores

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
