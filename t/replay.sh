#!/bin/sh
# mxauth replay: a daemon in profile monitor journals real conversations, replay
# says what a new policy would do with them, and a daemon with that policy then
# does it.
build=$(cd "${builddir:-.}" && pwd)
mxauth=$build/mxauth
top=$(cd "${srcdir:-.}" && pwd)
. "$top/t/support/wait.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-replay.XXXXXX") || exit 99
pids=
trap 'for p in $pids; do kill "$p" 2>/dev/null; wait "$p" 2>/dev/null; done
	rm -rf "$tmp"' EXIT
trap 'exit 130' HUP INT TERM
. "${srcdir:-.}/t/support/is.sh"

cat >"$tmp/zone" <<'END'
sender.example. 300 IN TXT "v=spf1 ip4:192.0.2.1 -all"
bank.example. 300 IN TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.bank.example. 300 IN TXT "v=DMARC1; p=reject"
shop.example. 300 IN TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.shop.example. 300 IN TXT "v=DMARC1; p=quarantine"
news.example. 300 IN TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.news.example. 300 IN TXT "v=DMARC1; p=none"
END
"$build/t/support/dnsd" "$tmp/zone" >"$tmp/port" 2>&1 &
pids="$pids $!"
wait_for "$tmp/port" '[0-9]' || exit 99
port=$(tr -dc 0-9 <"$tmp/port")

# conf NAME TEXT: a configuration that differs only in TEXT
conf() {
	mkdir -p "$tmp/$1.journal"
	cat >"$tmp/$1.conf" <<END
listen = "unix:$tmp/$1.sock"
authserv-id = "mx.example.org"
policy-file = "$tmp/$1.policy"
trusted-networks = ["198.51.100.99"]
dns: { servers = ["127.0.0.1:$port"] timeout = 20 }
journal: { directory = "$tmp/$1.journal" }
$2
END
	: "${3:=rules = ()}"
	printf '%s\n' "$3" >"$tmp/$1.policy"
	shift 3 2>/dev/null || shift 2
}

# daemon NAME: mxauthd with that configuration
daemon() {
	"$build/mxauthd" -f -c "$tmp/$1.conf" 2>"$tmp/$1.log" &
	pids="$pids $!"
	wait_for "$tmp/$1.log" 'listening on' || cat "$tmp/$1.log"
}

# send NAME ID IP AUTHOR RCPT...: a message to daemon NAME
send() {
	to=$1
	id=$2
	ip=$3
	author=$4
	shift 4
	printf 'From: a@%s\r\nSubject: %s\r\n\r\nHello.\r\n' "$author" "$id" |
		"$build/t/support/miltersend" "unix:$tmp/$to.sock" "$id" \
			"$ip" "<a@$author>" "$@"
}

# the mail of a day, to daemon NAME
a_day() {
	send "$1" Q1 192.0.2.1 bank.example '<bob@rcpt.example>'
	send "$1" Q2 203.0.113.9 bank.example '<bob@rcpt.example>'
	send "$1" Q3 203.0.113.9 shop.example '<bob@rcpt.example>'
	send "$1" Q4 203.0.113.9 news.example '<bob@rcpt.example>'
	send "$1" Q5 203.0.113.9 bank.example '<x@lists.example>'
	send "$1" Q6 198.51.100.7 bank.example '<bob@rcpt.example>'
	send "$1" Q7 198.51.100.8 bank.example '<bob@rcpt.example>'
	send "$1" Q8 198.51.100.99 bank.example '<bob@rcpt.example>'
	send "$1" Q9 192.0.2.1 sender.example '<bob@rcpt.example>'
	send "$1" Q10 203.0.113.9 bank.example '<bob@rcpt.example>' \
		'<x@lists.example>'
}

new_policy='rules = (
  { author = "news.example"  dmarc-none = "reject" },
  { recipient = "lists.example"  profile = "monitor" },
  { client = "198.51.100.7"  exempt = true },
  { author = "sender.example"  dkim-required = "defer" }
)'
new_main='trusted-forwarders = ["198.51.100.8"]
actions: { dmarc-quarantine = "quarantine" }
texts: { reject = "No mail of %{domain}: %{cause} (%{rule})"
	 contact = "postmaster@example.org" }'

