#!/bin/sh
# sent.sh - mxauth report preview, send, status and bounced, on SQLite and into a
# directory; t/store/reports.sh sends through an MTA.
build=$(cd "${builddir:-.}" && pwd)
mxauth=$build/mxauth
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-sent.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
. "${srcdir:-.}/t/support/is.sh"

# report WANT ARGUMENT...: its exit status; output is kept
report() {
	want=$1
	shift
	"$mxauth" report "$@" --config "$tmp/conf" >"$tmp/out" 2>"$tmp/err"
	is "status of mxauth report $*" "$want" "$?"
}

# packed: the output without blanks and line ends
packed() {
	tr -d ' \n' <"$tmp/out"
}

if "$mxauth" history status --store sqlite::memory: 2>&1 |
	grep -q 'built without'; then
	echo "skipped: built without SQLite"
	exit 77
fi

# line N ID AUTHOR IP RUA: a message of second N
line() {
	printf '{"v":1,"time":"2026-11-21T08:00:%02dZ","id":"%s",' "$1" "$2"
	printf '"ip":"%s","helo":"h","mfrom":"u@b.example",' "$4"
	printf '"action":{"action":"accept","profile":"standard",'
	printf '"rule":"default","disposition":"none","author":0,'
	printf '"grounds":[]},"spf":{"result":"pass","identity":"mailfrom",'
	printf '"domain":"b.example"},"from":["%s"],' "$3"
	printf '"dmarc":{"result":"pass","worst":0,"policy":"none",'
	printf '"domains":[{"result":"pass","domain":"%s",' "$3"
	printf '"record_domain":"%s",' "$3"
	printf '"record":"v=DMARC1; p=none; rua=%s",' "$5"
	printf '"tag":"p","published":"none","policy":"none",'
	printf '"spf_aligned":true}]},"dkim":[],"rcpts":1,'
	printf '"rcpt":["r@example.jp"]}\n'
}
mkdir "$tmp/journal" "$tmp/mails"
both='mailto:d@a.example,mailto:x@elsewhere.example'
{
	printf '{"v":1,"time":"2026-11-21T08:00:00Z",'
	printf '"file":"0123456789abcdef","mxauth":"mxauthd test"}\n'
	line 1 4Aaa a.example 192.0.2.1 "$both"
	line 2 4Bbb a.example 192.0.2.1 "$both"
	line 3 4Ccc b.example 192.0.2.2 mailto:b@b.example
} >"$tmp/journal/20261121T080000Z-0123456789abcdef.jsonl"
cat >"$tmp/zone" <<END
_dmarc.a.example. TXT "v=DMARC1; p=none; rua=$both"
_dmarc.b.example. TXT "v=DMARC1; p=none; rua=mailto:b@b.example"
END
cat >"$tmp/conf" <<END
authserv-id = "mx.example.org"
policy-file = ""
journal: { directory = "$tmp/journal" }
store: { url = "sqlite:$tmp/store.db" host = "mx.example.org" }
reports: {
	from = "noreply@reports.example.org"
	bounces = "back@reports.example.org"
	failure-directory = "$tmp/failures"
}
END
now=2026-11-22T09:00:00Z
"$mxauth" history import --config "$tmp/conf" --now "$now" >"$tmp/out" || exit 99

# --- preview

report 0 preview --now "$now"
is "who has reports, on the day that is due" \
	"a.example: 2 messages, to $both
b.example: 1 messages, to mailto:b@b.example" "$(cat "$tmp/out")"
report 0 preview --day 2026-11-21 --json
is "as JSON" '[
  {"domain":"a.example","messages":2,"rua":"'"$both"'"},
  {"domain":"b.example","messages":1,"rua":"mailto:b@b.example"}
]' "$(cat "$tmp/out")"
report 1 preview --day 2026-11-20
is "nothing on another day" '' "$(cat "$tmp/out")"
report 1 preview --day 2026-11-20 --json
is "which is still JSON" '[]' "$(cat "$tmp/out")"
report 0 preview --day 2026-11-21 --domain A.example
is "the XML" '<?xml version="1.0" encoding="UTF-8"?> </feedback>' \
	"$(sed -n '1p;$p' "$tmp/out" | xargs -d '\n')"
