#!/bin/sh
# doc.sh - the examples in the documents are what the tools say.
#
# An example is a comment, <!-- example FILE CASE: ARGUMENT... -->, and the block
# of the command and its answer after it.  FILE is one of t/, CASE its case with
# the input ("-": the file has no cases).  The test compares the exit status,
# the records, and that the block begins with the command; wording may change.
# "make update-doc" writes the blocks anew (doc.sh update).
top=$(cd "${srcdir:-.}" && pwd)
build=$(cd "${builddir:-.}" && pwd)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-doc.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# check TEXT COMMAND...
check() {
	what=$1
	shift
	if "$@" >"$tmp/why" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $what"
		cat "$tmp/why"
	fi
}

# section FILE CASE NAME: a part of a case file
section() {
	awk -v want="[case $2]" -v part="[$3]" '
		$0 == want { on = 1; next }
		/^\[case / { on = 0 }
		(on || want == "[case -]") && $0 == part { p = 1; next }
		/^\[[a-z]+\]/ { p = 0 }
		(on || want == "[case -]") && p' "$1"
}

# answer FILE CASE ARGUMENTS: what mxauth says, its status in $tmp/status
answer() {
	case_file=$top/t/$1
	zone=$(dirname "$case_file")/zone
	section "$case_file" "$2" zone >"$tmp/zone"
	[ -s "$tmp/zone" ] || cp "$zone" "$tmp/zone"
	mkdir -p "$tmp/in"
	last=${3##* }
	case $last in
	*.eml | *.txt) section "$case_file" "$2" input >"$tmp/in/$last" ;;
	esac
	(
		cd "$tmp/in" && "$build/mxauth" $3 --zone "$tmp/zone"
		echo $? >"$tmp/status"
	) 2>&1
}

# wrapped FILE CASE ARGUMENTS: the same as on a terminal of 80 columns
wrapped() {
	answer "$@" >/dev/null
	(cd "$tmp/in" && script -qc "stty cols 80 && LANG=C.UTF-8 \
		$build/mxauth $3 --zone $tmp/zone" /dev/null </dev/null) |
		sed 's/\x1b\[[0-9;]*m//g; s/\r//'
}

# example LINE: sets file, name, words
example() {
	text=${1#<!-- example }
	text=${text% -->}
	words=${text#*: }
	text=${text%%: *}
	file=${text%% *}
	name=${text#* }
}

# block DOCUMENT NUMBER: the lines of the Nth example, unindented
block() {
	awk -v want="$2" '
		/^<!-- example / { n++; next }
		n == want && /^    / { print substr($0, 5); seen = 1; next }
		n == want && /^$/ { if (seen) print ""; next }
		n == want { exit }' "$1"
}

# records: those of a text, without the line breaks in them
records() {
	tr -s ' \n' '  ' | grep -oE 'v=spf1( [^ "」]*[a-z0-9][^ "」]*)* [-~?+]?all|v=DMARC1;( [a-z]+=[^ ;"」]+;?)*' |
		sort -u
}

test_document() {
	doc=$1
	number=0
	grep '^<!-- example ' "$doc" >"$tmp/examples"
	while read -r line; do
		number=$((number + 1))
		example "$line"
		answer "$file" "$name" "$words" >"$tmp/answer"
		block "$doc" "$number" >"$tmp/block"
		where="$(basename "$doc"), example $number"
		check "$where begins with its command" \
			test "$(head -n 1 "$tmp/block")" = "\$ mxauth $words"
		check "$where: status 0 or 1 (got $(cat "$tmp/status"))" \
			grep -qx '[01]' "$tmp/status"
		records <"$tmp/answer" >"$tmp/said"
		records <"$tmp/block" >"$tmp/shown"
		check "$where: the records are those of today" \
			diff "$tmp/said" "$tmp/shown"
	done <"$tmp/examples"
}

update_document() {
	while IFS= read -r line; do
		case $line in
		'<!-- example '*)
			example "$line"
			[ -z "${skip:-}" ] || echo
			printf '%s\n\n    $ mxauth %s\n' "$line" "$words"
			wrapped "$file" "$name" "$words" |
				sed 's/^\(.\)/    \1/'
			skip=yes
			;;
		'    '* | '') [ -n "${skip:-}" ] || printf '%s\n' "$line" ;;
		*)
			[ -z "${skip:-}" ] || echo
			skip=
			printf '%s\n' "$line"
			;;
		esac
	done <"$1" >"$tmp/new" && cp "$tmp/new" "$1"
}

for doc in "$top/README.md" "$top"/doc/*.md; do
	[ -f "$doc" ] || continue
	if [ "${1:-}" = update ]; then
		update_document "$doc"
	else
		test_document "$doc"
	fi
done
[ "${1:-}" != update ] || exit 0

# --- links and size

for doc in "$top/README.md" "$top"/doc/*.md "$top/CONTRIBUTING.md"; do
	grep -oE '\]\([^)#:]+' "$doc" | cut -c 3- | sort -u >"$tmp/links"
	while read -r link; do
		check "$(basename "$doc") links to $link" \
			test -e "$(dirname "$doc")/$link"
	done <"$tmp/links"
done
lines=$(wc -l <"$top/README.md")
check "README.md has at most 200 lines (has $lines)" test "$lines" -le 200

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
