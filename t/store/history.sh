#!/bin/sh
# history.sh - mxauth history: import, list, status, prune; a store that cannot
# be used.  With STORE_URL on that database, else on SQLite.
build=$(cd "${builddir:-.}" && pwd)
mxauth=$build/mxauth
top=$(cd "${srcdir:-.}" && pwd)
. "$top/t/support/wait.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-history.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
. "${srcdir:-.}/t/support/is.sh"
url=${STORE_URL:-sqlite:$tmp/store.db}

# status WANT ARGUMENT...: exit status of mxauth history; output is kept
status() {
	want=$1
	shift
	"$mxauth" history "$@" >"$tmp/out" 2>"$tmp/err"
	is "status of mxauth history $*" "$want" "$?"
}

# value KEY: of the JSON in the last output
value() {
	sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" "$tmp/out" | head -n 1
}

# line N ID AUTHOR IP ACTION: a message of second N
line() {
	printf '{"v":1,"time":"2026-11-21T08:00:%02dZ","id":"%s",' "$1" "$2"
	printf '"ip":"%s","helo":"h","mfrom":"u@b.example",' "$4"
	printf '"action":{"action":"%s","profile":"standard",' "$5"
	printf '"rule":"default","disposition":"none","author":0,'
	printf '"grounds":[]},"spf":{"result":"pass","identity":"mailfrom",'
	printf '"domain":"b.example"},"from":["%s"],' "$3"
	printf '"dmarc":{"result":"pass","worst":0,"policy":"none",'
	printf '"domains":[{"result":"pass","domain":"%s",' "$3"
	printf '"record_domain":"example.com",'
	printf '"record":"v=DMARC1; p=none; rua=mailto:d@example.com",'
	printf '"tag":"p","published":"none","policy":"none",'
	printf '"spf_aligned":true}]},"dkim":[],"rcpts":1,'
	printf '"rcpt":["r@example.jp"]}\n'
}

mkdir "$tmp/journal"
journal=$tmp/journal/20261121T080000Z-0123456789abcdef.jsonl
{
	printf '{"v":1,"time":"2026-11-21T08:00:00Z",'
	printf '"file":"0123456789abcdef","mxauth":"mxauthd test"}\n'
	line 1 4Aaa example.com 192.0.2.1 accept
	line 2 4Bbb news.example.com 192.0.2.2 reject
	line 3 4Ccc other.example 2001:db8::1 accept
} >"$journal"
cat >"$tmp/mxauth.conf" <<END
journal: { directory = "$tmp/journal" }
store: { url = "$url" host = "mx1.example" keep-messages = "14d" }
END
echo 'journal: { directory = "'"$tmp/elsewhere"'" }' >"$tmp/elsewhere.conf"
now=2026-11-21T09:00:00Z
if "$mxauth" history status --store sqlite::memory: 2>&1 |
	grep -q 'built without'; then
	echo "skipped: built without SQLite"
	exit 77
fi

status 0 import --config "$tmp/mxauth.conf" --now "$now" --json
is "lines" 3 "$(value lines)"
is "complete" true "$(value complete)"
status 0 import --config "$tmp/mxauth.conf" --now "$now" --json
is "no line twice" 0 "$(value lines)"
is "what import did, as JSON" \
	'{"files":1,"lines":0,"messages":0,"bad":0,"late":0,"waiting_bytes":0,"complete":true}' \
	"$(tr -d ' \n' <"$tmp/out")"
status 0 import --config "$tmp/mxauth.conf" --now "$now"
is "and in words" '0 lines of 1 files, 0 of them broken, 0 too late for their reports; 0 bytes are waiting' \
	"$(cat "$tmp/out")"

status 1 import --store "$url" "$tmp/no1" "$tmp/no2"
is "each complaint whole" "mxauth history: $tmp/no1: No such file or directory
mxauth history: $tmp/no2: No such file or directory" "$(cat "$tmp/err")"

status 0 list --config "$tmp/mxauth.conf"
is "newest first" '4Ccc: 4Bbb: 4Aaa:' "$(awk '{ print $3 }' "$tmp/out" | xargs)"
is "a line" '2026-11-21T08:00:02Z mx1.example 4Bbb: ip=192.0.2.2 author=news.example.com mail_from_domain=b.example rcpt_domain=example.jp action=reject spf=pass dkim=none dmarc=pass' \
	"$(sed -n 2p "$tmp/out")"
