#!/bin/sh
# mxauth explain QUEUE-ID: the newest message of that id, out of a journal.
passed=0
failed=0
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

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
