#!/bin/sh
# mxauth config and mxauth policy: output, exit status, the installed sample.
mxauth=${builddir:-.}/mxauth
top=${srcdir:-.}
tmp=$(mktemp -d "$PWD/config.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
. "${srcdir:-.}/t/support/is.sh"

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

# as JSON: the same options with the same values; numbers, words and lists
sed -n 's/^[[:space:]]*\([a-z0-9-]*\) = .*/\1/p' "$tmp/effective.conf" | sort \
	>"$tmp/names"
cat >"$tmp/typed.conf" <<'END'
authserv-id = "mx.example.jp"; policy-file = ""; maximum-messages = 7
trusted-networks = ["192.0.2.0/24", "::1"]; trusted-relays = []
dns: { trust-ad = true; timeout = 4 }
texts: { contact = "say \"hello\" [to] us" }
END
status 0 config --json --config "$tmp/typed.conf"
is "options as JSON" "$(cat "$tmp/names")" \
	"$(sed -n 's/^ *"\([a-z0-9-]*\)": .*[^{]$/\1/p;s/^ *"\([a-z-]*\)": \[$/\1/p' \
		"$tmp/out" | sort)"
is "it is one object" '{ }' "$(sed -n '1p;$p' "$tmp/out" | xargs)"
is "text, number, empty list" \
	'"authserv-id":"mx.example.jp","trusted-networks":["192.0.2.0/24","::1/128"],"trusted-relays":[],"maximum-messages":7,' \
	"$(tr -d '\n' <"$tmp/out" | sed 's/  *//g' |
		grep -oE '"(authserv-id|maximum-messages|trusted-(networks|relays))":(\[[^]]*\]|[^,]*),' |
		sort | tr -d '\n' | sed 's/\("maximum.*7,\)\(.*\)/\2\1/')"
is "true and false, a time" '"timeout": "4s","trust-ad": true' \
	"$(grep -E '"(timeout|trust-ad)"' "$tmp/out" | xargs -d '\n' |
		sed 's/^ *//;s/,  */,/;s/,$//')"
is "another is false" '"honour-pct-zero": false' \
	"$(grep -o '"honour-pct-zero": false' "$tmp/out")"
is "a quoted text" '    "contact": "say \"hello\" [to] us",' \
	"$(grep '"contact"' "$tmp/out" | head -n 1)"
is "an option without section is not inside one" \
	'  "policy-file": "",' "$(grep '"policy-file"' "$tmp/out")"
is "a section" '  "dns": {' "$(grep '"dns"' "$tmp/out")"
status 0 config --json --default
is "an option with its meaning" \
	'"socket-group": {"default": "","expects": "a name","help": "Its group, which the MTA belongs to; \"\": mxauthd'"'"'s own.","example": "postfix"},' \
	"$(grep -A5 '"socket-group"' "$tmp/out" | sed 's/^ *//' | tr -d '\n')"
is "one without example" '"maximum-messages": {"default": 3000,"expects": "a number from 1 to 60000","help"' \
	"$(grep -A3 '"maximum-messages"' "$tmp/out" | sed 's/^ *//' |
		tr -d '\n' | cut -d: -f 1-4)"
is "which ends there" '},' "$(grep -A4 '"maximum-messages"' "$tmp/out" |
	sed -n '5s/ *//p')"
is "a list" '"default": [ "127.0.0.0/8", "::1/128" ],' \
	"$(grep -A4 '"trusted-networks"' "$tmp/out" | tail -n 4 | xargs -d '\n' |
		sed 's/  */ /g;s/^ //')"

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

# every kind of rule, and every option; what wins is in policy.conf(5)
cat >"$tmp/kinds.conf" <<'END'
rules = (
  { client = ["192.0.2.0/24", "2001:db8::/32"]  exempt = true },
  { client-name = ".pool.example"  unauthenticated = "reject" },
  { helo = "localhost"  client = "198.51.100.0/24"  profile = "monitor" },
  { daemon-name = "submission"  profile = "monitor" },
  { mail-from = ".list.example"  override = "mailing_list" },
  { signer = "sealer.example"  spf-fail = "defer" },
  { recipient = "postmaster@b.example"  temperror = "defer" },
  { author = "news.example"  signer = "esp.example" },
  { author = "bank.example"  dmarc-none = "reject"  dkim-required = true
    until = "2026-12-01" },
  { sealer = "sealer.example"  spf-softfail = "tag" }
);
END
status 0 policy --now 2026-11-29 --from ann@bank.example \
	--rcpt postmaster@b.example --rcpt c@c.example --ip 192.0.2.1 \
	--client-name x.pool.example --helo localhost \
	--mail-from b@x.list.example --signer esp.example \
	--signer other.example --sealer sealer.example \
	--daemon-name submission "$tmp/kinds.conf"
