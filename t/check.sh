#!/bin/sh
# mxauth check: a message evaluated, in text and JSON, and its exit status.
build=$(cd "${builddir:-.}" && pwd)
top=$(cd "${srcdir:-.}" && pwd)
mxauth=$build/mxauth
dir=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-check.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
. "${srcdir:-.}/t/support/is.sh"

# check WANT ARGUMENT...: its exit status; its output is kept
check() {
	want=$1
	shift
	"$mxauth" check --config "$dir/conf" --zone "$dir/zone" "$@" \
		>"$dir/out" 2>"$dir/err"
	is "status of mxauth check $*" "$want" "$?"
}

# text FIRST LAST: these lines of the output, patterns or numbers
text() {
	sed -n "$1,$2p" "$dir/out"
}

# line PATTERN: the lines of the output with it
line() {
	grep -e "$1" "$dir/out"
}

# json: the output without blanks and line ends
json() {
	tr -d ' \n' <"$dir/out"
}

# has TEXT WORDS: the JSON has them, written without blanks
has() {
	json | grep -qF -- "$2"
	is "$1: $2 in $(json)" 0 $?
}

sign=$build/t/support/mxsign
key=$top/t/keys/rsa2048.pem
cat >"$dir/plain" <<'END'
Return-Path: <bounce@news.example>
From: Ann <ann@example.com>
To: bob@example.net
Subject: hello
Date: Sun, 29 Nov 2026 10:00:00 +0000

Hello.
END
"$sign" --domain example.com --selector s --key "$key" \
	<"$dir/plain" >"$dir/signed"
sed 's/example\.com/q.example/' "$dir/plain" >"$dir/q"
sed 's/example\.com/mute.example/' "$dir/plain" >"$dir/mute"
sed '/^From/d' "$dir/plain" >"$dir/nobody"
cat >"$dir/zone" <<END
example.com. TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.example.com. TXT "v=DMARC1; p=reject"
s._domainkey.example.com. TXT "$("$sign" --print-key "$key" |
	sed 's/.\{200\}/&" "/g')"
news.example. TXT "v=spf1 ip4:198.51.100.1 -all"
_dmarc.q.example. TXT "v=DMARC1; p=quarantine"
1.2.0.192.in-addr.arpa. PTR mail.example.com.
mail.example.com. A 192.0.2.1
;! servfail _dmarc.mute.example
END
cat >"$dir/conf" <<'END'
authserv-id = "mx.example.org"
policy-file = ""
journal: { directory = "" }
END

# --- text

check 0 --ip 192.0.2.1 --helo mail.example.com --mail-from ann@example.com \
	"$dir/signed"
is "each method, and what becomes of it" \
	'SPF    pass       example.com: 192.0.2.1 is listed in the SPF record of example.com (ip4:192.0.2.1)
DKIM   pass       example.com
DMARC  pass       example.com: SPF passes for example.com

Action: accept, by rule default
' "$(text 1 6)
"
is "the header field" 'Authentication-Results: mx.example.org;
	spf=pass smtp.mailfrom=example.com;' "$(text 7 8)"
is "what the DNS was asked" 'DNS:
  TXT   example.com: v=spf1 ip4:192.0.2.1 -all
  TXT   mail.example.com: (nodata)
  PTR   1.2.0.192.in-addr.arpa: mail.example.com
  A     mail.example.com: 192.0.2.1' "$(text '/^DNS:/' '$' | grep -v _d)"

check 1 --ip 203.0.113.1 "$dir/plain"
is "the sender of Return-Path; grounds; the reply" \
	'SPF    fail       news.example: 203.0.113.1 is not listed in the SPF record of news.example (-all)
DKIM   none       no signature
DMARC  fail       example.com: neither SPF nor DKIM passes for example.com

Action: reject, by rule default; grounds: no-signature, no-list-fields, spf-fail, no-reverse-name
  550-5.7.26 Mail from example.com is refused: its DMARC policy is reject, and
  550-5.7.26 neither SPF nor DKIM passes for example.com. SPF: fail for news.example
  550-5.7.26 at [203.0.113.1]; DKIM: no signature.
  550 5.7.26 ref=NOQUEUE@mx.example.org spf=fail dkim=none dmarc=fail rule=default grounds=no-signature,no-list-fields,spf-fail,no-reverse-name' \
	"$(text 1 /ref=/)"
