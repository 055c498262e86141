#!/bin/sh
# mxauth explain over many messages: the truth of a generated log, boxes,
# directories, packed input, options, bad input.
passed=0
failed=0
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
src=$(cd "${srcdir:-.}" && pwd)
: >"$dir/conf"
cat >"$dir/zone" <<'Z'
$ORIGIN .
$TTL 60
example.com TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.example.com TXT "v=DMARC1; p=reject"
Z

ok() {
	passed=$((passed + 1))
}

bad() {
	failed=$((failed + 1))
	echo "FAIL: $*"
}

# is WHAT WANT GOT
is() {
	if [ "$2" = "$3" ]; then
		ok
	else
		bad "$1"
		printf -- '--- want\n%s\n--- got\n%s\n' "$2" "$3"
	fi
}

explain() {
	"$builddir/mxauth" explain --config "$dir/conf" --zone "$dir/zone" "$@"
}

# field NAME: its number in the JSON on standard input
field() {
	sed -n "s/^  \"$1\": \\([0-9]*\\),\$/\\1/p"
}

# --- a log, its truth known ---

"$builddir/t/support/loggen" 3000 7 >"$dir/mail.log" 2>"$dir/truth"
explain --json "$dir/mail.log" >"$dir/json"
is "status of a log with failures" 0 $?
is "deliveries, refused, deferred" "$(head -n 1 "$dir/truth")" \
	"$(field deliveries <"$dir/json") $(field refused <"$dir/json") $(field deferred <"$dir/json")"

# groups as "CLASS DOMAIN IP COUNT RECIPIENTS"
groups() {
	awk -F'"' '
	/"class":/ { class = $4 }
	/"domain":/ { domain = $4 }
	/"ip":/ { ip = $4 }
	/"temporary": true/ { class = "" }
	/"count":/ { split($0, c, /[:,] */); count = c[2] }
	/"recipients":/ { split($0, c, /[:,] */)
		if (class != "") print class, domain, (ip ? ip : "-"), count, c[2] }' |
		sort
}
grep -q '"provider": "example.net"' "$dir/json" && ok ||
	bad "the provider is the host's organizational domain"
is "every group with its count" "$(tail -n +2 "$dir/truth" | sort)" \
	"$(groups <"$dir/json")"

gzip -c "$dir/mail.log" >"$dir/mail.log.gz"
explain --json "$dir/mail.log.gz" | groups >"$dir/g1"
explain --json - <"$dir/mail.log" | groups >"$dir/g2"
is "a packed log" "$(groups <"$dir/json")" "$(cat "$dir/g1")"
is "a log on standard input" "$(groups <"$dir/json")" "$(cat "$dir/g2")"

want=$(awk '$1 == "unknown-user" { n += $4 } END { print n }' "$dir/truth")
is "recipients of a class" "$want" \
	"$(explain --list unknown-user "$dir/mail.log" | sort -u | wc -l | tr -d ' ')"
is "nothing after the end of time" "0" \
	"$(explain --json --since 2030-01-01 "$dir/mail.log" | field deliveries)"
is "everything before it" "$(head -n 1 "$dir/truth" | cut -d' ' -f1)" \
	"$(explain --json --until 2030-01-01 "$dir/mail.log" | field deliveries)"
is "by cause: one group a class" \
	"$(tail -n +2 "$dir/truth" | cut -d' ' -f1 | sort -u | wc -l | tr -d ' ')" \
	"$(explain --json --by cause "$dir/mail.log" | groups | wc -l | tr -d ' ')"

# --- boxes ---