status 0 list --config "$tmp/mxauth.conf" --author news.example.com --json
is "as JSON" '[
  {"time":"2026-11-21T08:00:02Z","host":"mx1.example","id":"4Bbb","ip":"192.0.2.2","author":"news.example.com","mail_from_domain":"b.example","rcpt_domain":"example.jp","action":"reject","cause":"","spf":"pass","dkim":"none","dmarc":"pass"}
]' "$(cat "$tmp/out")"
status 0 list --config "$tmp/mxauth.conf" --author .news.example.com.
is "a name and those below it, with a dot at its end" 1 \
	"$(wc -l <"$tmp/out" | xargs)"
status 0 list --config "$tmp/mxauth.conf" --mail-from b.example --rcpt example.jp
is "domains of the envelope" 3 "$(wc -l <"$tmp/out" | xargs)"
status 0 list --config "$tmp/mxauth.conf" --author .Example.com
is "subdomains" '4Bbb: 4Aaa:' "$(awk '{ print $3 }' "$tmp/out" | xargs)"
status 0 list --config "$tmp/mxauth.conf" --author example.com --json
is "exact" 4Aaa "$(value id)"
is "its host" mx1.example "$(value host)"
status 0 list --config "$tmp/mxauth.conf" --ip 2001:DB8:0::1 --rcpt example.jp
is "client and recipient" 1 "$(wc -l <"$tmp/out" | xargs)"
status 0 list --config "$tmp/mxauth.conf" --action reject \
	--since 2026-11-21T08:00:02Z --until 2026-11-21T08:00:03Z
is "action and time" '4Bbb:' "$(awk '{ print $3 }' "$tmp/out" | xargs)"
status 0 list --config "$tmp/mxauth.conf" --limit 2
is "limit" 2 "$(wc -l <"$tmp/out" | xargs)"
status 1 list --config "$tmp/mxauth.conf" --author "x' OR '1'='1"
status 1 list --config "$tmp/mxauth.conf" --since 2026-11-22 --json
is "nothing is still JSON" '[]' "$(tr -d ' \n' <"$tmp/out")"

status 0 status --config "$tmp/mxauth.conf" --now "$now" --json
is "imported through" 2026-11-21T08:59:58Z "$(value imported_through)"
is "lag" 2 "$(value lag)"
is "last message" 2026-11-21T08:00:03Z "$(value last_message)"
sed 's|store: {|store: { metrics-file = "metrics.prom" |' "$tmp/mxauth.conf" \
	>"$tmp/metrics.conf"
status 0 import --config "$tmp/metrics.conf" --now "$now"
is "metrics" 'mxauth_store_import_lag_seconds{host="mx1.example"} 2' \
	"$(grep '^mxauth_store_import_lag' "$tmp/metrics.prom")"
is "each gauge has one sample for the one host" 4 \
	"$(grep -c 'host="mx1.example"' "$tmp/metrics.prom")"
is "and none for nobody" 0 "$(grep -c 'host=""' "$tmp/metrics.prom")"
status 0 status --config "$tmp/mxauth.conf"
is "in words" 1 "$(grep -c '^mx1.example: imported through' "$tmp/out")"

status 0 page --config "$tmp/mxauth.conf" --now "$now" --html "$tmp/page"
is "the page: what was refused" 1 \
	"$(grep -c '>reject</td><td class="w"></td><td class="n" data-v="1">' \
		"$tmp/page")"
is "its author" 1 "$(grep -c '<a href="#a[0-9]*">news.example.com</a>' "$tmp/page")"
is "and message" 1 "$(grep -c '<b>4Bbb</b> .*192.0.2.0/24 ' "$tmp/page")"
is "the hosts that are in it" 1 "$(grep -c '<td>mx1.example</td>.*08:59:58Z' \
	"$tmp/page")"
is "its story" 1 "$(grep -c '^It was refused' "$tmp/page")"
is "addresses are cut" 0 "$(grep -c '192\.0\.2\.2' "$tmp/page")"
status 0 page --config "$tmp/mxauth.conf" --now "$now" --html "$tmp/page" \
	--full --since 2026-11-21