conf old 'profile = "monitor"' 'rules = ()'
conf new "$new_main" "$new_policy"
daemon old
a_day old >"$tmp/old.day"
is "monitor refuses nothing" 10 "$(grep -c '^Q.*: accept' "$tmp/old.day")"
journal=$(ls "$tmp"/old.journal/*.jsonl)

# --- what would be

echo 'profile = "standard"' >"$tmp/plain.conf"
status 0 replay --config "$tmp/old.conf" "$tmp/old.journal"
is "the same configuration changes nothing" \
	"10 messages were decided again, 0 would be treated in another way." \
	"$(head -n 1 "$tmp/out")"
is "what refusals would do, at a glance" \
	'      5  bank.example dmarc-reject reject  (Q2)
      1  shop.example dmarc-quarantine tag  (Q3)' \
	"$(sed -n '/^By author/,$p' "$tmp/out" | sed 1d)"

# the journal of the configuration; times
status 0 replay --config "$tmp/old.conf"
is "the configured journal" \
	"10 messages were decided again, 0 would be treated in another way." \
	"$(head -n 1 "$tmp/out")"
status 0 replay --config "$tmp/old.conf" --since 2100-01-01
is "nothing since then" \
	"0 messages were decided again, 0 would be treated in another way." \
	"$(head -n 1 "$tmp/out")"
status 0 replay --config "$tmp/old.conf" --since 2020-01-01 --until 2100-01-01T00:00:00Z
is "all until then" \
	"10 messages were decided again, 0 would be treated in another way." \
	"$(head -n 1 "$tmp/out")"
status 64 replay --config "$tmp/old.conf" --since yesterday
status 0 replay --config "$tmp/old.conf" --json
is "the sums in JSON" 5 "$(tr -d ' \n' <"$tmp/out" |
	sed -nE 's/.*"sums":\[\{"from":"bank.example","cause":"dmarc-reject","would":"reject","messages":([0-9]+).*/\1/p')"

# suggestions: a signer and a host that the author's own SPF speaks for
line() {
	printf '{"v":1,"time":"2026-11-01T00:00:00Z","id":"%s","receiver":"mx.example.org","ip":"%s","helo":"h.example","mfrom":"%s","body":1,"ms":1,"action":{"action":"accept","profile":"monitor","rule":"default","disposition":"none","author":0,"grounds":[]},"spf":{"result":"pass","cause":"match","identity":"mailfrom","domain":"%s","reason":"x"},"from":["a.example"],"authors":{"fields":1,"addresses":1},"dmarc":{"result":"%s","worst":0,"policy":"reject","domains":[{"result":"%s","domain":"a.example","org":"a.example","record_domain":"a.example","record":"v=DMARC1; p=reject","tag":"p","published":"reject","policy":"reject",%s"reason":"x"}]},"dkim":[{"result":"pass","cause":"ok","d":"v.example","s":"s","b":"x"}],"header":{},"rcpts":1,"rcpt":["b@rcpt.example"]}\n' "$@"
}
{
	line P1 192.0.2.1 a@a.example a.example pass pass '"spf_aligned":true,'
	line P2 192.0.2.2 a@a.example a.example pass pass '"spf_aligned":true,'
	line F1 203.0.113.5 b@v.example v.example fail fail ''
} >"$tmp/vendor.jsonl"
status 1 replay --config "$tmp/plain.conf" --suggest "$tmp/vendor.jsonl"
is "the rule that follows" \
	'{ author = "a.example"  signer = "v.example" },' \
	"$(grep '^{' "$tmp/out")"
is "with it nothing is refused" \
	'# Of 3 messages 1 would be refused or held, with these rules 0.' \
	"$(head -n 1 "$tmp/out")"
{
	echo 'rules = ('
	cat "$tmp/out"
	echo ');'
} >"$tmp/suggested.policy"
status 0 policy --config "$tmp/plain.conf" --from a.example --signer v.example \
	"$tmp/suggested.policy"
is "the rule is taken as it is written" 1 \
	"$(grep -c 'it trusts the signer for these authors' "$tmp/out")"

is "it says why" \
	'# 1 messages of a.example that v.example signed fail DMARC (for instance F1);
# 2 others that it signed passed by the SPF record of a.example.' \
	"$(sed -n 4,5p "$tmp/suggested.policy")"
status 1 replay --config "$tmp/plain.conf" --suggest --json "$tmp/vendor.jsonl"
is "the same as JSON" \
	'"refused_without": 1,"refused_with": 0,"suggestions": [{"author":"a.example","client":null,"signer":"v.example","failed":1,"passed":2,"example":"F1","rule":"{ author = \"a.example\"  signer = \"v.example\" },"}],"still_refused": [],' \
	"$(sed -n '/refused_with/,/still_refused/s/^ *//p' "$tmp/out" |
		tr -d '\n')"