# bounce N RECIPIENT
bounce() {
	cat <<-M
	From: MAILER-DAEMON@mail.example.com (Mail Delivery System)
	To: user@example.com
	Date: ${day:-Fri, 27} Nov 2026 09:1$1:00 +0000
	Subject: Undelivered Mail Returned to Sender
	MIME-Version: 1.0
	Content-Type: multipart/report; report-type=delivery-status; boundary=b

	--b
	Content-Type: message/delivery-status

	Reporting-MTA: dns; mail.example.com
	X-Postfix-Sender: rfc822; user@example.com

	Final-Recipient: rfc822; $2
	Action: failed
	Status: 5.7.26
	Remote-MTA: dns; mx.example.net
	Diagnostic-Code: smtp; 550 5.7.26 SPF check failed for example.com:
	 203.0.113.9 is not allowed

	--b--
	M
}
mkdir -p "$dir/maildir/cur" "$dir/maildir/new" "$dir/maildir/tmp" "$dir/plain"
bounce 1 a@example.net >"$dir/maildir/cur/1"
bounce 2 b@example.net >"$dir/maildir/new/2"
echo "Hello" >"$dir/maildir/new/3"
bounce 3 a@example.net >"$dir/plain/1.eml"
bounce 4 c@example.net >"$dir/plain/2.eml"
for n in 1 2 3; do
	echo "From - Fri Nov 27 09:14:01 2026"
	bounce $n "r$n@example.net"
	echo
done >"$dir/mbox"

explain --json "$dir/maildir" >"$dir/json"
is "a Maildir" "2 2 0" \
	"$(field deliveries <"$dir/json") $(field refused <"$dir/json") $(field deferred <"$dir/json")"
grep -q '"kind": "maildir"' "$dir/json" && ok || bad "kind of a Maildir"
grep -q '/new/3"' "$dir/json" && ok || bad "what is no bounce is named"
grep -q 'v=spf1 ip4:192.0.2.1 ip4:203.0.113.9 -all' "$dir/json" && ok ||
	{ bad "the fix of the group"; cat "$dir/json"; }
is "a directory" 2 "$(explain --json "$dir/plain" | field deliveries)"
is "an mbox" 3 "$(explain --json "$dir/mbox" | field deliveries)"
is "all of them at once" 7 \
	"$(explain --json "$dir/maildir" "$dir/plain" "$dir/mbox" | field deliveries)"
is "since a time within the Maildir" 1 \
	"$(explain --json --since 2026-11-27T09:12:00Z "$dir/maildir" | field deliveries)"
is "each message by itself" 3 \
	"$(explain --json --each "$dir/mbox" | grep -c '"kind": "bounce"')"
is "the answer in words comes first" \
	"Deliveries: 3. Refused: 3, still waiting: 0; for authentication: 3. Groups: 1." \
	"$(explain "$dir/mbox" | head -n 1)"
is "two files keep their objects" 2 \
	"$(explain --json "$dir/plain/1.eml" "$dir/plain/2.eml" | grep -c '"kind": "bounce"')"

# --- the whole answer ---

{
	echo "From - Fri Nov 27 09:14:01 2026"
	bounce 1 a@example.net
	echo
	echo "From - Fri Nov 27 09:14:01 2026"
	day='Fri, 20' bounce 2 b@example.net
	echo
	echo "From - Fri Nov 27 09:14:01 2026"
	bounce 1 c@example.net | sed 's/5\.7\.26/5.1.1/; /203\.0/d
		s/^Diagnostic.*/Diagnostic-Code: smtp; 550 5.1.1 no such user/'
	echo
	echo "From - Fri Nov 27 09:14:01 2026"
	bounce 1 d@example.net | sed 's/failed/delayed/; s/5\.7\.26/4.2.2/
		/203\.0/d
		s/^Diagnostic.*/Diagnostic-Code: smtp; 452 4.2.2 mailbox full/'
	echo
	printf 'From - Fri Nov 27 09:14:01 2026\nSubject: hello\n\nHello\n'
} >"$dir/mixed"
explain "$dir/mixed" >"$dir/text"
is "status: some failed authentication" 0 $?
is "groups in words" 'Deliveries: 4. Refused: 3, still waiting: 1; for authentication: 2. Groups: 3.

       2 spf-fail, example.com [203.0.113.9], example.net, 550 5.7.26
         2 recipients, 2026-11-20 .. 2026-11-27
         SPF check failed for example.com: 203.0.113.9 is not allowed
         Publish this TXT record at example.com:
             v=spf1 ip4:192.0.2.1 ip4:203.0.113.9 -all
         Tried before you publish it: 203.0.113.9 passes, and unrelated
         addresses do not.

       1 unknown-user, example.com, example.net, 550 5.1.1
         1 recipient, 2026-11-27
         no such user

       1 mailbox-full (still waiting), example.com, example.net, 452 4.2.2
         1 recipient, 2026-11-27
         mailbox full

