#!/bin/sh
# mxauth explain QUEUE-ID: the newest message of that id, out of a journal.
. "${srcdir:-.}/t/support/is.sh"
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/journal"
echo "journal: { directory = \"$dir/journal\" }" >"$dir/conf"
file="$dir/journal/20261121T080000Z-0123456789abcdef.jsonl"
: >"$dir/zone"

# line TIME ID SPF DMARC ACTION CAUSE
line() {
	printf '%s' "{\"v\":1,\"time\":\"$1\",\"id\":\"$2\"," \
		"\"receiver\":\"mx.example.jp\",\"ip\":\"192.0.2.1\"," \
		"\"helo\":\"h.example.net\",\"mfrom\":\"u@a.example\"," \
		"\"body\":0,\"ms\":3,\"action\":{\"action\":\"$5\"," \
		"${6:+\"cause\":\"$6\",}\"profile\":\"standard\"," \
		"\"rule\":\"default\",\"disposition\":\"none\"," \
		"\"author\":0},\"spf\":{\"result\":\"$3\"," \
		"\"identity\":\"mailfrom\",\"domain\":\"a.example\"," \
		"\"sender\":\"u@a.example\",\"reason\":\"$3 it is\"}," \
		"\"dmarc\":{\"result\":\"$4\",\"policy\":\"reject\"," \
		"\"worst\":0,\"domains\":[{\"domain\":\"a.example\"," \
		"\"result\":\"$4\",\"reason\":\"none aligned\"}]}}"
	echo
}

# expect STATUS WORDS ARGUMENT...: exit status, and a part of the answer
expect() {
	status=$1
	words=$2
	shift 2
	out=$("$builddir/mxauth" explain --zone "$dir/zone" \
		--config "$dir/conf" "$@" 2>&1)
	got=$?
	case $out in
	*"$words"*) ;;
	*) got="$got, without \"$words\"" ;;
	esac
	if [ "$got" = "$status" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $*: got $got, want $status"
		echo "$out"
	fi
}

{
	echo '{"v":1,"file":"0123456789abcdef","time":"2026-11-21T08:00:00Z"}'
	line 2026-11-21T08:00:00Z 4XyZabc1 fail fail reject dmarc-reject
	line 2026-11-21T08:00:01Z 4XyZabc2 pass pass accept
	line 2026-11-21T08:00:02Z 4XyZabc3 fail fail reject dmarc-reject
	line 2026-11-21T08:00:03Z 4XyZabc3 pass pass accept
} >"$file"
expect 0 "It was refused." 4XyZabc1
expect 1 "It was accepted." 4XyZabc2
expect 1 "It was accepted." 4XyZabc3
expect 0 '"auth_failure": true' --json 4XyZabc1
expect 0 "  spf           result=fail identity=mailfrom" 4XyZabc1
expect 0 'reason="fail it is"' 4XyZabc1
expect 0 '"strictest": "reject"' --json 4XyZabc1
expect 0 '"spf_aligned": false' --json 4XyZabc1
expect 2 "no message with that queue id" 4XyZabc9
expect 66 "No such file" "$dir/none.eml"
expect 2 "Deliveries: 0, none refused" "$dir/journal"
expect 64 "usage:" --relay
expect 64 "--relay wants a host name" --relay "a b" "$dir/zone"

# story ID ARGUMENT...: the whole answer without the facts
story() {
	"$builddir/mxauth" explain --zone "$dir/zone" --config "$dir/conf" \
		"$@" 2>&1 | sed '/^All facts/,$d; /"transaction"/,$d'
}

recipients=$(awk 'BEGIN { for (i = 1; i <= 12; i++)
	printf "%s\"r%d@b.example\"", (i > 1 ? "," : ""), i }')
{
	printf '%s' '{"v":1,"time":"2026-11-21T08:00:05Z","id":"4Story1",' \
		'"receiver":"mx.example.jp","ip":"192.0.2.1",' \
		'"helo":"h.example.net","mfrom":"","body":0,"ms":3,' \
		'"action":{"action":"reject","cause":"dmarc-reject",' \
		'"profile":"standard","rule":"policy.conf:3",' \
		'"disposition":"reject","author":0,' \
		'"grounds":["no-signature","spf-fail"],"code":"550",' \
		'"enhanced":"5.7.26","text":["Mail is refused.","ref=4"]},' \
		'"spf":{"result":"fail","identity":"helo",' \
		'"domain":"h.example.net","reason":"it is not listed"},' \
		'"from":["a.example"],"dmarc":{"result":"fail",' \
		'"policy":"reject","worst":0,"domains":[{' \
		'"domain":"a.example","result":"fail","reason":"none"}]},' \
		'"dkim":[{"result":"fail","cause":"body","d":"a.example",' \
		'"s":"s","b":"x","reason":"changed"}],' \
		'"notes":["there is no From field"],"rcpts":12,' \
		"\"rcpt\":[$recipients]}"
	echo
	printf '%s' '{"v":1,"time":"2026-11-21T08:00:06Z","id":"4Story2",' \
		'"receiver":"mx.example.jp","ip":"192.0.2.1","helo":"",' \
		'"mfrom":"u@a.example","body":0,"ms":3,' \
		'"exempt":"trusted-network","action":{"action":"accept",' \
		'"profile":"standard","rule":"default",' \
		'"disposition":"none"},"spf":{"result":"none"},"rcpts":1,' \
		'"rcpt":["r1@b.example"]}'
	echo
	line 2026-11-21T08:00:07Z 4Tagged fail fail tag dmarc-reject
	line 2026-11-21T08:00:08Z 4Passed fail pass accept
	line 2026-11-21T08:00:08Z 4PassedTag softfail pass tag
	line 2026-11-21T08:00:09Z 4Soft softfail none accept
	line 2026-11-21T08:00:09Z 4Fail fail none accept
	line 2026-11-21T08:00:10Z 4Held none none quarantine malformed-from
	line 2026-11-21T08:00:11Z 4Later none none defer temperror
} >>"$file"
is "the story of a refusal" 'Message 4Story1, 2026-11-21T08:00:05Z
It came from 192.0.2.1.
The server called itself h.example.net
Envelope sender: none (a bounce)
Recipient: r1@b.example
Recipient: r2@b.example
Recipient: r3@b.example
Recipient: r4@b.example
Recipient: r5@b.example
Recipient: r6@b.example
Recipient: r7@b.example
Recipient: r8@b.example
Recipient: r9@b.example
Recipient: r10@b.example
... and 2 more recipients