cp "$tmp/out" "$tmp/kinds"
is "all kinds, as text" 'client 192.0.2.1  client-name x.pool.example  helo localhost  daemon-name submission  mail-from b@x.list.example  signer esp.example  signer other.example  sealer sealer.example  recipient postmaster@b.example  author ann@bank.example
Rules that match:
  kinds.conf:2   client 192.0.2.0/24 2001:db8::/32
  kinds.conf:3   client-name .pool.example
  kinds.conf:5   daemon-name submission
  kinds.conf:6   mail-from .list.example
  kinds.conf:12   sealer sealer.example
  kinds.conf:8   recipient postmaster@b.example
  kinds.conf:10   author bank.example  until 2026-12-01
What applies:
  exempt             true         kinds.conf:2
  profile            monitor      kinds.conf:5
  unauthenticated    reject       kinds.conf:3
  spf-softfail       tag          kinds.conf:12
  dmarc-none         reject       kinds.conf:10
  temperror          defer        kinds.conf:8
  DKIM signature     required     kinds.conf:10
  override           mailing_list kinds.conf:6
Rules that do not:
  kinds.conf:4  client 192.0.2.1 is not in 198.51.100.0/24
  kinds.conf:7  signer esp.example or other.example is not sealer.example
  kinds.conf:9  author bank.example is not news.example' \
	"$(sed '/^$/,$d' "$tmp/kinds")"
is "the second recipient comes after an empty line" \
	'recipient c@c.example  author ann@bank.example' \
	"$(sed '1,/^$/d' "$tmp/kinds" | sed -n '1s/.*  recipient/recipient/p')"
is "another rule does not match him" \
	'  kinds.conf:8  recipient c@c.example is not postmaster@b.example' \
	"$(sed '1,/^$/d' "$tmp/kinds" | grep kinds.conf:8)"

status 0 policy --now 2026-12-01 --from news.example --signer esp.example \
	--mail-from '' "$tmp/kinds.conf"
is "a signer that is trusted, the null sender, nothing that is not given" \
	'mail-from <>  signer esp.example  author news.example
Rules that match:
  kinds.conf:9   signer esp.example  author news.example
    it trusts the signer for these authors
What applies:
  profile            standard     default
  dmarc-reject       accept       kinds.conf:9
  dmarc-quarantine   accept       kinds.conf:9
  dkim-required      accept       kinds.conf:9
  unauthenticated    accept       kinds.conf:9
  no-mail            accept       kinds.conf:9
  spf-fail           accept       kinds.conf:9
  spf-permerror      accept       kinds.conf:9
  spf-softfail       accept       kinds.conf:9
  helo-fail          accept       kinds.conf:9
  dmarc-none         accept       kinds.conf:9
  temperror          accept       kinds.conf:9
  override           trusted_forwarder kinds.conf:9
Rules that do not:
  kinds.conf:2  no client address is given
  kinds.conf:3  no client-name is given
  kinds.conf:4  no client address is given
  kinds.conf:5  no daemon-name is given
  kinds.conf:6  mail-from <> is not .list.example
  kinds.conf:7  signer esp.example is not sealer.example
  kinds.conf:8  no recipient is given
  kinds.conf:10  author news.example is not bank.example
  kinds.conf:12  no sealer is given' "$(cat "$tmp/out")"

status 0 policy --json --now 2026-11-29 --from ann@bank.example \
	--rcpt c@c.example --ip 192.0.2.1 --mail-from b@x.list.example \
	--client-name x.pool.example --signer esp.example --signer s.example \
	--helo h --daemon-name d --sealer s "$tmp/kinds.conf"