1 message is not a bounce that can be read:
    mixed:5' "$(sed "s|$dir/||" "$dir/text")"
explain --json "$dir/mixed" | tr -d ' \n' | sed "s|$dir/||g" >"$dir/json"
is "what was read" '{"kind":"summary","inputs":[{"path":"mixed","kind":"mbox","messages":5,"lines":0}],"deliveries":4,"refused":3,"deferred":1,"first":"2026-11-20T09:12:00Z","last":"2026-11-27T09:11:00Z","groups":[' \
	"$(sed 's/\("groups":\[\).*/\1/' "$dir/json")"
is "a group" '{"auth_failure":true,"class":"spf-fail","causes":["spf-not-listed"],"methods":["spf"],"domain":"example.com","provider":"example.net","ip":"203.0.113.9","status":"5.7.26","reply":"550","temporary":false,"count":2,"recipients":2,"first":"2026-11-20T09:12:00Z","last":"2026-11-27T09:11:00Z","example":"SPFcheckfailedforexample.com:203.0.113.9isnotallowed","fixes":[{"action":"edit-spf","name":"example.com","type":"TXT","record":"v=spf1ip4:192.0.2.1ip4:203.0.113.9-all","old":"v=spf1ip4:192.0.2.1-all","verified":true,' \
	"$(sed 's/.*"groups":\[//; s/"text":.*//' "$dir/json")"
is "the last one, and the end" '{"auth_failure":false,"class":"mailbox-full","causes":[],"methods":[],"domain":"example.com","provider":"example.net","ip":"","status":"4.2.2","reply":"452","temporary":true,"count":1,"recipients":1,"first":"2026-11-27T09:11:00Z","last":"2026-11-27T09:11:00Z","example":"mailboxfull","fixes":[]}],"not_understood":{"count":1,"examples":["mixed:5"]}}' \
	"$(sed 's/.*,\({"auth_failure":false,"class":"mailbox\)/\1/' "$dir/json")"
is "a list as JSON" '[ c@example.net ]' \
	"$(explain --json --list unknown-user "$dir/mixed" | xargs)"
explain --list spf-fail "$dir/mixed" >"$dir/list"
is "status of a list" 0 $?
is "and in lines" 'a@example.net b@example.net' "$(xargs <"$dir/list")"
bounce 1 e@example.net | sed 's/5\.7\.26/5.1.1/; /203\.0/d
	s/^Diagnostic.*/Diagnostic-Code: smtp; 550 5.1.1 no such user/' \
	>"$dir/one"
cp "$dir/one" "$dir/maildir/cur/9"
rm "$dir"/maildir/cur/1 "$dir"/maildir/new/2
explain "$dir/maildir" >"$dir/text"
is "status: refused for other reasons" 1 $?
long=x
while [ ${#long} -lt 600 ]; do
	long=$long$(printf '\343\201\202')
done
sed "s/no such user/$long/" "$dir/one" >"$dir/maildir/cur/9"
is "of a reply 300 bytes are shown, and no half character" 298 \
	"$(explain "$dir/maildir" | sed -n '/^ *x/,/^$/p' | tr -d ' \n' | wc -c |
		xargs)"

# --- what is wrong ---

# fails STATUS WORDS ARGUMENT...
fails() {
	status=$1
	words=$2
	shift 2
	out=$(explain "$@" 2>&1 >/dev/null)
	got=$?
	case $got:$out in
	$status:*"$words"*) ok ;;
	*) bad "$*: status $got, want $status; $out" ;;
	esac
}
fails 64 "--by wants" --by moon "$dir/mbox"
fails 64 "--since wants" --since yesterday "$dir/mbox"
fails 64 "--list wants" --list nonsense "$dir/mbox"
head -c 200 "$dir/mail.log.gz" >"$dir/cut.gz"
fails 66 "damaged" --by cause "$dir/cut.gz"
fails 66 "No such file" --by cause "$dir/nothing-there.log"
mkdir "$dir/empty"
fails 2 "" "$dir/empty"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
