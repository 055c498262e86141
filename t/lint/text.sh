#!/bin/sh
# text.sh - mxauth lint in words, as a whole; usage and exit status.
build=$(cd "${builddir:-.}" && pwd)
top=$(cd "${srcdir:-.}" && pwd)
mxauth=$build/mxauth
dir=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-lint.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
. "$top/t/support/is.sh"

# lint WANT ARGUMENT...: its exit status; its output is kept
lint() {
	want=$1
	shift
	"$mxauth" lint --config "$dir/conf" --zone "$dir/zone" "$@" \
		>"$dir/out" 2>"$dir/err"
	is "status of mxauth lint $*" "$want" "$?"
}

echo 'policy-file = ""; journal: { directory = "" }' >"$dir/conf"
cat >"$dir/zone" <<END
shop.example. MX 10 mx1.shop.example.
shop.example. MX 20 mx2.shop.example.
mx1.shop.example. A 192.0.2.1
mx2.shop.example. A 192.0.2.2
shop.example. TXT "v=spf1 mx include:esp.example include:none.example -all ip4:192.0.2.99"
esp.example. TXT "v=spf1 ip4:198.51.100.0/24 ~all"
a._domainkey.shop.example. TXT "$("$build/t/support/mxsign" --print-key \
	"$top/t/keys/rsa1024.pem")"
b._domainkey.shop.example. TXT "v=DKIM1; p="
c._domainkey.shop.example. TXT "v=DKIM1; p=MIIB"
;! servfail e._domainkey.shop.example
_dmarc.shop.example. TXT "v=DMARC1; p=reject; rua=mailto:d@shop.example,mailto:x@watch.example; ruf=mailto:f@shop.example"
shop.example._report._dmarc.watch.example. TXT "v=DMARC1"
watch.example. MX 10 mx1.shop.example.
1.2.0.192.in-addr.arpa. PTR mx1.shop.example.
parked.example. MX 0 .
parked.example. TXT "v=spf1 -all"
_dmarc.parked.example. TXT "v=DMARC1; p=reject"
_dmarc.parked.example. TXT "v=DMARC1; p=none"
;! servfail _dmarc.mute.example
;! servfail silent.example
mute.example. TXT "v=spf1 a:h.mute.example -all"
mute.example. MX 10 h.mute.example.
h.mute.example. A 192.0.2.7
fine.example. MX 10 h.mute.example.
fine.example. TXT "v=spf1 mx -all"
_dmarc.fine.example. TXT "v=DMARC1; p=reject; rua=mailto:d@fine.example"
END

# --- in words

lint 1 --ip 192.0.2.1 --ip 203.0.113.5 --selector a --selector b --selector c \
	--selector d --selector e shop.example
is "the answer" 'shop.example: errors: 5, warnings: 3, notes: 1
Gmail, Yahoo and Microsoft ask bulk senders for: SPF (no), DKIM (yes), DMARC
  (yes), alignment (no), PTR (no).

Findings' "$(sed '/^Findings/q' "$dir/out")"
is "errors come first" 'error error error error error warning warning warning note' \
	"$(sed -n 's/^  \([a-z]*\): [a-z-]*, .*/\1/p' "$dir/out" | sed 9q | xargs)"
is "a finding without a record" \
	'  error: dkim-missing, d._domainkey.shop.example
    There is no DKIM key at d._domainkey.shop.example: every signature made
    with it fails.
    Publish the record that your signing software gives for this selector at
    d._domainkey.shop.example.' \
	"$(sed -n '/dkim-missing/,/^    d\._/p' "$dir/out")"
is "the record for several findings comes with the last" \
	'  error: spf-not-listed, shop.example
    Mail from 203.0.113.5 does not pass SPF: the result is permerror.
  error: dkim-syntax, c._domainkey.shop.example' \
	"$(sed -n '/spf-not-listed/,/dkim-syntax/p' "$dir/out")"
is "with what was changed" \
	'    Publish at shop.example:
        v=spf1 mx include:esp.example ip4:192.0.2.99 ip4:203.0.113.5 -all' \
	"$(sed -n '/Publish at shop/,/v=spf1/p' "$dir/out")"