is "what was asked, as JSON" '{"from":"bank.example","ip":"192.0.2.1","client_name":"x.pool.example","helo":"h","daemon_name":"d","mail_from":"b@x.list.example","signers":["esp.example","s.example"],"sealer":"s","rules":10,"results":[{"rcpt":"c@c.example",' \
	"$(tr -d ' \n' <"$tmp/out" | sed 's/"matches".*//')"
is "rules that match, as JSON" \
	'client client-name mail-from author' \
	"$(sed -n '/"matches"/,/"applies"/s/.*"kind": "\(.*\)".*/\1/p' \
		"$tmp/out" | xargs)"
is "what they match" '"until":"2026-12-01","match":{"author":["bank.example"]}}],"applies"' \
	"$(tr -d ' \n' <"$tmp/out" |
		sed 's/.*"kind":"author",\("until".*"applies"\).*/\1/')"
is "what applies, as JSON" \
	'{"profile":{"value":"standard","rule":"default"},"actions":{"unauthenticated":{"value":"reject","rule":"kinds.conf:3"},"dmarc-none":{"value":"reject","rule":"kinds.conf:10"}},"exempt":{"value":true,"rule":"kinds.conf:2"},"dkim_required":{"value":true,"rule":"kinds.conf:10"},"override":{"value":"mailing_list","rule":"kinds.conf:6"}},' \
	"$(tr -d ' \n' <"$tmp/out" | sed 's/.*"applies"://;s/"others".*//')"
is "the others, as JSON" \
	'client daemon-name signer recipient signer sealer' \
	"$(sed -n '/"others"/,$s/.*"kind": "\(.*\)".*/\1/p' "$tmp/out" | xargs)"
is "one that trusts, and why it does not match" \
	'"trusts":true,"match":{"signer":["esp.example"],"author":["news.example"]},"why":"authorbank.exampleisnotnews.example"' \
	"$(tr -d ' \n' <"$tmp/out" | grep -o '"trusts".*news.example"}' |
		sed 's/}$//')"
status 1 policy --json --from c.example "$tmp/kinds.conf"
is "what was not given is null, and nothing applies" \
	'{"from":"c.example","ip":null,"client_name":null,"helo":null,"daemon_name":null,"mail_from":null,"signers":[],"sealer":null,"rules":10,"results":[{"rcpt":null,"matches":[],"applies":{"profile":{"value":"standard","rule":"default"},"actions":{},"exempt":{"value":false,"rule":null},"dkim_required":{"value":false,"rule":null}},' \
	"$(tr -d ' \n' <"$tmp/out" | sed 's/"others".*//')"
status 0 policy --from bank.example --now 2026-11-30 "$tmp/kinds.conf"
is "a domain without an address" 'author bank.example' \
	"$(head -n 1 "$tmp/out")"

# limits, and options that are wrong
set --
while [ $# -lt 200 ]; do
	set -- "$@" --signer s.example
done
status 1 policy "$@" --from c.example "$tmp/kinds.conf"
status 64 policy "$@" --signer s.example --from c.example "$tmp/kinds.conf"
is "101 signers" 'mxauth policy: more than 100 signers' "$(cat "$tmp/err")"
set --
while [ $# -lt 2000 ]; do
	set -- "$@" --rcpt c.example --rcpt c.example
done
status 1 policy "$@" --from c.example "$tmp/kinds.conf"
status 64 policy "$@" --rcpt c.example --from c.example "$tmp/kinds.conf"
is "1001 recipients" 'mxauth policy: more than 1000 recipients' \
	"$(cat "$tmp/err")"
status 64 policy --from c.example --signer 'a b' "$tmp/kinds.conf"
is "not a domain" "mxauth policy: --signer wants a domain, not 'a b'" \
	"$(cat "$tmp/err")"
status 0 policy --help
status 64 policy --from c.example --now never "$tmp/kinds.conf"
status 64 policy --now 2026-11-29 "$tmp/kinds.conf"
status 64 policy --from c.example "$tmp/kinds.conf" more
status 66 policy --from c.example --config "$tmp/none.conf"

printf 'rules = ( { author = ".a.example" },\n{ author = "b.a.example" } );' \
	>"$tmp/unused.conf"
status 0 policy --from b.a.example "$tmp/unused.conf"
is "a rule that is never used" \
	"warning: $tmp/unused.conf:2: this rule is never used: unused.conf:1 comes first and matches the same" \
	"$(cat "$tmp/err")"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
