#!/bin/sh
# japanese.sh - nothing English stands inside Japanese output: what the tools
# answer about the cases of other tests is searched for English words, without
# what it quotes.
top=$(cd "${srcdir:-.}" && pwd)
mxauth=$(cd "${builddir:-.}" && pwd)/mxauth
if [ ! -s "$(dirname "$mxauth")/po/locale/ja/LC_MESSAGES/mxauth.mo" ]; then
	echo "skipped: no Japanese catalogue was built"
	exit 77
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-ja.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' HUP INT TERM

# ja WHAT COMMAND ARGUMENT...: one answer, added to the others
ja() {
	echo "==> $1"
	command=$2
	shift 2
	"$mxauth" "$command" --lang ja "$@" 2>&1
}

# unpack FILE: a case becomes $dir/zone, $dir/args and $dir/message, $ip and
# $from.  Keys are made at run time, so there are none here.
unpack() {
	: >"$dir/zone"
	: >"$dir/args"
	: >"$dir/message"
	: >"$dir/envelope"
	awk -v dir="$dir" '/^\[[a-z]+\]\r?$/ {
			file = dir "/" substr($0, 2, index($0, "]") - 2)
			next
		}
		file == "" { next }
		/@key:/ { sub(/@key:[^ ]*/, "\"v=DKIM1; p=\"") }
		/@[a-z]*:/ && file == dir "/zone" { next }
		{ print >file }' "$1"
	ip= from=
	while read -r key value; do
		case $key in
		ip:) ip=$value ;;
		mail-from:) from=$value ;;
		esac
	done <"$dir/envelope"
}

# journal_line REASON: $dir/journal's line with that reason, whatever method it
# was of
journal_line() {
	sed 's/"id":"4XyZabc"/"id":"Reason1"/' "$top/t/fuzz/corpus/line/list" |
		r=$1 awk '{ at = index($0, "spf says softfail")
			print substr($0, 1, at - 1) ENVIRON["r"] substr($0, at + 17) }'
}

# reasons FILE...: those that `mxauth check --json` gives, as JSON strings
# without their quotes, each once
reasons() {
	cat "$@" | grep -E '^ *"reason": "..*"' |
		sed 's/^[^:]*: "//; s/",*$//' | sort -u
}

# page WHAT COMMAND... --html FILE: the words of a page
page() {
	what=$1
	shift
	"$mxauth" "$@" --lang ja --html "$dir/page" >"$dir/said" 2>&1
	echo "==> $what --html"
	sed '/<style/,/<\/style>/d; /<script/,/<\/script>/d; s/<code[^>]*>[^<]*<\/code>/ | /g; s/<[^>]*>/\n/g; s/&quot;/"/g' \
		"$dir/page"
}

# english: the lines that have English words where nothing is quoted.  A
# quotation stands in quotes, is indented below the heading of the receiver's
# words, or is another program's line: record, header field, reply, command,
# fact of the journal.
english() {
	LC_ALL=C awk '
	BEGIN {
		n = split("the is are was were not of for has have had and " \
			"with cannot does do which that this no its it be " \
			"been on more than there only to by as at so if or " \
			"an too", w, " ")
		for (i = 1; i <= n; i++)
			english[w[i]] = 1
	}
	/^==> / { what = substr($0, 5); quoted = facts = 0; next }
	/^受信側の応答$/ || /^ヘッダーフィールド$/ ||
	/^ +(Received-SPF|Authentication-Results): / { quoted = 1 }
	/^記録されたすべての事項/ { facts = 1 }
	facts || quoted && /^    / { next }
	# of a log: the words of the receiver, one example for each group
	/^         / && !/[\200-\377]/ { next }
	/^  [45][0-9][0-9][- ]/ || /^\t/ || /^Authentication-Results: / ||
	/v=(spf1|DMARC1|DKIM1|TLSRPTv1|STSv1|BIMI1)/ || /^  (TXT|PTR) / ||
	/^ *mxauth / { next }
	{
		line = $0
		gsub(/"[^"]*"/, "", line)
		gsub(/\047[^\047]*\047/, "", line)
		gsub(/[\200-\377]+|  +/, " | ", line)
		gsub(/[(),;:\[\]]/, " | ", line)
		n = split(line, w, " ")
		run = 0
		bad = 0
		for (i = 1; i <= n; i++) {
			sub(/[.]$/, "", w[i])
			if (w[i] in english)
				bad = 1
			run = w[i] ~ /^[A-Za-z]?[a-z\047]+$/ ? run + 1 : 0
			if (run >= 3)
				bad = 1
		}
		if (bad)
			print what ": " $0
	}'
}

