#!/bin/sh
# mxauth explain --format: the proposed records as something to paste, with what
# they replace.
. "${srcdir:-.}/t/support/is.sh"
mxauth=$builddir/mxauth
dir=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-change.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT

# explain DOMAIN ARGUMENT...: about mail of DOMAIN from 192.0.2.9
explain() {
	printf 'Received-SPF: fail identity=mailfrom;\n client-ip=192.0.2.9;%s\n' \
		" envelope-from=u@$1" >"$dir/header"
	shift
	"$mxauth" explain --zone "$dir/zone" "$@" "$dir/header"
}

cat >"$dir/zone" <<'END'
one.example. TXT "v=spf1 ip4:192.0.2.1 -all"
one.example. TXT "another=\"record\""
two.example. TXT "v=spf1 ip4:192.0.2.1 -all"
two.example. TXT "v=spf1 ip4:192.0.2.2 -all"
fine.example. TXT "v=spf1 ip4:192.0.2.9 -all"
none.example. MX 10 mx.none.example.
mx.none.example. A 192.0.2.9
END
printf 'long.example. TXT "v=spf1' >>"$dir/zone"
for i in 11 12 13 14 15 16 17 18; do
	printf ' ip4:198.51.100.%s" " ip4:203.0.113.%s' "$i" "$i" >>"$dir/zone"
done
printf ' -all"\n' >>"$dir/zone"

is "a zone file: what goes is a comment, what comes a line" \
	'; remove: one.example. 3600 IN TXT "v=spf1 ip4:192.0.2.1 -all"
one.example. 3600 IN TXT "v=spf1 ip4:192.0.2.1 ip4:192.0.2.9 -all"' \
	"$(explain one.example --format zone | sed 1d)"
is "its first line is the answer as a comment" \
	'; one.example: SPF does not list 192.0.2.9.' \
	"$(explain one.example --format zone | sed -n '1s/ Publish.*//p')"
is "nsupdate" \
	'update delete one.example. TXT "v=spf1 ip4:192.0.2.1 -all"
update add one.example. 3600 TXT "v=spf1 ip4:192.0.2.1 ip4:192.0.2.9 -all"
send' "$(explain one.example --format nsupdate | sed 1d)"
is "all records that become one go" \
	'update delete two.example. TXT "v=spf1 ip4:192.0.2.1 -all"
update delete two.example. TXT "v=spf1 ip4:192.0.2.2 -all"' \
	"$(explain two.example --format nsupdate | grep delete)"
is "a new record deletes nothing" \
	'update add none.example. 3600 TXT "v=spf1 mx ~all"
send' "$(explain none.example --format nsupdate | sed 1d)"
is "strings of 255 bytes at the most (RFC 1035 section 3.3)" 255 \
	"$(explain long.example --format zone | sed -n '$s/.*TXT //p' |
		awk -F'" "' '{ print length($1) - 1 }')"
is "nothing to publish" '; There is no record to publish.' \
	"$(explain fine.example --format zone | sed 1d)"
is "and nothing is sent" '' \
	"$(explain fine.example --format nsupdate | grep -v '^;')"
is "JSON: the names" 'one.example TXT 3600' \
	"$(explain one.example --format json | tr -d '", ' |
		awk -F: '$1 == "name" { n = $2 } $1 == "type" { t = $2 }
			$1 == "ttl" { print n, t, $2 }')"
is "JSON: what comes" \
	'"add": "v=spf1 ip4:192.0.2.1 ip4:192.0.2.9 -all"' \
	"$(explain one.example --format json | grep -o '"add": "[^"]*"')"
is "JSON: what goes, and not the other record" 1 \
	"$(explain one.example --format json | tr -d '\n' |
		grep -o '"remove": *\[[^]]*\]' | grep -o '"v=spf1' | wc -l |
		tr -d ' ')"
explain one.example --format paper >"$dir/out" 2>&1
is "another format: status 64" 64 $?
# --- waiting for the record

# checked STATUS DOMAIN ARGUMENT...: its status; standard error in $dir/err
checked() {
	want=$1
	shift
	explain "$@" >"$dir/out" 2>"$dir/err"
	is "status of explain $*" "$want" $?
}
checked 75 one.example --check=0
is "it waits for the record" \
	'mxauth explain: the record was not published in time' \
	"$(tail -n 1 "$dir/err")"
is "and says which" 1 "$(grep -c 'one\.example' "$dir/err")"
checked 0 fine.example --check=0
is "without a record there is nothing to wait for" '' "$(cat "$dir/err")"
checked 64 one.example --check=soon
is "seconds" "mxauth explain: --check wants seconds, not 'soon'" \
	"$(cat "$dir/err")"

# --- several files, and what is wrong

explain one.example >"$dir/one"
is "one has no heading" 0 "$(grep -c '^==>' "$dir/one")"
"$mxauth" explain --zone "$dir/zone" "$dir/header" "$dir/header" >"$dir/out"
is "status of two" 0 $?
is "each has one" 2 "$(grep -c "^==> $dir/header <==\$" "$dir/out")"
is "the answers are the same" "$(cat "$dir/one" "$dir/one")" \
	"$(grep -v '^==>' "$dir/out")"
echo hello >"$dir/hello"
"$mxauth" explain --zone "$dir/zone" "$dir/hello" "$dir/header" >"$dir/out"
is "status: one of them was understood" 0 $?
"$mxauth" explain --zone "$dir/zone" "$dir/hello" >"$dir/out"
is "status: not a bounce" 2 $?
"$mxauth" explain --zone "$dir/zone" "$dir/none.eml" "$dir/header" \
	>"$dir/out" 2>&1
is "status: one of them could not be read" 66 $?
"$mxauth" explain --zone "$dir/zone" "$dir/header" "$dir/none.eml" \
	>"$dir/out" 2>&1
is "nor the last" 66 $?
"$mxauth" explain --zone "$dir/zone" --each "$dir/header" >"$dir/out"
is "with --each there is a heading, and an empty line after it" \
	"$(printf '==> %s <==\n%s\n\n.' "$dir/header" "$(cat "$dir/one")")" \
	"$(cat "$dir/out"; echo .)"
"$mxauth" explain --help >"$dir/out" 2>"$dir/err"
is "status of --help" 0 $?
is "and nothing but help" '' "$(cat "$dir/err")"
"$mxauth" explain --zone "$dir/zone" >"$dir/out" 2>"$dir/err"
is "status without a file" 64 $?
is "usage" 'usage: mxauth explain' "$(head -n 1 "$dir/err" | cut -c -21)"
"$mxauth" explain --zone "$dir/none" "$dir/header" >"$dir/out" 2>&1
is "status without a zone" 66 $?
"$mxauth" explain --zone "$dir/zone" --config "$dir/zone" "$dir/header" \
	>"$dir/out" 2>&1
is "status with a wrong configuration" 78 $?
"$mxauth" explain --dns nowhere "$dir/header" >"$dir/out" 2>&1
is "status with a wrong server" 64 $?
checked 73 one.example --html "$dir/none/page"
checked 64 one.example --html "$dir/page" --by cause
is "no page of a summary" \
	'mxauth explain: --html is for single messages, not for a summary' \
	"$(cat "$dir/err")"
for relay in '[mx.example.net]:587' mx.example.net:25 mx.example.net; do
	checked 0 one.example --relay "$relay"
done
checked 64 one.example --relay '[]'
is "no relay" "mxauth explain: --relay wants a host name, not '[]'" \
	"$(cat "$dir/err")"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
