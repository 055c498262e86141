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
Without rua= receivers send no reports about mail that uses the name forgot.example.  The mailbox in the proposal is an example: name one that you read.
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

# --- report ready

# ready ARGUMENT...: its words, then its status
ready() {
	"$mxauth" report ready --config "$tmp/conf" --zone "$tmp/zone" "$@" \
		>"$tmp/got" 2>"$tmp/err"
	echo "status $?" >>"$tmp/got"
}
ready a.example "$tmp/a.xml"
cat >"$tmp/want" <<'END'
a.example: Nothing stands in the way so far, but the reports are about 1 day only; 14 days are needed.
99.0 % of 1,212 messages are aligned. Senders: passing 1, in the way 0, small and unclear 0, forwarders 0, repaired 0, strangers 2.
First: Go on collecting reports.

198.51.100.0/24 (1 address): 1,200 messages, 100 % aligned
  passes
  -> Sign with DKIM: without a signature mail of 198.51.100.9 fails when
     somebody forwards it.

203.0.113.0/24 (1 address): 7 messages, 0 % aligned
  a stranger: nothing speaks for it

192.0.2.0/24 (1 address): 5 messages, 0 % aligned
  a stranger: nothing speaks for it

A stranger that is yours belongs into the SPF record of a.example, and must sign with DKIM. The others use your name, and p=reject stops them.
status 1
END
same "ready in words"
ready --json a.example "$tmp/a.xml"
sed -i 's/, *"missing":"If .*}/}/' "$tmp/got"
cat >"$tmp/want" <<'END'
{
  "domain": "a.example",
  "ready": "wait",
  "policy": "none",
  "reports": 1,
  "days": 1,
  "messages": 1212,
  "aligned": 1200,
  "blocking": 0,
  "new_senders": 0,
  "answer": "Nothing stands in the way so far, but the reports are about 1 day only; 14 days are needed.",
  "first_step": "Go on collecting reports.",
  "senders": [
    {"sender":"198.51.100.0/24","kind":"passes","blocks":false,"new":false,"sources":1,"source_ip":"198.51.100.9","messages":1200,"aligned":1200,"cause":"unspecified","first":"2026-11-20T00:00:00Z","last":"2026-11-20T23:59:59Z","text":"passes","missing":"Sign with DKIM: without a signature mail of 198.51.100.9 fails when somebody forwards it."},
    {"sender":"203.0.113.0/24","kind":"stranger","blocks":false,"new":false,"sources":1,"source_ip":"203.0.113.1","messages":7,"aligned":0,"cause":"spf-not-listed","first":"2026-11-20T00:00:00Z","last":"2026-11-20T23:59:59Z","text":"a stranger: nothing speaks for it"},
    {"sender":"192.0.2.0/24","kind":"stranger","blocks":false,"new":false,"sources":1,"source_ip":"192.0.2.9","messages":5,"aligned":0,"cause":"spf-not-listed","first":"2026-11-20T00:00:00Z","last":"2026-11-20T23:59:59Z","text":"a stranger: nothing speaks for it"}
  ]
}
status 1
END
same "ready as JSON"
# strangers N: a report of N of them, and of one that passes
strangers() {
	{
		echo "198.51.100.9 40 pass none"
		awk -v n="$1" 'BEGIN { for (i = 1; i <= n; i++)
			print "10." i ".0.1 5 fail none" }'
	} | report_of n3 c.example none 1795132800 >"$tmp/c.xml"
	ready c.example "$tmp/c.xml"
	grep '^10\|more strangers' "$tmp/got" | sed 's/^10.*/10/' | uniq -c |
		awk '{ $1 = $1; print }' >"$tmp/counted"
	mv "$tmp/counted" "$tmp/got"
}
strangers 10
echo "10 10" >"$tmp/want"
same "ten strangers are shown"
strangers 12
printf '10 10\n1 ... and 2 more strangers\n' >"$tmp/want"
same "not more"
echo "198.51.100.9 40 pass none" |
	report_of n4 c.example none 1795132800 >"$tmp/c.xml"
ready c.example "$tmp/c.xml"
grep -c 'A stranger' "$tmp/got" >"$tmp/counted"
mv "$tmp/counted" "$tmp/got"
echo 0 >"$tmp/want"
same "without strangers there is no word of them"

