#!/bin/sh
# answers.sh - what the pages of explain, lint and report say, and the text
# beside them.
build=$(cd "${builddir:-.}" && pwd)
mxauth=$build/mxauth
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-answers.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
status=0

# same WHAT: $tmp/got is as $tmp/want
same() {
	if ! diff "$tmp/want" "$tmp/got"; then
		echo "FAIL: $1"
		status=1
	fi
}

# words FILE: a page without its markup: a cell ends with "|", a question with
# ":", links stand in brackets
words() {
	sed -n '/<main>/,$p' "$1" |
		sed -e '/^<path/d; /^<rect/d; /^<line/d; s/<script>.*//' \
			-e 's/<a href="\([^"]*\)">/[\1]/g' \
			-e 's/<\/t[dh]>/|/g; s/<\/dt>/: /g' \
			-e 's/<small[^>]*>/ - /g; s/<br>/ /g' \
			-e 's/<\/\(dd\|caption\|p\|li\|h3\|pre\|summary\)>/\n/g' \
			-e 's/<\/span>/ /g; s/<[^>]*>//g' |
		sed -e '/^ *$/d; s/ *$//'
}

# ask COMMAND ARGUMENT...: its text in $tmp/got, its page in $tmp/page
ask() {
	command=$1
	shift
	"$mxauth" "$command" --config "$tmp/conf" --zone "$tmp/zone" \
		--html "$tmp/page" "$@" >"$tmp/got" 2>"$tmp/err"
}

echo 'policy-file = ""; journal: { directory = "" }' >"$tmp/conf"
cat >"$tmp/zone" <<'END'
forgot.example. MX 10 mail.forgot.example.
mail.forgot.example. A 192.0.2.10
_dmarc.forgot.example. TXT "v=DMARC1; p=reject; x=y"
fine.example. MX 10 mail.forgot.example.
fine.example. TXT "v=spf1 mx -all"
_dmarc.fine.example. TXT "v=DMARC1; p=reject; rua=mailto:d@fine.example"
END

# --- explain

# failure N: a recipient who refused it
failure() {
	cat <<-END
	<someone$1@gmail.example>: host mx.gmail.example[192.0.2.200] said: 550-5.7.26
	    Unauthenticated email from forgot.example is not accepted due to
	    550 5.7.26 domain's DMARC policy (in reply to end of DATA command)

	END
}
{
	echo "From: MAILER-DAEMON@mail.forgot.example"
	echo "Subject: Undelivered"
	echo
	i=0
	while [ $i -lt 22 ]; do
		i=$((i + 1))
		failure $i
	done
} >"$tmp/bounce"
ask explain "$tmp/bounce"
cat >"$tmp/want" <<'END'
forgot.example: there is no SPF record. Publish at forgot.example: v=spf1 mx ~all

Why
  The bounce names no address; that of mail.forgot.example, which wrote it,
    was taken (192.0.2.10).
  The DMARC record at _dmarc.forgot.example is: v=DMARC1; p=reject; x=y
  forgot.example publishes no SPF record: receivers cannot tell which servers
    may send its mail.

What to do
  Tried before you publish it: 192.0.2.10 passes, and unrelated addresses do
    not.

What not to do
  Do not weaken the DMARC policy instead: the SPF record is what is missing.

The receiver's words
  someone1@gmail.example, refused by mx.gmail.example:
    550 5.7.26 Unauthenticated email from forgot.example is not accepted due
    to domain's DMARC policy
  someone20@gmail.example, refused by mx.gmail.example:
    550 5.7.26 Unauthenticated email from forgot.example is not accepted due
    to domain's DMARC policy
  ... and 2 more recipients