is "its messages" '   <count>2</count>' "$(grep '<count>' "$tmp/out")"
report 0 preview --day 2026-11-21 --domain a.example --json
is "the XML as JSON" '{"domain":"a.example","reports":1,"xml":"<?xmlversion=' \
	"$(packed | sed 's/\(version=\).*/\1/')"
report 1 preview --day 2026-11-21 --domain none.example
report 1 preview --day 2026-11-21 --domain none.example --json
is "no report" '{"domain":"none.example","reports":0,"xml":""}' "$(packed)"

# --- send

report 1 status
is "nothing was made" 'Reports: -
Deliveries: -' "$(cat "$tmp/out")"
report 1 status --json
is "as JSON" \
	'{"reports":{},"deliveries":{},"suppressed_addresses":0,"troubles":[]}' \
	"$(packed)"
report 78 send --zone "$tmp/zone" --now "$now"
is "nothing leaves unless told to" \
	'mxauth report: reports.send is false: nothing leaves this host' \
	"$(cat "$tmp/err")"
report 0 send --zone "$tmp/zone" --now "$now" --to-directory "$tmp/mails"
is "what was sent" \
	'Reports made: 2, not made: 0, to be made: 0
Mails sent: 2, given up: 1, to be tried again: 0, waiting: 0' \
	"$(cat "$tmp/out")"
is "to whom" 'To: b@b.example To: d@a.example' \
	"$(cat "$tmp"/mails/*.eml | tr -d '\r' | grep '^To: ' | sort | xargs)"
is "its date is that of --now" 'Date: Sun, 22 Nov 2026 09:00:00 +0000' \
	"$(cat "$tmp"/mails/*.eml | tr -d '\r' | grep '^Date: ' | sort -u)"
report 0 send --zone "$tmp/zone" --now "$now" --json --to-directory "$tmp/mails"
is "nothing twice" \
	'{"leader":true,"days":0,"reports":0,"suppressed":0,"pending":0,"sent":0,"failed":0,"later":0,"waiting":0,"capped":false}' \
	"$(packed)"
report 0 status
is "counts, and what did not go" \
	'Reports: partial 1 sent 1
Deliveries: sent 2 unauthorised 1
  a.example -> x@elsewhere.example: unauthorised:' \
	"$(sed 's/\(unauthorised:\).*/\1/' "$tmp/out")"
report 0 status --json
is "as JSON" \
	'{"reports":{"partial":1,"sent":1},"deliveries":{"sent":2,"unauthorised":1},"suppressed_addresses":0,"troubles":[{"domain":"a.example","address":"x@elsewhere.example","state":"unauthorised","reply":' \
	"$(packed | sed 's/\("reply":\).*/\1/')"

# failure reports are counted where they are on
sed 's/reports: {/&failure-reports = true/' "$tmp/conf" >"$tmp/failing.conf"
mkdir "$tmp/failures"
"$mxauth" report send --zone "$tmp/zone" --now "$now" \
	--to-directory "$tmp/mails" --config "$tmp/failing.conf" >"$tmp/out"
is "failure reports" 'Failure reports sent: 0 (of 0 messages), given up: 0, waiting: 0' \
	"$(tail -n 1 "$tmp/out")"
"$mxauth" report send --zone "$tmp/zone" --now "$now" --json \
	--to-directory "$tmp/mails" --config "$tmp/failing.conf" >"$tmp/out"
is "as JSON" \
	'"failure_reports":{"sent":0,"failed":0,"later":0,"waiting":0,"incidents":0,"dropped":0,"damaged":0,"capped":false,"busy":false}}' \
	"$(packed | sed 's/.*\("failure_reports"\)/\1/')"

