#!/bin/sh
# mxauth config and mxauth policy: output, exit status, the installed sample.
mxauth=${builddir:-.}/mxauth
top=${srcdir:-.}
tmp=$(mktemp -d "$PWD/config.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# is TEXT WANT GOT
is() {
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL: %s\n--- want\n%s\n--- got\n%s\n' "$1" "$2" "$3"
	fi
}

# status WANT ARGUMENT...: exit status of mxauth; its output is kept
status() {
	want=$1
	shift
	"$mxauth" "$@" >"$tmp/out" 2>"$tmp/err"
	is "status of mxauth $*" "$want" "$?"
}

cat >"$tmp/policy.conf" <<'END'
rules = (
  { author = "bank.example"  dmarc-none = "reject" },
  { author = ".bank.example"  profile = "strict" },
  { recipient = "lists.example.jp"  profile = "monitor" },
  { client = "192.0.2.0/24"  exempt = true }
);
END
echo 'policy-file = "policy.conf"; dns: { timeout = 7 }' >"$tmp/good.conf"
printf 'foo = 1\ndns: {\n timeout = 0\n' >"$tmp/bad.conf"

# --- config

status 0 config --config "$tmp/good.conf"
is "the value that was given" '	timeout = "7s"' \
	"$(grep timeout "$tmp/out")"
is "a relative path" "policy-file = \"$tmp/policy.conf\"" \
	"$(grep policy-file "$tmp/out")"
cp "$tmp/out" "$tmp/effective.conf"
status 0 config --config "$tmp/effective.conf"
is "effective values load and stay" "$(cat "$tmp/effective.conf")" \
	"$(cat "$tmp/out")"

status 78 config --config "$tmp/bad.conf"
is "nothing but complaints" '' "$(cat "$tmp/out")"
is "all mistakes in one run" \
	"$tmp/bad.conf:1: unknown option foo
$tmp/bad.conf:3: expected '}' to end the section \"dns\" that begins in line 2, found the end of the file
$tmp/bad.conf:3: timeout: expected a time from 1s to 1m (5, \"5s\", \"2m\", \"1h\", \"90d\"), found 0" \
	"$(cat "$tmp/err")"

status 66 config --config "$tmp/none.conf"
status 64 config --bogus
status 64 config argument
status 0 config --help
status 0 config --default
cp "$tmp/out" "$tmp/sample.conf"
status 0 config --config "$tmp/sample.conf"
status 0 config --config "$top/etc/mxauth.conf"
is "the sample has all options" \
	"$(grep -c '^	*#[a-z]' "$top/etc/mxauth.conf")" \
	"$(grep -c ' = ' "$tmp/effective.conf")"

if [ -w /dev/full ]; then
	"$mxauth" config --default >/dev/full 2>"$tmp/err"
	is "an answer that cannot be written" 70 "$?"
fi

# --- other programs' files

cat >"$tmp/opendmarc.conf" <<'END'
AuthservID mx.example.jp
RejectFailures true
IgnoreHosts hosts.list
IgnoreHosts file:/nonexistent/list
END
printf 'Mode\tv\nDNSTimeout 4\nInternalHosts %s\n' "$tmp/hosts" \
	>"$tmp/opendkim.conf"
printf '192.0.2.0/24\n' >"$tmp/hosts"
status 0 config --import "$tmp/opendkim.conf" "$tmp/opendmarc.conf"
cp "$tmp/out" "$tmp/imported.conf"
is "the missing list is said" 1 "$(grep -c '/nonexistent/list' "$tmp/err")"
status 0 config --config "$tmp/imported.conf"
is "what was imported is in effect" 'authserv-id = "mx.example.jp"
trusted-networks = ["127.0.0.0/8", "::1/128", "192.0.2.0/24"]
profile = "standard"
	timeout = "4s"' \
	"$(grep -E '^(authserv-id|trusted-networks|profile|.timeout) = ' \
		"$tmp/out")"
status 64 config --import
status 66 config --import "$tmp/none.conf"
status 66 config --import "$tmp/good.conf"
is "a stranger's file" 1 "$(grep -c 'nothing in it is of opendkim' "$tmp/err")"

# --- policy

status 0 policy --config "$tmp/good.conf" --from user@Bank.Example
is "the rule and its setting" '  policy.conf:2   author bank.example
  dmarc-none         reject       policy.conf:2' \
	"$(grep policy.conf:2 "$tmp/out")"
is "why another does not" '  policy.conf:3  author bank.example is not .bank.example (.bank.example means its subdomains, not the name itself)' \
	"$(grep policy.conf:3 "$tmp/out")"
status 1 policy --from other.example "$tmp/policy.conf"
is "none" 1 "$(grep -c '^  none$' "$tmp/out")"
status 0 policy --from bank.example --rcpt u@lists.example.jp --rcpt b@b.example \
	--ip 192.0.2.1 --json "$tmp/policy.conf"
is "JSON alone" '' "$(cat "$tmp/err")"
is "a result a recipient" 2 "$(grep -c '"rcpt"' "$tmp/out")"
status 0 policy --ip 192.0.2.1 "$tmp/policy.conf"
status 64 policy
status 64 policy --from 'no domain' "$tmp/policy.conf"
status 64 policy --ip 192.0.2.256 "$tmp/policy.conf"
status 66 policy --from bank.example "$tmp/none.conf"
echo 'rules = ( { author = "bank.example" }' >"$tmp/cut.conf"
status 78 policy --from bank.example "$tmp/cut.conf"
is "a file that was cut off" \
	"$tmp/cut.conf:1: expected ')' to end the list \"rules\" that begins in line 1, found the end of the file" \
	"$(cat "$tmp/err")"

printf 'rules = ( { author = ".a.example" },\n{ author = "b.a.example" } );' \
	>"$tmp/unused.conf"
status 0 policy --from b.a.example "$tmp/unused.conf"
is "a rule that is never used" \
	"warning: $tmp/unused.conf:2: this rule is never used: unused.conf:1 comes first and matches the same" \
	"$(cat "$tmp/err")"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