SPF: fail - it is not listed
DKIM: fail, a.example - changed
DMARC: fail, a.example - none
note: there is no From field

It was refused.
    550 5.7.26 Mail is refused.
    550 5.7.26 ref=4
Decided by rule: policy.conf:3
Ground: no-signature
Ground: spf-fail' "$(story 4Story1)"
is "as JSON" '{"kind":"journal","auth_failure":true,"queue_id":"4Story1","time":1795248005,"ip":"192.0.2.1","mail_from":"","domain":"a.example","methods":["spf","dmarc"],"spf":"fail","dmarc":"fail","action":"reject","rule":"policy.conf:3","code":"550","status":"5.7.26","text":["Mailisrefused.","ref=4"],"failures":[],"fixes":[],' \
	"$(story --json 4Story1 | tr -d ' \n')"
is "one that was not verified" 'Message 4Story2, 2026-11-21T08:00:06Z
It came from 192.0.2.1.
Envelope sender: u@a.example
Recipient: r1@b.example
It was not verified: trusted-network.

It was accepted.
Decided by rule: default' "$(story 4Story2)"
expect 0 "It was accepted, and its header says what was found." 4Tagged
expect 0 "DKIM: none - the message was not signed" 4Tagged
expect 1 "It was accepted." 4Passed
expect 1 "It was accepted, and its header says what was found." 4PassedTag
expect 0 "It was accepted." 4Soft
expect 0 "It was accepted." 4Fail
expect 0 "It was put into the hold queue." 4Held
expect 0 "It was deferred: the sender tries again." 4Later
# --- out of the store: the same verdicts

if "$builddir/mxauth" history status --store sqlite::memory: 2>&1 |
	grep -q 'built without'; then
	echo "without SQLite nothing is asked of the store"
else
	cat >"$dir/fleet" <<-END
	journal: { directory = "$dir/empty" }
	store: { url = "sqlite:$dir/store.db" host = "mx9.example" }
	END
	mkdir "$dir/empty"
	"$builddir/mxauth" history import --config "$dir/fleet" \
		--now 2026-11-21T09:00:00Z "$file" >"$dir/out" 2>&1
	cp "$dir/conf" "$dir/journal.conf"
	cp "$dir/fleet" "$dir/conf"
	for id in 4XyZabc1 4XyZabc2 4XyZabc3 4Story1 4Tagged 4Passed \
		4PassedTag 4Soft 4Fail 4Held 4Later; do
		"$builddir/mxauth" explain --zone "$dir/zone" \
			--config "$dir/journal.conf" $id >"$dir/out" 2>&1
		status=$?
		expect $status "Message $id, 2026-11-21T08:00:" $id
		expect $status "mx9.example" $id
	done
	is "what the store keeps of a refusal" 'Message 4XyZabc1, 2026-11-21T08:00:00Z
It came from 192.0.2.1.
The server called itself h.example.net
Envelope sender: …@a.example

SPF: fail - fail it is
DKIM: none - the message was not signed
DMARC: fail, a.example - none aligned

It was refused.
Decided by rule: default

This is what the store keeps; the journal of mx9.example tells more.' \
		"$(story 4XyZabc1)"
	is "and of one that was tagged" \
		'Message 4Tagged, 2026-11-21T08:00:07Z, seen by mx9.example
    ip: 192.0.2.1
    from: a.example
    mfrom: a.example
    action: tag
    cause: dmarc-reject
    spf: fail
    dkim: none
    dmarc: fail
The store keeps no more of it; its reasons are in the journal of mx9.example.' \
		"$(story 4Tagged)"
	is "as JSON" \
		'{"kind":"store","auth_failure":true,"time":1795248007,"host":"mx9.example","queue_id":"4Tagged","ip":"192.0.2.1","domain":"a.example","mail_from_domain":"a.example","rcpt_domain":"","action":"tag","cause":"dmarc-reject","spf":"fail","dkim":"none","dmarc":"fail","failures":[],"fixes":[]}' \
		"$(story --json 4Tagged | tr -d ' \n')"
	is "that passed is no failure" '"auth_failure":false' \
		"$(story --json 4PassedTag | tr -d ' \n' |
			grep -o '"auth_failure":[a-z]*')"
	"$builddir/mxauth" explain --zone "$dir/zone" --config "$dir/conf" \
		--html "$dir/page" 4Tagged >"$dir/out"
	is "the page has it, too" 1 \
		"$(grep -c '^Message\|<pre>Message 4Tagged' "$dir/page")"
	cp "$dir/journal.conf" "$dir/conf"
fi

is "what passed is no method that failed" '"methods":["dmarc"]' \
	"$(sed 's/"fail","identity"/"pass","identity"/' "$file" >"$file.2"
	mv "$file.2" "$file"
	story --json 4Tagged | tr -d ' \n' | grep -o '"methods":\[[^]]*\]')"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