is "but with --full" 1 "$(grep -c '<b>4Bbb</b> .*192.0.2.2 ' "$tmp/page")"
status 0 page --config "$tmp/mxauth.conf" --now "$now" --html "$tmp/page" \
	--since 2026-11-22 --until 2026-11-23
is "another day" 0 "$(grep -c '4Bbb' "$tmp/page")"
status 0 page --config "$tmp/mxauth.conf" --now "$now" --html "$tmp/page" \
	--store sqlite:/nowhere/at/all.db "$tmp/journal"
is "from journals, without a store" 1 \
	"$(grep -c '<b>4Bbb</b> .*192.0.2.0/24 ' "$tmp/page")"
status 0 page --store "$url" --now "$now" --html "$tmp/page" \
	--config "$tmp/elsewhere.conf"
is "from a host that has no journal" 1 "$(grep -c '^It was refused' "$tmp/page")"
is "its messages all the same" 1 "$(grep -c '<b>4Bbb</b>' "$tmp/page")"
is "a story has no whole mailbox" 'Envelope sender: …@b.example' \
	"$(grep '^Envelope sender' "$tmp/page")"
is "nothing was slow" 1 "$(grep -c 'No message waited a second' "$tmp/page")"
status 0 page --store "$url" --now "$now" --html "$tmp/page" --full \
	--config "$tmp/elsewhere.conf"
is "with --full: what the store has" 'Envelope sender: …@b.example' \
	"$(grep '^Envelope sender' "$tmp/page")"
status 0 page --now "$now" --html "$tmp/page" --full "$tmp/journal" \
	--config "$tmp/elsewhere.conf"
is "of a journal: the mailbox" 'Envelope sender: u@b.example' \
	"$(grep '^Envelope sender' "$tmp/page")"

# what the store does not keep is said
for keep in 0 1d; do
	sed "s/14d/$keep/" "$tmp/mxauth.conf" >"$tmp/keep.conf"
	status 0 page --config "$tmp/keep.conf" --now "$now" \
		--html "$tmp/page-$keep"
done
is "no messages" 1 "$(grep -c 'keep-messages is 0' "$tmp/page-0")"
is "messages of a day" 1 \
	"$(grep -c '(store.keep-messages) since 2026-11-20' "$tmp/page-1d")"
is "nothing is missing" 0 "$(grep -c 'keep-messages\|older version' "$tmp/page")"
status 1 page --config "$tmp/mxauth.conf" --now "$now" --html "$tmp/page" \
	"$tmp/missing"
status 64 page --config "$tmp/mxauth.conf"
status 73 page --config "$tmp/mxauth.conf" --html "$tmp/none/page"
status 75 page --config "$tmp/mxauth.conf" --html "$tmp/page2" \
	--store sqlite:/nowhere/at/all.db
is "no page without a store" no "$([ -e "$tmp/page2" ] && echo yes || echo no)"

# a message of another host: its journal is not here
mkdir "$tmp/empty"
cat >"$tmp/fleet.conf" <<END
journal: { directory = "$tmp/empty" }
store: { url = "$url" }
END
"$mxauth" explain --config "$tmp/fleet.conf" --json 4Bbb >"$tmp/out"
is "explain asks the store" 1 "$?"
is "its kind" store "$(value kind)"
is "the host that has it" mx1.example "$(value host)"
is "its author" news.example.com "$(value domain)"
"$mxauth" explain --config "$tmp/fleet.conf" 4Bbb >"$tmp/out"
is "its story" 1 "$(grep -c '^It was refused' "$tmp/out")"
is "and who knows more" 1 "$(grep -c 'the journal of mx1.example' "$tmp/out")"
"$mxauth" explain --config "$tmp/fleet.conf" 4Ccc >"$tmp/out"
is "explain: nothing failed" 1 "$?"
is "in words: where to ask" 1 "$(grep -c 'journal of mx1.example' "$tmp/out")"
"$mxauth" explain --config "$tmp/mxauth.conf" --json 4Bbb >"$tmp/out"
is "this host's journal knows more" journal "$(value kind)"
"$mxauth" explain --config "$tmp/fleet.conf" 4Zzz >"$tmp/out" 2>"$tmp/err"
is "explain: nobody knows it" 2 "$?"
sed "s|url = .*|url = \"sqlite:$tmp/none.db\" }|" "$tmp/fleet.conf" \
	>"$tmp/none.conf"