END
sed -i '/someone2@/,/someone20@/{/someone20@/!d;}' "$tmp/got"
same "explain in words"
words "$tmp/page" | sed '/someone2@/,/someone20@/{/someone20@/!d;}' >"$tmp/got"
cat >"$tmp/want" <<'END'
Why mail was refused
forgot.example: there is no SPF record. Publish at forgot.example: v=spf1 mx ~all
Why
The bounce names no address; that of mail.forgot.example, which wrote it, was taken (192.0.2.10).
The DMARC record at _dmarc.forgot.example is: v=DMARC1; p=reject; x=y
forgot.example publishes no SPF record: receivers cannot tell which servers may send its mail.
What to do
Publish this TXT record at forgot.example:
v=spf1 mx ~all
Tried before you publish it: 192.0.2.10 passes, and unrelated addresses do not.
What not to do
Do not weaken the DMARC policy instead: the SPF record is what is missing.
The receiver&#39;s words
someone1@gmail.example &larr; mx.gmail.example
550 5.7.26 Unauthenticated email from forgot.example is not accepted due to domain&#39;s DMARC policy
someone20@gmail.example &larr; mx.gmail.example
550 5.7.26 Unauthenticated email from forgot.example is not accepted due to domain&#39;s DMARC policy
  ... and 2 more recipients
END
same "the page of explain"

# --- lint

ask lint forgot.example fine.example
words "$tmp/page" >"$tmp/got"
cat >"$tmp/want" <<'END'
Mail records
forgot.exampleforgot.example: errors: 1, warnings: 0, notes: 3
error : spf-missing, forgot.example
forgot.example publishes no SPF record: receivers cannot tell which servers may send its mail.
Publish this TXT record at forgot.example:
v=spf1 mx ~all
note : dkim-unknown, forgot.example
No DKIM key was found under the usual selectors.  Selectors cannot be listed, so this proves nothing.
Name yours with --selector.
note : dmarc-unknown-tag, _dmarc.forgot.example
The tag x at position 21 is unknown and has no effect.
Publish this TXT record at _dmarc.forgot.example:
v=DMARC1; p=reject
note : dmarc-no-rua, _dmarc.forgot.example
Without rua= receivers send no reports about mail that uses the name forgot.example.
Publish this TXT record at _dmarc.forgot.example:
v=DMARC1; p=reject; rua=mailto:dmarc-reports@forgot.example
fine.examplefine.example: errors: 0, warnings: 0, notes: 1
note : dkim-unknown, fine.example
No DKIM key was found under the usual selectors.  Selectors cannot be listed, so this proves nothing.
Name yours with --selector.
END
same "the page of lint"
grep -o '<p class="answer [a-z]*">' "$tmp/page" >"$tmp/got"
printf '<p class="answer %s">\n' no ok >"$tmp/want"
same "and its colours"

# --- report

# report_of ID DOMAIN POLICY FIRST-SECOND: of one day, with three sources
report_of() {
	cat <<-END
	<feedback><report_metadata><org_name>gmail.example</org_name>
	<email>noreply@gmail.example</email><report_id>$1</report_id>
	<date_range><begin>$4</begin><end>$(($4 + 86399))</end></date_range>
	</report_metadata><policy_published><domain>$2</domain><p>$3</p>
	</policy_published>
	END
	while read -r ip count spf disposition; do
		cat <<-END
		<record><row><source_ip>$ip</source_ip><count>$count</count>
		<policy_evaluated><disposition>$disposition</disposition>
		<dkim>fail</dkim><spf>$spf</spf></policy_evaluated></row>
		<identifiers><header_from>$2</header_from></identifiers>
		<auth_results><spf><domain>$2</domain><result>$spf</result>
		</spf></auth_results></record>
		END
	done
	echo '</feedback>'
}
report_of n1 a.example none 1795132800 >"$tmp/a.xml" <<'END'
192.0.2.9 5 fail none
198.51.100.9 1200 pass none
203.0.113.1 7 fail quarantine
END
report_of n2 b.example reject 1795046400 >"$tmp/b.xml" <<'END'
192.0.2.9 5 fail reject
198.51.100.9 40 pass none
END
ask report "$tmp/a.xml" "$tmp/b.xml"
cat >"$tmp/want" <<'END'
gmail.example: a.example, 2026-11-20, p=none
gmail.example: b.example, 2026-11-19, p=reject

