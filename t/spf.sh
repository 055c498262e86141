#!/bin/sh
# mxauth spf: the evaluation term by term, in text and JSON.
passed=0
failed=0
mxauth=$builddir/mxauth
dir=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-spf.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
cat >"$dir/zone" <<'END'
a.example. TXT "v=spf1 a:mail.a.example include:b.example -all"
mail.a.example. A 192.0.2.1
b.example. TXT "v=spf1 ip4:198.51.100.0/24 ~all"
e.example. TXT "v=spf1 a:two.example include:f.example -all exp=why.%{d}"
two.example. A 192.0.2.1
two.example. A 192.0.2.2
f.example. TXT "v=spf1 exists:%{h}.x.example ?all"
h.x.example. A 127.0.0.2
why.e.example. TXT "%{i} may not, says %{r}"
broken.example. TXT "v=spf1 mx:lost.example ipv4:192.0.2.1 -all"
late.example. TXT "v=spf1 include:none.example -all"
r.example. TXT "v=spf1 redirect=soft.example"
soft.example. TXT "v=spf1 ~all"
says.example. TXT "v=spf1 ip4:192.0.2.1 -all exp=why.e.example"
hosts.example. TXT "v=spf1 a -all"
;! servfail mute.example
END
i=0
while [ $i -lt 101 ]; do
	i=$((i + 1))
	echo "hosts.example. A 198.51.100.$i"
done >>"$dir/zone"
# 1 record and 4000 terms: one more than the 4000 steps that are kept
awk 'BEGIN {
	printf "long.example. TXT \"v=spf1\""
	for (i = 0; i < 3999; i++)
		printf " \" ip4:%d.0.2.1\"", i % 200 + 1
	print " \" -all\""
}' >>"$dir/zone"

# spf STATUS ARGUMENT...: its output in $dir/out
spf() {
	want=$1
	shift
	"$mxauth" spf --zone "$dir/zone" "$@" >"$dir/out" 2>&1
	got=$?
	if [ "$got" = "$want" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: mxauth spf $*: status $got, want $want"
		cat "$dir/out"
	fi
}

# has TEXT
has() {
	if grep -qF -- "$1" "$dir/out"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: no $1 in"
		cat "$dir/out"
	fi
}

spf 0 --ip 192.0.2.1 u@a.example
has pass
has a:mail.a.example
spf 0 --ip 198.51.100.7 a.example
has include:b.example
has ip4:198.51.100.0/24
spf 1 --ip 203.0.113.1 a.example
has fail
has -all
spf 1 --ip 203.0.113.1 none.example
has none
spf 2 --ip 203.0.113.1 mute.example
has temperror
spf 0 a.example
has 192.0.2.1
has 198.51.100.0/24
spf 0 --json --ip 198.51.100.7 a.example
has '"result": "pass"'
spf 1 --json --ip 203.0.113.1 a.example
has '"result": "fail"'
spf 64 --ip 192.0.2.999 a.example
spf 64

# is TEXT: the whole output
is() {
	if [ "$1" = "$(cat "$dir/out")" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL: want\n%s\n--- got\n' "$1"
		cat "$dir/out"
	fi
}

spf 1 --ip 203.0.113.1 --helo g e.example
is 'Result: fail
203.0.113.1 is not listed in the SPF record of e.example (-all)
DNS lookups: 3 of 10; without an answer: 1 of 2

e.example: v=spf1 a:two.example include:f.example -all exp=why.%{d}
  a:two.example -> 192.0.2.1, 192.0.2.2: no match (203.0.113.1 is not among the addresses)
  include:f.example -> f.example: no match (the record of f.example gives neutral)
    f.example: v=spf1 exists:%{h}.x.example ?all
      exists:%{h}.x.example -> g.x.example: no match (g.x.example does not exist)
      ?all: MATCH (matches everything)
  -all: MATCH (matches everything)

The sender'"'"'s domain explains: 203.0.113.1 may not, says unknown'
# --helo reaches the macro
spf 0 --ip 203.0.113.1 --helo h e.example
has 'exists:%{h}.x.example -> 127.0.0.2: MATCH (the name has an address)'
# for nobody: no terms that do not match
spf 0 hosts.example
is "SPF record of hosts.example
DNS lookups: 1 of 10; without an answer: 0 of 2

hosts.example: v=spf1 a -all
  a -> $(grep '^hosts.example. A' "$dir/zone" | sed 's/.* A //;100q' |
	paste -sd, | sed 's/,/, /g') and 1 more
  -all: MATCH (matches everything)"
# a record that cannot be used, and terms that are errors
spf 1 broken.example
is 'SPF record of broken.example
syntax error in the record of broken.example at position 24: ipv4:192.0.2.1 (unknown mechanism)
DNS lookups: 0 of 10; without an answer: 0 of 2

broken.example: v=spf1 mx:lost.example ipv4:192.0.2.1 -all'
spf 1 late.example
has 'include:none.example -> none.example: ERROR'
spf 2 --ip 192.0.2.1 mute.example
has 'Result: temperror'
spf 0 r.example
has 'soft.example: v=spf1 ~all'
spf 1 --ip 192.0.2.1 soft.example
has 'Result: softfail'
spf 1 --ip 192.0.2.1 f.example
has 'Result: neutral'
spf 1 none.example
has 'none.example publishes no SPF record'
spf 0 long.example
has '... and 1 further terms'

# without a client nobody was refused, and nothing is explained to anybody
spf 0 says.example
is 'SPF record of says.example
DNS lookups: 0 of 10; without an answer: 0 of 2

says.example: v=spf1 ip4:192.0.2.1 -all exp=why.e.example
  ip4:192.0.2.1
  -all: MATCH (matches everything)'
spf 0 --json says.example
has '"result": null,'
has '"reason": "",'
has '"mechanism": "",'
has '"explanation": "",'
spf 1 --json broken.example
has '"result": "permerror",'

# JSON
spf 0 --json --ip 203.0.113.1 --helo h u@e.example
tr -d ' \n' <"$dir/out" >"$dir/packed"
mv "$dir/packed" "$dir/out"
has '{"result":"pass","domain":"e.example","identity":"mailfrom","reason":"203.0.113.1islistedintheSPFrecordoff.exampleusedbye.example(exists:%{h}.x.example)","mechanism":"exists:%{h}.x.example","record_domain":"f.example","explanation":"","lookups":3,"void_lookups":0,"trace":[{"depth":0,"domain":"e.example","record":true,'
has '{"depth":0,"domain":"e.example","record":false,"text":"a:two.example","target":"two.example","found":["192.0.2.1","192.0.2.2"],"more":0,"outcome":"nomatch","why":"203.0.113.1isnotamongtheaddresses","lookups":1,"void_lookups":0}'
has '{"depth":1,"domain":"f.example","record":false,"text":"exists:%{h}.x.example","target":"h.x.example","found":["127.0.0.2"],"more":0,"outcome":"match","why":"thenamehasanaddress","lookups":3,"void_lookups":0}],"trace_dropped":0}'
spf 0 --json hosts.example
has '"more": 1,'
spf 0 --json long.example
has '"trace_dropped": 1'

# bad usage
spf 0 --help
spf 64 --bogus a.example
spf 64 a.example b.example
has 'usage: mxauth spf'
spf 78 --config "$dir/zone" a.example
spf 66 --zone "$dir/none" a.example
has "$dir/none"
"$mxauth" spf --dns nowhere a.example >"$dir/out" 2>&1
[ $? = 64 ] || { failed=$((failed + 1)); cat "$dir/out"; }
has nowhere
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