is "what is published" '
SPF
  3 of 10 lookups, 0 of 2 void lookups
    mx -> mx1.shop.example, mx2.shop.example
    include:esp.example (1 lookup)
      ip4:198.51.100.0/24
      ~all
    include:none.example (1 lookup)
      none.example: no SPF record
    -all
    ip4:192.0.2.99 (never evaluated)
  sender 192.0.2.1: SPF pass, PTR pass (mx1.shop.example)
  sender 203.0.113.5: SPF permerror, PTR permerror

DKIM
  a: rsa 1024 bits (named)
  b: revoked (named)
  c: cannot be used (named)
  d: no record (named)
  e: the DNS does not answer (named)

DMARC
  _dmarc.shop.example: v=DMARC1; p=reject; rua=mailto:d@shop.example,mailto:x@watch.example; ruf=mailto:f@shop.example
  _dmarc.example: -
  rua mailto:d@shop.example
  rua mailto:x@watch.example (has agreed)
  ruf mailto:f@shop.example

MX
  mx1.shop.example
  mx2.shop.example' "$(echo; sed -n '/^SPF$/,$p' "$dir/out")"
lint 1 parked.example mute.example
is "no mail, several records, no answer" 'parked.example: errors: 1, warnings: 0, notes: 0
Gmail, Yahoo and Microsoft ask bulk senders for: SPF (yes), DKIM (not known),
  DMARC (no), alignment (not known), PTR (not known).

Findings
  error: dmarc-multiple, _dmarc.parked.example
    There are 2 DMARC records at _dmarc.parked.example: receivers ignore them
    all.
    Publish at _dmarc.parked.example:
        v=DMARC1; p=reject

SPF
  0 of 10 lookups, 0 of 2 void lookups
    -all

DKIM

DMARC
  _dmarc.parked.example: several records
  _dmarc.example: -

MX
  null MX: the domain takes no mail

mute.example: errors: 1, warnings: 0, notes: 1' \
	"$(sed '/^mute.example: /q' "$dir/out")"
is "the other domain" '
DMARC
  _dmarc.mute.example: the DNS does not answer
  _dmarc.example: -

MX
  h.mute.example' "$(sed '1,/^mute.example:/d' "$dir/out" |
	sed -n '/^DMARC$/,$p' | sed '1s/^/\n/')"

# --- exit status: errors are sure, what the DNS did not say is not

lint 0 fine.example
lint 1 fine.example shop.example
lint 1 shop.example fine.example
lint 2 silent.example
lint 2 silent.example fine.example
lint 2 fine.example silent.example
lint 1 silent.example shop.example
lint 1 shop.example silent.example

# --- usage

lint 0 --help
lint 64
is "usage" 'usage: mxauth lint' "$(head -n 1 "$dir/err" | cut -c -18)"
lint 64 'a b'
is "not a domain" "mxauth lint: 'a b' is not a domain name" "$(cat "$dir/err")"
lint 64 --selector 'a b' fine.example
is "not a selector" "mxauth lint: --selector wants a selector, not 'a b'" \
	"$(cat "$dir/err")"
set --
while [ $# -lt 48 ]; do
	set -- "$@" --selector "s$#"
done
lint 1 "$@" fine.example
lint 64 "$@" --selector s fine.example
is "25 selectors" 'mxauth lint: more than 24 selectors' "$(cat "$dir/err")"
set --
while [ $# -lt 128 ]; do
	set -- "$@" --ip 192.0.2.7
done
lint 0 "$@" fine.example
lint 64 "$@" --ip 192.0.2.7 fine.example
is "65 addresses" 'mxauth lint: more than 64 addresses' "$(cat "$dir/err")"
lint 64 --ip 192.0.2 fine.example
lint 64 --bogus fine.example
lint 73 --html "$dir/none/page" fine.example
lint 66 --zone "$dir/none" fine.example
lint 78 --config "$dir/zone" fine.example
"$mxauth" lint --config "$dir/conf" --dns nowhere fine.example >"$dir/out" 2>&1
is "status of --dns nowhere" 64 $?
lint 0 --json fine.example
is "one domain is one object" '{ }' "$(sed -n '1p;$p' "$dir/out" | xargs)"
lint 1 --json fine.example parked.example
is "two are a list" '[ ]' "$(sed -n '1p;$p' "$dir/out" | xargs)"
is "of both" 'fine.example parked.example' \
	"$(sed -n 's/^    "domain": "\(.*\)",/\1/p' "$dir/out" | xargs)"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