# --- bounced

# bounce TO RECIPIENT: a bounce that came to TO
bounce() {
	cat <<-END
	From: MAILER-DAEMON@sink.example
	X-Original-To: $1
	To: somebody@sink.example
	Subject: Undelivered Mail Returned to Sender
	MIME-Version: 1.0
	Content-Type: multipart/report; report-type=delivery-status;
	 boundary="x"

	--x
	Content-Type: message/delivery-status

	Reporting-MTA: dns; sink.example

	Final-Recipient: rfc822; $2
	Action: failed
	Status: 5.1.1
	Diagnostic-Code: smtp; 550 5.1.1 no such user

	--x--
	END
}
id=$(grep -l '^To: b@b.example' "$tmp"/mails/*.eml |
	xargs sed -n 's/^Message-ID: <\([0-9a-f]*\)@.*/\1/p')
bounce noreply@reports.example.org stranger@a.example >"$tmp/stranger"
report 1 bounced "$tmp/stranger"
is "a stranger is not suppressed" \
	"mxauth report: $tmp/stranger is not a bounce of one of our reports" \
	"$(cat "$tmp/err")"
bounce noreply@reports.example.org d@A.example >"$tmp/named"
sed '/^Status/i\
Diagnostic-Code: smtp; 550 5.1.1 no such user\
\
Final-Recipient: rfc822; d@a.example\
Action: failed' "$tmp/stranger" >"$tmp/second"
report 0 bounced "$tmp/second"
is "the second recipient is ours" 'd@a.example gets no reports for 30 days' \
	"$(cat "$tmp/out")"
report 0 bounced "$tmp/named"
is "known by its recipient" 'd@a.example gets no reports for 30 days' \
	"$(cat "$tmp/out")"
for sender in "back+$id-1" "back+$id" "back+x-0" "back-$id-0" back "x+$id-0" \
	"back+"; do
	bounce "$sender@reports.example.org" else@where.example >"$tmp/other"
	report 1 bounced "$tmp/other"
done
bounce "a@a.example, Reports <back+$id-0@reports.example.org>" \
	else@where.example >"$tmp/sender"
sed 's/failed/delayed/; s/5\.1\.1/4.4.1/; s/550/450/' "$tmp/sender" \
	>"$tmp/delayed"
report 1 bounced "$tmp/delayed"
report 0 bounced - <"$tmp/sender"
is "known by its sender" 'b@b.example gets no reports for 30 days' \
	"$(cat "$tmp/out")"
report 0 status --json
is "both are suppressed" '"suppressed_addresses":2' \
	"$(packed | grep -o '"suppressed_addresses":[0-9]*')"

# --- the state of the store

# state ARGUMENT...: history status
state() {
	"$mxauth" history status --config "$tmp/conf" --now 2026-11-22T09:01:00Z \
		"$@" >"$tmp/out" 2>"$tmp/err"
	is "status of history status $*" 0 $?
}
state
is "the state in words" \
	'mx.example.org: imported through 2026-11-22T08:59:58Z, last message 2026-11-21T08:00:03Z, 0 bytes waiting, 3 lines, 0 broken, 0 late
Reports: partial 1 sent 1
Deliveries: sent 2 unauthorised 1
Suppressed addresses: 2' "$(cat "$tmp/out")"
state --json
is "as JSON" \
	'"hosts":[{"host":"mx.example.org","imported_through":"2026-11-22T08:59:58Z","last_message":"2026-11-21T08:00:03Z","lag":62,"waiting_bytes":0,"lines":3,"bad":0,"late":0}],"reports":{"partial":1,"sent":1},"deliveries":{"sent":2,"unauthorised":1},"suppressed_addresses":2}' \
	"$(packed | sed 's/.*\("hosts"\)/\1/')"
is "its kind" '{"store":{"kind":"sqlite","bytes":' \
	"$(packed | sed 's/\("bytes":\)[1-9].*/\1/')"
sed "s|store: {|& metrics-file = \"$tmp/metrics\"|" "$tmp/conf" >"$tmp/m.conf"
"$mxauth" history import --config "$tmp/m.conf" --now 2026-11-22T09:01:00Z \
	>"$tmp/out" 2>"$tmp/err"
is "the gauges" \
	'# HELP mxauth_store_import_lag_seconds Age of what has been imported completely
# TYPE mxauth_store_import_lag_seconds gauge
mxauth_store_import_lag_seconds{host="mx.example.org"} 2
# HELP mxauth_store_waiting_bytes Bytes of journals not yet imported
# TYPE mxauth_store_waiting_bytes gauge
mxauth_store_waiting_bytes{host="mx.example.org"} 0
# HELP mxauth_store_late_messages Messages that came after the reports of their day were made
# TYPE mxauth_store_late_messages gauge
mxauth_store_late_messages{host="mx.example.org"} 0
# HELP mxauth_store_bad_lines Lines that could not be read
# TYPE mxauth_store_bad_lines gauge
mxauth_store_bad_lines{host="mx.example.org"} 0
# HELP mxauth_store_reports Reports by state
# TYPE mxauth_store_reports gauge
mxauth_store_reports{state="partial"} 1
mxauth_store_reports{state="sent"} 1
# HELP mxauth_store_deliveries Deliveries by state
# TYPE mxauth_store_deliveries gauge
mxauth_store_deliveries{state="sent"} 2
mxauth_store_deliveries{state="unauthorised"} 1
# HELP mxauth_store_suppressed_addresses Addresses that get no reports for now
# TYPE mxauth_store_suppressed_addresses gauge
mxauth_store_suppressed_addresses 2' "$(cat "$tmp/metrics")"
is "without a complaint" '' "$(cat "$tmp/err")"
is "only the file is left" metrics "$(cd "$tmp" && ls -d metrics*)"
sed "s|metrics-file = \"|&/nowhere|" "$tmp/m.conf" >"$tmp/nowhere.conf"
"$mxauth" history import --config "$tmp/nowhere.conf" \
	--now 2026-11-22T09:01:00Z >"$tmp/out" 2>"$tmp/err"
is "a place that does not exist" \
	"mxauth history: /nowhere$tmp/metrics: No such file or directory" \
	"$(cat "$tmp/err")"
mkdir "$tmp/folder"
sed "s|metrics-file = \"[^\"]*|&/../folder|; s|/metrics/../|/|" \
	"$tmp/m.conf" >"$tmp/folder.conf"
"$mxauth" history import --config "$tmp/folder.conf" \
	--now 2026-11-22T09:01:00Z >"$tmp/out" 2>"$tmp/err"
is "a folder cannot be replaced, and nothing is left beside it" folder \
	"$(cd "$tmp" && ls -d folder folder.[0-9]* 2>/dev/null)"

# --- usage and trouble

report 0 preview --help
report 64 preview --day yesterday
is "a day" \
	"mxauth report: --day expects a date such as 2027-03-31, found 'yesterday'" \
	"$(cat "$tmp/err")"
report 64 preview --domain 'a b'
is "a domain" "mxauth report: --domain expects a domain, found 'a b'" \
	"$(cat "$tmp/err")"
report 64 bounced
report 64 bounced "$tmp/named" "$tmp/sender"
report 66 bounced "$tmp/none"
report 64 status more
for verb in preview send status "bounced $tmp/named"; do
	report 75 $verb --store sqlite:/nowhere/at/all.db --zone "$tmp/zone" \
		--to-directory "$tmp/mails"
done
sed -i '/from =/d' "$tmp/conf"
report 78 preview --day 2026-11-21
is "no author" \
	'mxauth report: reports.from is not set: reports need an author' \
	"$(cat "$tmp/err")"
report 78 send --zone "$tmp/zone" --to-directory "$tmp/mails"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
