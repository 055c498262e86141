#!/bin/sh
# history.sh - what the page of a journal says: journal.py writes 40 messages of
# one day, each of its 20 kinds twice, one every 1500 s from 01:00 on.
build=$(cd "${builddir:-.}" && pwd)
top=$(cd "${srcdir:-.}" && pwd)
mxauth=$build/mxauth
if ! command -v python3 >/dev/null; then
	echo "skipped: needs python3"
	exit 77
fi
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-page.XXXXXX") || exit 99
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
			-e 's/<\/dd>/\n/g; s/<\/caption>/\n/g' \
			-e 's/<\/summary>/\n/g; s/<\/span>/ /g' \
			-e 's/<[^>]*>//g' | sed -e '/^ *$/d; s/ *$//' \
			-e 's/&lt;img.*details\(&gt;\)*/EVIL/'
}

cat >"$tmp/conf" <<'END'
journal: { directory = "" }
store: { host = "mx1.example" }
END
python3 "$top/t/page/journal.py" "$tmp/journal" 1 40 || exit 99
if "$mxauth" history status --store sqlite::memory: 2>&1 |
	grep -q 'built without'; then
	echo "skipped: built without SQLite"
	exit 77
fi
"$mxauth" history page --config "$tmp/conf" --now 2026-11-21T20:00:00Z \
	--html "$tmp/page" "$tmp"/journal/*.jsonl || status=1
words "$tmp/page" >"$tmp/words"
cat >"$tmp/want" <<'END'
Received mail
2026-11-14 &ndash; 2026-11-21.
Messages: 40, of them refused: 4, held: 2, deferred: 2, tagged: 2
Why not accepted: dmarc-quarantine (2), dmarc-reject (2), no-author (2)
Refused most often: EVIL (2), news0.example (1), news2.example (1)
DNS did not answer for: news2.example (1), news4.example (1)
Our reports: none
Monitor would have: reject (2)
Exceptions: local_policy (3), mailing_list (2), trusted_forwarder (1)
From where: 192.0.2.0/24 (10)
Longest wait: 10.3 s
accepted 30 tagged 2 held 2 deferred 2 refused 4 most on one day: 40
2026-11-14 2026-11-17 2026-11-21
By day
Messages by day
day|accepted|tagged|held|deferred|refused|
2026-11-21|30|2|2|2|4|
What was done, and why
action|cause|messages|author domains|last|
accept||28|6|2026-11-21T16:50:00Z|
accept|dmarc-reject|2|2|2026-11-21T16:00:00Z|
defer|temperror|2|2|2026-11-21T15:10:00Z|
quarantine|dmarc-quarantine|2|2|2026-11-21T14:45:00Z|
reject|dmarc-reject|2|2|2026-11-21T14:20:00Z|
reject|no-author|2|1|2026-11-21T17:15:00Z|
tag|spf-softfail|2|2|2026-11-21T15:35:00Z|
Author domains that were not simply accepted
author domain|messages|refused|last|
[#a0]EVIL|2|2|2026-11-21T17:15:00Z|
[#a5]news2.example|2|1|2026-11-21T14:20:00Z|
[#a7]news3.example|2|0|2026-11-21T14:45:00Z|
[#a2]news0.example|1|1|2026-11-21T06:00:00Z|
[#a4]news1.example|1|0|2026-11-21T06:25:00Z|
[#a9]news4.example|1|0|2026-11-21T15:10:00Z|
[#a11]news5.example|1|0|2026-11-21T15:35:00Z|
The DNS did not answer
author domain|messages|last|
[#a5]news2.example|1|2026-11-21T06:50:00Z|
[#a9]news4.example|1|2026-11-21T15:10:00Z|
Our reportsnone
Sources that were not simply accepted
source|messages|refused|last|
192.0.2.0/24|10|4|2026-11-21T17:15:00Z|
What profile monitor would have done
action|cause|author domain|messages|last|
reject|dmarc-reject|[#a2]news0.example|1|2026-11-21T16:00:00Z|
reject|dmarc-reject|[#a9]news4.example|1|2026-11-21T07:40:00Z|
Exceptions from published policies: lists, forwarders, sealers
exception|ground|handed over by|messages|last|
local_policy|||2|2026-11-21T16:00:00Z|
mailing_list|list-signature|lists.example|2|2026-11-21T16:25:00Z|
local_policy|trusted-sealer|sealer.example|1|2026-11-21T16:50:00Z|
trusted_forwarder|trusted-forwarder-network|192.0.2.0/24|1|2026-11-21T08:30:00Z|
Slowest messages
seconds|queue id|author domain|time|
10.3|[#m9]4F00022|[#a9]news4.example|2026-11-21T15:10:00Z|
9.5|[#m6]4F0000E|[#a5]news2.example|2026-11-21T06:50:00Z|
Hosts
host|messages|imported through|
mx1.example|40|-|
END
sed '/^Messages.* newest/,$d' "$tmp/words" >"$tmp/got"
same "the answers and the tables"

# columns that small screens do not show
grep -o '<thead>.*>refused</th></tr></thead>' "$tmp/page" | head -n 1 |
	grep -o 'class="[a-z ]*">[a-z]*' | sed 's/class="//; s/">/: /' >"$tmp/got"
cat >"$tmp/want" <<'END'
n: day
n: accepted
n small: tagged
n: held
n small: deferred
n: refused
END
same "which columns are small"

# messages by author, the newest first; one that was tagged has no story
cat >"$tmp/want" <<'END'
news0.example (2)
4F00024 2026-11-21T16:00:00Z  192.0.2.0/24 mfrom=news0.example rcpt=example.jp action=accept would=reject cause=dmarc-reject spf=fail dkim=none dmarc=fail
Message 4F00024, 2026-11-21T16:00:00Z
It came from 192.0.2.0/24.
The server called itself mail.news0.example
Envelope sender: a…@news0.example
Recipient: t…@example.jp
SPF: fail - 192.0.2.0/24 is not listed in the record of news0.example
DKIM: none - the message was not signed
DMARC: fail, news0.example - no aligned identifier passed
It was accepted.
A profile other than monitor would have refused it.
Decided by rule: default
Ground: no-signature
4F0000C 2026-11-21T06:00:00Z  192.0.2.0/24 mfrom=news0.example rcpt=example.jp action=reject cause=dmarc-reject spf=fail dkim=none dmarc=fail
Message 4F0000C, 2026-11-21T06:00:00Z
It came from 192.0.2.0/24.
The server called itself mail.news0.example
Envelope sender: a…@news0.example
Recipient: t…@example.jp
SPF: fail - 192.0.2.0/24 is not listed in the record of news0.example
DKIM: none - the message was not signed
DMARC: fail, news0.example - no aligned identifier passed
It was refused.
    550 5.7.26 mail of news0.example from 192.0.2.0/24 is refused: its policy is reject
Decided by rule: default
Ground: no-signature
Ground: spf-fail
END
sed -n '/^news0.example (/,/^news1/p' "$tmp/words" | sed '$d' >"$tmp/got"
same "the messages of an author"
grep -o '<details id="[am][0-9]*">\|<p id="m[0-9]*">' "$tmp/page" |
	tr -d '\n' >"$tmp/got"
printf '%s' '<details id="a0"><details id="m0"><details id="m1">' \
	'<details id="a2"><details id="m2"><details id="m3">' \
	'<details id="a4"><details id="m4">' \
	'<details id="a5"><details id="m5"><details id="m6">' \
	'<details id="a7"><details id="m7"><p id="m8">' \
	'<details id="a9"><details id="m9"><details id="m10">' \
	'<details id="a11"><p id="m11">' >"$tmp/want"
same "what the links lead to"

# with more days than the chart has room for, the last ones; an empty period
"$mxauth" history page --config "$tmp/conf" --now 2026-11-21T20:00:00Z \
	--since 2024-01-01 --html "$tmp/long" "$tmp"/journal/*.jsonl || status=1
words "$tmp/long" | grep -A1 '^accepted 30' | tail -n 1 >"$tmp/got"
echo '2025-10-18 2026-05-05 2026-11-21' >"$tmp/want"
same "the last 400 days"
"$mxauth" history page --config "$tmp/conf" --now 2026-11-21T20:00:00Z \
	--since 2026-11-22 --until 2026-11-24 --html "$tmp/empty" \
	"$tmp"/journal/*.jsonl || status=1
words "$tmp/empty" | sed -n 2,12p >"$tmp/got"
cat >"$tmp/want" <<'END'
2026-11-22 &ndash; 2026-11-23.
Messages: 0, of them refused: 0, held: 0, deferred: 0, tagged: 0
Why not accepted: none
Refused most often: none
DNS did not answer for: none
Our reports: none
Monitor would have: none
Exceptions: none
From where: none
Longest wait: less than a second
accepted 0 tagged 0 held 0 deferred 0 refused 0 most on one day: 1
END
same "a period without messages"
[ $status = 0 ] && echo "7 passed"
exit $status