# a host without signatures; three authors from one address; one from another
{
	for id in P1 P2 P3; do
		line $id 192.0.2.9 a@a.example a.example pass pass \
			'"spf_aligned":true,' | sed 's/"d":"v/"d":"a/'
	done
	line F1 192.0.2.9 b@v.example v.example fail fail '' |
		sed 's/"dkim":\[[^]]*\]/"dkim":[]/'
	for author in c d e; do
		line R$author 203.0.113.7 b@v.example v.example fail fail '' |
			sed "s/a\.example/$author.example/g"
	done
	line Rf 203.0.113.8 b@v.example v.example fail fail '' |
		sed 's/a\.example/f.example/g; s/"dkim":\[[^]]*\]/"dkim":[]/'
} >"$tmp/hosts.jsonl"
status 1 replay --config "$tmp/plain.conf" --suggest "$tmp/hosts.jsonl"
is "suggestions for hosts" \
	'# Of 8 messages 5 would be refused or held, with these rules 4.

# 1 messages of a.example from 192.0.2.9 fail DMARC (for instance F1);
# 3 others from there passed by the SPF record of a.example.
{ client = "192.0.2.9"  author = "a.example"  dmarc-reject = "tag"  dmarc-quarantine = "tag" },

# What would still be refused or held:
#       1  c.example [203.0.113.7] d=v.example  Rc
#       1  d.example [203.0.113.7] d=v.example  Rd
#       1  e.example [203.0.113.7] d=v.example  Re
#       1  f.example [203.0.113.8]  Rf

# Perhaps forwarders or lists: mail of several authors from one address.
# A forger can look the same. Where you know the host, put it into trusted-forwarders.
#   203.0.113.7' "$(cat "$tmp/out")"
status 1 replay --config "$tmp/plain.conf" --suggest --json "$tmp/hosts.jsonl"
is "hosts as JSON" \
	'"refused_without": 5,"refused_with": 4,"suggestions": [{"author":"a.example","client":"192.0.2.9","signer":null,"failed":1,"passed":3,"example":"F1","rule":"{ client = \"192.0.2.9\"  author = \"a.example\"  dmarc-reject = \"tag\"  dmarc-quarantine = \"tag\" },"}],"still_refused": [{"author":"c.example","client":"203.0.113.7","signers":"v.example","messages":1,"example":"Rc"},' \
	"$(sed -n '/refused_with/,/"c.example"/s/^ *//p' "$tmp/out" |
		sed -n '/refused_without/,$p' | tr -d '\n')"
is "the whole answer without results" \
	'"results":[],"messages":8,"changed":5,"changes":[{"then":"accept","now":"reject","rule":"plain.conf:1","messages":5}],"sums":[{"from":"a.example","cause":"dmarc-reject","would":"reject","messages":1,"example":"F1"},' \
	"$(tr -d ' \n' <"$tmp/out" | sed 's/^{//; s/{"from":"c.*//')"