check 1 --ip 203.0.113.1 --mail-from '<>' --helo h.example "$dir/plain"
is "--mail-from before Return-Path" \
	'SPF    none       h.example: h.example publishes no SPF record: the name does not exist' \
	"$(text 1 1)"
check 1 --ip 203.0.113.1 "$dir/nobody"
is "no author, and a note of it" \
	'DMARC  none       there is no From field
note              from: there is no From field' "$(text 3 4)"
check 0 --ip 203.0.113.1 - <"$dir/signed"
is "standard input" 'DKIM   pass       example.com' "$(text 2 2)"
echo 'profile = "monitor"' >>"$dir/conf"
check 0 --ip 203.0.113.1 "$dir/plain"
is "what another profile would do" \
	'Action: tag, by rule conf:4; would be: reject; grounds: no-signature, no-list-fields, spf-fail, no-reverse-name' \
	"$(line ^Action)"
sed -i 's/monitor/strict/' "$dir/conf"
check 3 --ip 203.0.113.1 "$dir/q"
is "quarantine" 'Action: quarantine' "$(line ^Action | cut -d, -f1)"
echo 'actions: { temperror = "defer" }' >>"$dir/conf"
check 2 --ip 203.0.113.1 "$dir/mute"
is "the DNS did not answer" '  TXT   _dmarc.mute.example: (servfail)' \
	"$(line '^  TXT *_dmarc.mute')"

# ARC, notes
"$sign" --arc 1 --domain s.example --selector s --key "$key" \
	<"$dir/plain" >"$dir/sealed"
check 1 --ip 203.0.113.1 "$dir/sealed"
is "no line of ARC unless sealers are trusted" 0 "$(grep -c '^ARC' "$dir/out")"
echo 'arc: { trusted-sealers = ["*"] }' >>"$dir/conf"
check 1 --ip 203.0.113.1 "$dir/sealed"
is "ARC" 1 "$(grep -c '^ARC    fail ' "$dir/out")"

# --- JSON

check 1 --json --ip 203.0.113.1 --helo h.example --rcpt a@b.example \
	--rcpt c@d.example "$dir/plain"
has "the client" '"receiver":"mx.example.org","ip":"203.0.113.1","hops":0,'
has "HELO" '"helo":"h.example"'
has "the sender of Return-Path" '"mfrom":"bounce@news.example"'
has "bytes of the body, with CRLF" '"body":8,'
has "recipients" '"rcpts":2,"rcpt":["a@b.example","c@d.example"]'
has "the action" '"action":"reject","cause":"dmarc-reject","profile":"strict"'
has "the DNS" '{"name":"news.example","type":"TXT","cached":false,"status":"data"'
has "the header field" '"header":"Authentication-Results:mx.example.org;\n\tspf=fail\n\t'
is "it ends like this" '}' "$(tail -n 1 "$dir/out")"
case $(sed -n 's/^  "time": "\(.*\)",$/\1/p' "$dir/out") in
$(date -u +%Y)-*Z) passed=$((passed + 1)) ;;
*) is "the time is now" "$(date -u)" "$(sed -n 2p "$dir/out")" ;;
esac
: >"$dir/empty"
check 1 --json "$dir/empty"
has "nothing is known" '"ip":null,"hops":0,'
sed -i '/authserv-id/d' "$dir/conf"
check 1 --json --ip 192.0.2.1 "$dir/empty"
has "without a name: that of the host" "\"receiver\":\"$(uname -n)\""

# --- usage

check 64
check 64 "$dir/plain" "$dir/q"
check 64 --ip 192.0.2.256 "$dir/plain"
is "no address" \
	"mxauth check: --ip wants an address, not '192.0.2.256'" \
	"$(cat "$dir/err")"
check 64 --bogus "$dir/plain"
check 66 "$dir/none"
check 66 --zone "$dir/none" "$dir/plain"
check 78 --config "$dir/plain" "$dir/plain"
check 0 --help
"$mxauth" check --config "$dir/conf" --dns nowhere "$dir/plain" \
	>"$dir/out" 2>"$dir/err"
is "status of --dns nowhere" 64 $?

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