"$mxauth" explain --config "$tmp/none.conf" 4Bbb >"$tmp/out" 2>"$tmp/err"
is "explain: no store" 2 "$?"
is "none is made" no "$([ -e "$tmp/none.db" ] && echo yes || echo no)"

status 0 prune --config "$tmp/mxauth.conf" --now "$now" --json
is "nothing is old" 0 "$(value sums)"
status 0 prune --config "$tmp/mxauth.conf" --now 2027-01-01 --json
is "sums by age" 3 "$(value sums)"
is "messages by age: days of them" 1 "$(value message_days)"
status 0 prune --config "$tmp/mxauth.conf" --now 2027-01-01
is "nothing is left, in words" \
	'Removed: 0 days of messages, 0 sums, 0 reports' "$(cat "$tmp/out")"
status 1 list --config "$tmp/mxauth.conf"
status 0 import --config "$tmp/mxauth.conf" --json
is "what was pruned does not come back" 0 "$(value lines)"

# without single messages
status 0 import --store "sqlite:$tmp/sums.db" --now 2026-12-24 --json \
	"$journal"
is "the defaults keep messages of 14 days only" 3 "$(value lines)"
status 1 list --store "sqlite:$tmp/sums.db"

# a store of nobody, and a journal with a line that is none
status 1 status --store "sqlite:$tmp/nobody.db"
is "nothing is there" 'Nothing has been imported yet.' "$(cat "$tmp/out")"
{
	cat "$journal"
	echo 'no line'
} >"$tmp/broken.jsonl"
status 0 import --store "sqlite:$tmp/broken.db" --now "$now" \
	--config "$tmp/mxauth.conf" "$tmp/broken.jsonl"
is "a broken line is counted" '3 lines of 1 files, 1 of them broken' \
	"$(cut -d, -f 1-2 "$tmp/out")"

# --- bad usage and bad stores
status 0 --help
status 64
status 64 frobnicate
status 66 list extra
status 64 list --limit x
status 64 list --since yesterday
status 64 status --now never
status 75 status --store sqlite:/nonexistent/store.db
is "one line that names it" 1 "$(wc -l <"$tmp/err" | xargs)"
status 75 status --store mysql://localhost/x
echo 'this is no database, and longer than its header would be' >"$tmp/text.db"
status 75 import --store "sqlite:$tmp/text.db" "$journal"
is "says so" 1 "$(grep -c 'not a database' "$tmp/err")"
status 1 import --config "$tmp/mxauth.conf" /nonexistent/journal
is "names the journal" 1 "$(grep -c '/nonexistent/journal' "$tmp/err")"
status 78 status --config "$tmp/none.conf.bad/.."

# a read-only file; root may write it all the same
if [ "$(id -u)" != 0 ]; then
	cp "$tmp/sums.db" "$tmp/ro.db"
	chmod 444 "$tmp/ro.db"
	status 75 prune --store "sqlite:$tmp/ro.db" --now 2027-01-01
fi

# A full disk: nothing is lost, the next run takes it.
i=0
while [ "$i" -lt 400 ]; do
	line $((i % 60)) "5F$i" "a$i.example.com" 192.0.2.9 accept
	i=$((i + 1))
done >>"$journal"
(
	trap '' XFSZ
	ulimit -f 260
	"$mxauth" history import --store "sqlite:$tmp/full.db" "$journal" \
		>"$tmp/out" 2>"$tmp/err"
)
is "status with a full disk" 75 "$?"
is "says so" 1 "$(grep -cE 'full|disk I/O' "$tmp/err")"
status 0 import --store "sqlite:$tmp/full.db" --json "$journal"
is "all of it with room again" 403 "$(value lines)"
status 0 import --store "sqlite:$tmp/full.db" --json "$journal"
is "once" 0 "$(value lines)"

# As a service.
"$mxauth" history import --follow --json --store "sqlite:$tmp/follow.db" \
	--config "$tmp/mxauth.conf" >"$tmp/out" 2>"$tmp/err" &
pid=$!
has_followed() {
	"$mxauth" history status --json --store "sqlite:$tmp/follow.db" \
		2>/dev/null | grep -q '"lines": 403'
}
wait_until has_followed
kill -TERM "$pid"
wait "$pid"
is "SIGTERM ends --follow" 0 "$?"
is "what it took" 403 "$(value lines)"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