is "its end" \
	'"other_changes":0,"doubts":{"not-verified":0,"sealer":0,"cut":0},"bad_lines":0,"unfinished_lines":0}' \
	"$(tr -d ' \n' <"$tmp/out" | sed 's/.*"other_changes"/"other_changes"/')"

# 203 authors, each with a rule: more sums than the text shows, and more kinds
# of change than are counted on their own
i=0
echo 'rules = (' >"$tmp/each.policy"
while [ $i -lt 203 ]; do
	i=$((i + 1))
	echo "{ author = \"d$i.example\" dmarc-reject = \"defer\" },"
done >>"$tmp/each.policy"
echo ')' >>"$tmp/each.policy"
sed -i '204s/,$//' "$tmp/each.policy"
line D 203.0.113.7 b@v.example v.example fail fail '' |
	awk '{ for (i = 1; i <= 203; i++) {
		line = $0
		gsub(/a\.example/, "d" i ".example", line)
		sub(/"id":"D"/, "\"id\":\"D" i "\"", line)
		print line
	} }' >"$tmp/each.jsonl"
echo "policy-file = \"$tmp/each.policy\"" >"$tmp/each.conf"
status 1 replay --config "$tmp/each.conf" "$tmp/each.jsonl"
is "50 sums are shown" 51 "$(sed -n '/^By author/,$p' "$tmp/out" | sed 1d |
	wc -l | xargs)"
is "the others are counted" '    153  further domains and causes' \
	"$(tail -n 1 "$tmp/out")"
is "a change" '2026-11-01T00:00:00Z D203 d203.example [203.0.113.7]: accept -> defer 451 4.7.26, by each.policy:204 (dmarc-reject)' \
	"$(grep ' D203 ' "$tmp/out" | head -n 1)"
status 1 replay --config "$tmp/each.conf" --json "$tmp/each.jsonl"
is "changes that are not counted apart" '"other_changes": 3,' \
	"$(grep -o '"other_changes".*' "$tmp/out")"
is "200 are" 200 "$(grep -c '{"then":"accept","now":"defer"' "$tmp/out")"
is "sums are all there" 203 "$(grep -c '"cause":"dmarc-reject","would":"defer"' \
	"$tmp/out")"

# the journal as a list
status 0 history list "$tmp/old.journal" --author bank.example --action tag
is "by author and action" "Q10 Q7 Q6 Q5 Q2" \
	"$(sed -E 's/^[^ ]+ [^ ]+ (Q[0-9]+): .*/\1/' "$tmp/out" | tr '\n' ' ' |
		sed 's/ $//')"
status 0 history list "$tmp/old.journal" --rcpt x@lists.example --limit 1
is "by recipient, the newest" 1 "$(grep -c ' Q10: ' "$tmp/out")"
status 0 history list "$tmp/old.journal" --mail-from a@shop.example \
	--ip 203.0.113.9
is "by sender and address" 1 "$(grep -c ' Q3: ' "$tmp/out")"
status 1 history list "$tmp/old.journal" --mail-from b@shop.example
status 1 history list "$tmp/old.journal" --since 2100-01-01
status 1 history list --config "$tmp/old.conf" --message-id none@x.example
status 66 history list "$tmp/no.journal"
status 0 history list "$tmp/hosts.jsonl" --limit 2 --json
is "the newest two as JSON" 'Rf Re' \
	"$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' "$tmp/out" | xargs)"
status 1 history list "$tmp/hosts.jsonl" --limit 0
status 0 history list "$tmp/hosts.jsonl" --author .example --ip 203.0.113.7
is "authors below a name" 3 "$(wc -l <"$tmp/out" | xargs)"
status 0 history list "$tmp/hosts.jsonl" --author .f.example
is "and itself" 1 "$(wc -l <"$tmp/out" | xargs)"
status 1 history list "$tmp/hosts.jsonl" --author xf.example
status 0 history list "$tmp/hosts.jsonl" --rcpt RCPT.example
is "a domain of recipients" 8 "$(wc -l <"$tmp/out" | xargs)"
status 0 history list "$tmp/hosts.jsonl" --mail-from a.example \
	--since 2026-11-01 --until 2026-11-01T00:00:01Z