Reports: 2, messages: 1257, passed: 1240, failed: 17 (refused: 5, quarantined: 7), sources: 3

a.example
  7 messages from 203.0.113.1 were quarantined: not authenticated: the SPF record does not list this source and no DKIM signature passed
    -> If the source is yours, add it to the SPF record and sign with DKIM; if not, somebody uses your name, and the policy works.
  5 messages from 192.0.2.9 were delivered: not authenticated: the SPF record does not list this source and no DKIM signature passed
    -> If the source is yours, add it to the SPF record and sign with DKIM; if not, somebody uses your name, and the policy works.
  1200 messages from 198.51.100.9 were delivered: authenticated by SPF alone: without an aligned DKIM signature it fails as soon as somebody forwards it
    -> Let this source sign with DKIM for the author's domain.

b.example
  5 messages from 192.0.2.9 were refused: not authenticated: the SPF record does not list this source and no DKIM signature passed
    -> If the source is yours, add it to the SPF record and sign with DKIM; if not, somebody uses your name, and the policy works.
  40 messages from 198.51.100.9 were delivered: authenticated by SPF alone: without an aligned DKIM signature it fails as soon as somebody forwards it
    -> Let this source sign with DKIM for the author's domain.
END
same "report in words"
words "$tmp/page" >"$tmp/got"
cat >"$tmp/want" <<'END'
DMARC aggregate reports
Domains
domain|messages|aligned|
[#d0]a.example - Nothing stands in the way so far, but the reports are about 1 day only; 14 days are needed.What to do first: Go on collecting reports.
Who sends: 198.51.100.0/24 (1,200); strangers: 2
Fails and is yours: none
New in the last 7 days: none
|1,212|99.0 %|
[#d1]b.example - Nothing stands in the way so far, but the reports are about 1 day only; 14 days are needed.What to do first: Go on collecting reports.
Who sends: 198.51.100.0/24 (40); strangers: 1
Fails and is yours: none
New in the last 7 days: none
|45|88.9 %|
a.example p=none
Nothing stands in the way so far, but the reports are about 1 day only; 14 days are needed.
What to do first: Go on collecting reports.
Who sends as this domain: 198.51.100.0/24 (1,200); strangers: 2
What fails, and why: none
New in the last 7 days: none
In numbers: 99.0 % of 1,212 messages are aligned. Senders: passing 1, in the way 0, small and unclear 0, forwarders 0, repaired 0, strangers 2.
passed 1,200 failed, delivered 5 quarantined 7 refused 0 most on one day: 1,212
2026-11-20
By day
Messages by day, 1 day of reports
day|passed|failed, delivered|quarantined|refused|
2026-11-20|1,200|5|7|0|
Senders
sender|messages|aligned|first, last|
198.51.100.0/24 - passesSign with DKIM: without a signature mail of 198.51.100.9 fails when somebody forwards it.|1,200|100 %|2026-11-20 2026-11-20|
2 more senders
A stranger that is yours belongs into the SPF record of a.example, and must sign with DKIM. The others use your name, and p=reject stops them.
More senders
sender|messages|aligned|first, last|
203.0.113.0/24 - a stranger: nothing speaks for it|7|0 %|2026-11-20 2026-11-20|
192.0.2.0/24 - a stranger: nothing speaks for it|5|0 %|2026-11-20 2026-11-20|
b.example p=reject
END
sed -i '/^b.example p=/q' "$tmp/got"
same "the page of report"
words "$tmp/page" | sed -n '/^Reports: /,$p' >"$tmp/got"
cat >"$tmp/want" <<'END'
Reports: 2
Reports
reporter|domain|day|records|
gmail.example|a.example|2026-11-20|3|
gmail.example|b.example|2026-11-19|2|
END
same "its reports"

[ $status = 0 ] && echo "7 passed"
exit $status