# --- report: an exception, two days, a record that was published meanwhile

# record IP COUNT DISPOSITION SPF REASON RESULTS: of a.example
record() {
	cat <<-END
	<record><row><source_ip>$1</source_ip><count>$2</count>
	<policy_evaluated><disposition>$3</disposition><dkim>fail</dkim>
	<spf>$4</spf>$5</policy_evaluated></row><identifiers>
	<header_from>a.example</header_from></identifiers>
	<auth_results>$6</auth_results></record>
	END
}
# head ID BEGIN END POLICY
head_of() {
	cat <<-END
	<feedback><report_metadata><org_name>mail.example</org_name>
	<email>d@mail.example</email><report_id>$1</report_id><date_range>
	<begin>$2</begin><end>$3</end></date_range></report_metadata>
	<policy_published><domain>a.example</domain>$4</policy_published>
	END
}
list='<dkim><domain>list.example</domain><selector>s1</selector><result>pass</result></dkim><dkim><domain>a.example</domain><selector>s2</selector><result>fail</result></dkim><spf><domain>list.example</domain><scope>mfrom</scope><result>pass</result></spf>'
own='<spf><domain>a.example</domain><result>'
{
	head_of r7 1795132800 1795305599 "<adkim>s</adkim><aspf>r</aspf>\
<p>reject</p><sp>none</sp><np>reject</np>"
	record 192.0.2.9 3 none fail \
		'<reason><type>mailing_list</type><comment>a list</comment></reason>' \
		"$list"
	record 192.0.2.9 2 reject fail '' "$list"
	record 192.0.2.9 1 quarantine fail '' "$list"
	record 192.0.2.7 1 reject fail '' "${own}none</result></spf>"
	echo '</feedback>'
} >"$tmp/x.xml"
{
	head_of r8 1795305600 1795391999 '<p>reject</p>'
	record 192.0.2.7 8 none pass '' "${own}pass</result></spf>"
	echo '</feedback>'
} >"$tmp/y.xml"
echo hello >"$tmp/z.txt"
ask report "$tmp/x.xml" "$tmp/y.xml"
cat >"$tmp/want" <<'END'
mail.example: a.example, 2026-11-20 - 2026-11-21, p=reject sp=none
mail.example: a.example, 2026-11-22, p=reject

Reports: 2, messages: 15, passed: 8, failed: 7 (refused: 3, quarantined: 1), sources: 2

a.example
  6 messages from 192.0.2.9: the author's own signature did not verify: changed on the way, by a list for instance, or a wrong key
    2 of them were refused
    1 of them were quarantined
    for 3 the receiver made an exception: mailing_list
    -> If it comes straight from your own server, check selector and key; if it was forwarded, nothing is to be done.
  1 message from 192.0.2.7 was refused: not authenticated: there was no SPF record then, and no DKIM signature passed
    -> If the source is yours, publish an SPF record that lists it and sign with DKIM; "mxauth lint" shows what is there now.
    8 messages from there passed by SPF: a record that lists it was published meanwhile
  8 messages from 192.0.2.7 were delivered: authenticated by SPF alone: without an aligned DKIM signature it fails as soon as somebody forwards it
    -> Let this source sign with DKIM for the author's domain.