is "a domain of senders, of that second" 3 "$(wc -l <"$tmp/out" | xargs)"
status 1 history list "$tmp/hosts.jsonl" --until 2026-11-01
sed 's/"header":{}/"header":{"Message-ID":"<m1@x.example>"}/' \
	"$tmp/vendor.jsonl" >"$tmp/ids.jsonl"
status 0 history list "$tmp/ids.jsonl" --message-id m1@X.example
is "a Message-ID without brackets" 3 "$(wc -l <"$tmp/out" | xargs)"
status 1 history list "$tmp/ids.jsonl" --message-id m2@x.example

# one message, at a glance
mkdir "$tmp/one.journal"
echo "journal: { directory = \"$tmp/one.journal\" }" >"$tmp/one.conf"
line 4XyZabc 203.0.113.5 b@v.example v.example fail fail '' |
	sed 's/"action":"accept",/"action":"tag","would":"reject",/' \
		>"$tmp/one.journal/20261101T000000Z-0000000000000001.jsonl"
"$mxauth" explain --config "$tmp/one.conf" 4XyZabc >"$tmp/out" 2>"$tmp/err"
is "what monitor kept from happening" 1 "$(grep -c \
	'A profile other than monitor would have refused it.' "$tmp/out")"

# suggestions: 192.0.2.1 passes for bank.example only once, nothing is earned
status 0 replay --config "$tmp/old.conf" --suggest
is "no rule that a forger could earn" 0 "$(grep -c '^{' "$tmp/out")"
is "what would still be refused" \
	'# Of 10 messages 5 would be refused or held, with these rules 5.' \
	"$(head -n 1 "$tmp/out")"

status 1 replay --config "$tmp/new.conf" "$tmp/old.journal"
# id, author, from, to, rule
sed -nE 's/^[^ ]+Z (Q[0-9]+) ([^ ]+) \[[^]]*\]: (.*)$/\1 \2 \3/p' \
	"$tmp/out" >"$tmp/changes"
is "what would change" \
	'Q2 bank.example tag -> reject 550 5.7.26, by default (dmarc-reject)
Q3 shop.example tag -> quarantine (dis=quarantine), by new.conf:8 (dmarc-quarantine)
Q4 news.example accept -> reject 550 5.7.26, by new.policy:2 (dmarc-none)
Q6 bank.example tag -> accept, by new.policy:4
Q7 bank.example tag -> accept, by new.conf:7 (dmarc-reject)
Q9 sender.example accept -> defer 451 4.7.20, by new.policy:5 (dkim-required)
Q10 bank.example tag -> reject 550 5.7.26, by default (dmarc-reject)' \
	"$(cat "$tmp/changes")"
is "the counts" '      2  tag -> reject, by default
      1  accept -> reject, by new.policy:2' \
	"$(grep -E '^ +[0-9]+  (tag|accept) -> reject' "$tmp/out")"
cp "$tmp/out" "$tmp/by-directory"
status 1 replay --config "$tmp/new.conf" "$journal"
is "a file is read like its directory" "$(cat "$tmp/by-directory")" \
	"$(cat "$tmp/out")"

status 1 replay --json --config "$tmp/new.conf" "$tmp/old.journal"
is "JSON alone" '' "$(cat "$tmp/err")"
if command -v python3 >/dev/null; then
	is "JSON says the same" "7 7 10 reject Q2 tag" "$(python3 -c '
import json, sys
d = json.load(sys.stdin)
r = d["results"][0]
print(len(d["results"]), d["changed"], d["messages"], r["now"]["action"],
      r["id"], r["then"]["action"])' <"$tmp/out" 2>&1)"
fi

# --- and what then is

daemon new
a_day new >"$tmp/new.day"
is "the daemon does as replay said" \
	'Q1: accept