{
	for case in "$top"/t/lint/*.case; do
		unpack "$case"
		read -r args <"$dir/args" || args=example.com
		ja "$case" lint --config "$top/t/lint/no-journal.conf" \
			--zone "$dir/zone" $args
	done
	for case in "$top"/t/cases/*.case; do
		unpack "$case"
		ja "$case" check --zone "$dir/zone" ${ip:+--ip "$ip"} \
			--helo client.example --mail-from "$from" "$dir/message"
		"$mxauth" check --json --zone "$dir/zone" ${ip:+--ip "$ip"} \
			--helo client.example --mail-from "$from" \
			"$dir/message" >>"$dir/checked" 2>/dev/null
		case $case in
		*/from-*) ;;
		*)
			from=${from#<}
			ja "$case" spf --zone "$dir/zone" ${ip:+--ip "$ip"} \
				"${from%>}"
			;;
		esac
	done
	for cases in "$top"/t/dsn/*.cases; do
		awk -v dir="$dir" '/^\[case / { n++; file = "" }
			/^\[[a-z]+\]/ && !/^\[case / { file = "" }
			file != "" { print >file }
			/^\[input\]/ { file = sprintf("%s/i.%03d", dir, n) }' \
			"$cases"
		for input in "$dir"/i.*; do
			ja "$cases $input" explain --zone "$top/t/dsn/zone" \
				"$input"
			rm -f "$input"
		done
	done
	for case in "$top"/t/report/*.case; do
		awk '/^\[input\]/ { on = 1; next } /^\[[a-z]+\]/ { on = 0 } on' \
			"$case" >"$dir/report"
		ja "$case" report "$dir/report"
	done
	cat "$top"/t/fuzz/corpus/line/[alnor]* >"$dir/journal"
	printf '%s\n' 'profile = "strict"' "policy-file = \"$dir/policy\"" \
		"journal: { directory = \"$dir/journals\" }" >"$dir/conf"
	printf '%s\n' 'rules = ( { author = "a.example" profile = "monitor" } )' \
		>"$dir/policy"
	mkdir "$dir/journals" && cp "$dir/journal" "$dir/journals/20261121T080000Z-0123456789abcdef.jsonl"
	ja list history list --config "$dir/conf" "$dir/journal"
	ja list history list --config "$dir/conf" --author none.example \
		"$dir/journal"
	ja replay replay --config "$dir/conf" "$dir/journal"
	ja replay replay --config "$dir/conf" --suggest "$dir/journal"
	ja story explain --config "$dir/conf" 4XyZabc
	reasons "$dir/checked" >"$dir/reasons"
	while read -r reason; do
		journal_line "$reason" >"$dir/journals/20261121T080000Z-0123456789abcdef.jsonl"
		ja "story of $reason" explain --config "$dir/conf" Reason1
	done <"$dir/reasons"
	ja policy policy --config "$dir/conf" --from a.example --ip 192.0.2.1
	ja policy policy --config "$dir/conf" --from b.example
	page page history page --config "$dir/conf" --now 2026-11-22 \
		"$dir/journal"
	page report report "$dir"/report
} >"$dir/answers"

# a reason that the tools give themselves is read back from the journal
sed -n '/^==> story of /,$p' "$dir/answers" | sed '/^==> policy/,$d' |
	grep '^SPF: .*記録の原文' >"$dir/unread"
sed 's/^/not read back: /' "$dir/unread"
english <"$dir/answers" | sed "s|$top/||;s|$dir/||" >"$dir/english"
cat "$dir/english"
answers=$(grep -c '^==> ' "$dir/answers")
japanese=$(LC_ALL=C grep -c '[^ -~]' "$dir/answers")
failed=$(cat "$dir/english" "$dir/unread" | wc -l)
[ "$(wc -l <"$dir/reasons")" -gt 50 ] || {
	echo "FAIL: too few reasons"
	failed=1
}
[ "$answers" -gt 500 ] && [ "$japanese" -gt "$answers" ] || {
	echo "FAIL: $answers answers with $japanese lines in Japanese"
	failed=1
}
echo "$answers answers, $failed lines with English words or unread reasons"
[ "$failed" -eq 0 ]