END
same "report in words, with its exceptions"
(cd "$tmp" && "$mxauth" report --json x.xml y.xml z.txt >got 2>err)
echo $? >>"$tmp/got"
cat "$tmp/err" >>"$tmp/got"
cat >"$tmp/want" <<'END'
{
  "reports": [
    {
      "file": "x.xml",
      "org": "mail.example",
      "email": "d@mail.example",
      "report_id": "r7",
      "domain": "a.example",
      "begin": 1795132800,
      "end": 1795305599,
      "policy": {
        "p": "reject",
        "sp": "none",
        "np": "reject",
        "adkim": "s",
        "aspf": "r"
      },
      "records": [
        {"source_ip":"192.0.2.9","count":3,"disposition":"none","dkim":"fail","spf":"fail","header_from":"a.example","envelope_from":"list.example","cause":"dkim-failed","reasons":[{"type":"mailing_list","comment":"a list"}],"auth_results":{"dkim":[{"domain":"list.example","selector":"s1","result":"pass"},{"domain":"a.example","selector":"s2","result":"fail"}],"spf":[{"domain":"list.example","scope":"mfrom","result":"pass"}]}},
        {"source_ip":"192.0.2.9","count":2,"disposition":"reject","dkim":"fail","spf":"fail","header_from":"a.example","envelope_from":"list.example","cause":"dkim-failed","reasons":[],"auth_results":{"dkim":[{"domain":"list.example","selector":"s1","result":"pass"},{"domain":"a.example","selector":"s2","result":"fail"}],"spf":[{"domain":"list.example","scope":"mfrom","result":"pass"}]}},
        {"source_ip":"192.0.2.9","count":1,"disposition":"quarantine","dkim":"fail","spf":"fail","header_from":"a.example","envelope_from":"list.example","cause":"dkim-failed","reasons":[],"auth_results":{"dkim":[{"domain":"list.example","selector":"s1","result":"pass"},{"domain":"a.example","selector":"s2","result":"fail"}],"spf":[{"domain":"list.example","scope":"mfrom","result":"pass"}]}},
        {"source_ip":"192.0.2.7","count":1,"disposition":"reject","dkim":"fail","spf":"fail","header_from":"a.example","envelope_from":"a.example","cause":"spf-missing","reasons":[],"auth_results":{"dkim":[],"spf":[{"domain":"a.example","scope":"","result":"none"}]}}
      ]
    },
    {
      "file": "y.xml",
      "org": "mail.example",
      "email": "d@mail.example",
      "report_id": "r8",
      "domain": "a.example",
      "begin": 1795305600,
      "end": 1795391999,
      "policy": {
        "p": "reject",
        "sp": "",
        "np": "",
        "adkim": "",
        "aspf": ""
      },
      "records": [
        {"source_ip":"192.0.2.7","count":8,"disposition":"none","dkim":"fail","spf":"pass","header_from":"a.example","envelope_from":"a.example","cause":"pass-spf","reasons":[],"auth_results":{"dkim":[],"spf":[{"domain":"a.example","scope":"","result":"pass"}]}}
      ]
    }
  ],
  "errors": [
    {
      "file": "z.txt",
      "text": "neither XML nor an archive, nor a mail that has one"
    }
  ],
  "warnings": [],
  "totals": {
    "reports": 2,
    "records": 5,
    "messages": 15,
    "passed": 8,
    "failed": 7,
    "quarantined": 1,
    "rejected": 3,
    "sources": 2
  },
  "groups": [
    {
      "author": "a.example",
      "source_ip": "192.0.2.9",
      "cause": "dkim-failed",
      "text": "the author's own signature did not verify: changed on the way, by a list for instance, or a wrong key",
      "advice": "If it comes straight from your own server, check selector and key; if it was forwarded, nothing is to be done.",
      "other": "",
      "messages": 6,
      "delivered": 3,
      "quarantined": 1,
      "rejected": 2,
      "overridden": 3,
      "override": "mailing_list",
      "begin": 1795132800,
      "end": 1795305599,
      "published_since": 0
    },
    {
      "author": "a.example",
      "source_ip": "192.0.2.7",
      "cause": "spf-missing",
      "text": "not authenticated: there was no SPF record then, and no DKIM signature passed",
      "advice": "If the source is yours, publish an SPF record that lists it and sign with DKIM; \"mxauth lint\" shows what is there now.",
      "other": "a.example",
      "messages": 1,
      "delivered": 0,
      "quarantined": 0,
      "rejected": 1,
      "overridden": 0,
      "override": "",
      "begin": 1795132800,
      "end": 1795305599,
      "published_since": 8
    },
    {
      "author": "a.example",
      "source_ip": "192.0.2.7",
      "cause": "pass-spf",
      "text": "authenticated by SPF alone: without an aligned DKIM signature it fails as soon as somebody forwards it",
      "advice": "Let this source sign with DKIM for the author's domain.",
      "other": "",
      "messages": 8,
      "delivered": 8,
      "quarantined": 0,
      "rejected": 0,
      "overridden": 0,
      "override": "",
      "begin": 1795305600,
      "end": 1795391999,
      "published_since": 0
    }
  ]
}
1
mxauth report: z.txt: neither XML nor an archive, nor a mail that has one
END
same "report as JSON"

[ $status = 0 ] && echo "14 passed"
exit $status