Q2: reject
Q3: quarantine
Q4: reject
Q5: accept
Q6: accept
Q7: accept
Q8: accept
Q9: defer
Q10: reject' "$(grep '^Q' "$tmp/new.day")"
is "the words of the refusal" \
	"No mail of news.example: dmarc-none (new.policy:2)" \
	"$(grep -oE 'No mail of news.*\)' "$tmp/new.day")"
status 0 replay --config "$tmp/new.conf" "$tmp/new.journal"

# --- who was not verified then

conf all 'profile = "monitor"' 'rules = ()'
sed -i 's/^trusted-networks.*/trusted-networks = []/' "$tmp/all.conf"
status 0 replay --config "$tmp/all.conf" "$tmp/old.journal"
is "an exempt message cannot be decided" \
	"      1  uncertain: the message was exempt when it arrived, so it was not verified" \
	"$(grep uncertain "$tmp/out")"

status 0 replay --json --config "$tmp/all.conf" "$tmp/old.journal"
is "a program reads a word for it" '"not-verified": 1' \
	"$(grep -oE '"not-verified": [0-9]+' "$tmp/out" | tail -n 1)"

# --- broken journals, bad usage

mkdir "$tmp/broken"
cp "$journal" "$tmp/broken/a"
sed -i '3s/^..../xxxx/' "$tmp/broken/a"
tail -n 1 "$journal" | head -c 100 >>"$tmp/broken/a"
status 1 replay --config "$tmp/new.conf" "$tmp/broken/a"
is "a broken line and a cut last one are counted" \
	"      1  unreadable lines were left out
      1  unfinished last lines were left out" \
	"$(grep -E '^ +[0-9]+  .*lines' "$tmp/out")"
is "and the rest is read" 1 "$(grep -c '^9 messages' "$tmp/out")"
status 66 replay --config "$tmp/new.conf" "$tmp/none"
status 66 replay --config "$tmp/new.conf" "$tmp/zone"
mkdir "$tmp/empty"
status 66 replay --config "$tmp/new.conf" "$tmp/empty"
is "an empty folder is no good news" \
	"mxauth replay: $tmp/empty: no journal is there" "$(cat "$tmp/err")"
status 66 replay --config "$tmp/new.conf" "$tmp/none" "$tmp/old.journal"
is "the others are read still" 1 "$(grep -c '^10 messages' "$tmp/out")"
status 66 replay --config "$tmp/none.conf" "$journal"
echo 'profile = "lenient"' >"$tmp/bad.conf"
status 78 replay --config "$tmp/bad.conf" "$journal"
echo 'journal: { directory = "" }' >"$tmp/without.conf"
status 64 replay --config "$tmp/without.conf"
status 64 replay --bogus
status 0 replay --help
status 0 replay --config "$tmp/none.conf" --help

# --- ten thousand rules load at once and match right

{
	echo 'rules = ('
	awk 'BEGIN { for (i = 1; i < 10000; i++)
		printf "  { author = \"d%d.example\"  profile = \"monitor\" },\n", i
		print "  { author = \"bank.example\"  dmarc-reject = \"defer\" } )" }'
} >"$tmp/many.policy"
sed "s/new.policy/many.policy/" "$tmp/new.conf" >"$tmp/many.conf"
status 1 replay --config "$tmp/many.conf" "$journal"
is "the last of 10,000 rules decides" \
	"Q2 bank.example tag -> defer 451 4.7.26, by many.policy:10001 (dmarc-reject)" \
	"$(sed -nE 's/^[^ ]+Z (Q2) ([^ ]+) \[[^]]*\]: (.*)$/\1 \2 \3/p' \
		"$tmp/out")"
status 0 policy --config "$tmp/many.conf" --from d5000.example
is "one in the middle" "  many.policy:5001   author d5000.example" \
	"$(sed -n 3p "$tmp/out")"
start=$(date +%s%N)
"$mxauth" policy --config "$tmp/many.conf" --from d9999.example >/dev/null
took=$((($(date +%s%N) - start) / 1000000))
is "loaded within 5 s on any machine (took $took ms)" yes \
	"$([ "$took" -lt 5000 ] && echo yes)"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
