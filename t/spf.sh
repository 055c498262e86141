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
;! servfail mute.example
END

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
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
