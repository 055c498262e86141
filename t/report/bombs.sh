#!/bin/sh
# What a stranger may send to make `mxauth report` work for nothing: each ends
# soon, in little memory, with a clear word for that file, and the others are
# read.  The files are made here.
passed=0
failed=0
mxauth=$builddir/mxauth
dir=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-bombs.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
# 256 MB of memory of its own, and 10 seconds of the processor; the sanitizers need
# more of both.
case $("$builddir/mxauthd" -V) in
*sanitizers=no*) room=262144 seconds=10 ;;
*) room=unlimited seconds=100 ;;
esac

check() {
	what=$1
	shift
	if "$@" >/dev/null 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $what"
	fi
}

# repeat N TEXT: TEXT N times ("#": its number)
repeat() {
	awk -v n="$1" -v text="$2" 'BEGIN {
		at = index(text, "#")
		if (at == 0) {
			for (i = 0; i < n; i++)
				printf "%s", text
			exit
		}
		before = substr(text, 1, at - 1)
		after = substr(text, at + 1)
		for (i = 0; i < n; i++)
			printf "%s%d%s", before, i, after
	}'
}

head='<feedback><report_metadata><org_name>receiver.example</org_name>
<report_id>ID</report_id></report_metadata>
<policy_published><domain>example.com</domain><p>none</p></policy_published>'
record='<record><row><source_ip>192.0.2.7</source_ip><count>2</count>
</row></record>'

# report ID: what comes in is between the metadata and a record
report() {
	echo "$head" | sed "s/ID/$1/"
	cat
	echo "$record</feedback>"
}

echo | report good >"$dir/good.xml"

# bomb NAME FILE [TEXT]: read with a good one; TEXT is said about it, or nothing
# and it is read
bomb() {
	(
		ulimit -d "$room"
		ulimit -t "$seconds"
		exec timeout 1800 "$mxauth" report --json "$dir/$2" \
			"$dir/good.xml"
	) >"$dir/json" 2>"$dir/errors"
	status=$?
	check "$1: the other is read" grep -q '"report_id": "good"' "$dir/json"
	if [ -n "$3" ]; then
		check "$1: status 1, not $status" test "$status" = 1
		check "$1: \"$3\", not \"$(head -c 200 "$dir/errors")\"" \
			grep -q "$2: .*$3" "$dir/errors"
	else
		check "$1: status 0, not $status" test "$status" = 0
		check "$1: it is read" \
			grep -q '"records": 2' "$dir/json"
	fi
	rm -f "$dir/$2"
}

yes xxxxxxxxx | tr -d "\n" | head -c 10000000 | sed '1s/^/<!--/;$s/$/-->/' | report c | gzip -1 \
	>"$dir/comment.xml.gz"
bomb "a comment of 10 MB" comment.xml.gz
yes xxxxxxxxx | tr -d "\n" | head -c 10000000 | sed '1s/^/<a b="/;$s/$/"\/>/' | report a | gzip -1 \
	>"$dir/attribute.xml.gz"
bomb "an attribute of 10 MB" attribute.xml.gz 'a tag of more than 16 KiB'
repeat 200000 'a#="" ' | sed '1s/^/<a /;$s/$/\/>/' | report a | gzip -1 \
	>"$dir/attributes.xml.gz"
bomb "200,000 attributes" attributes.xml.gz 'a tag of more than 16 KiB'
repeat 1000000 '<e#/>' | report n | gzip -1 >"$dir/names.xml.gz"
bomb "a million names" names.xml.gz '1000 different names'
yes '<a>' | head -c 6000000 | report d | gzip -1 >"$dir/deep.xml.gz"
bomb "two million levels" deep.xml.gz 'nested more than 250 deep'
yes xxxxxxx | head -c 100000000 | report t | gzip -1 >"$dir/text.xml.gz"
bomb "100 MB of text" text.xml.gz '256 KiB of text'
yes '<a/>' | head -c 300000000 | report r | gzip -1 >"$dir/ratio.xml.gz"
bomb "300 MB of nothing" ratio.xml.gz 'more than 8,000,000 elements'
yes '<!---->' | tr -d '\n' | head -c 300000000 | report o | gzip -1 >"$dir/comments.xml.gz"
bomb "300 MB of comments" comments.xml.gz 'unpacks to more than any report'
repeat 50000 "$record" | report records >"$dir/records.xml"
"$mxauth" report --json "$dir/records.xml" >"$dir/json" 2>/dev/null
check "50,000 records" grep -q '"records": 50001' "$dir/json"

mail='From: a@example.net
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b
'
{ echo "$mail"; repeat 1000000 '--b

'; } >"$dir/parts.eml"
bomb "a million empty parts" parts.eml 'more than 6000 parts'
{ echo "$mail"; repeat 1000000 '--b
Content-Type: text/xml

<?xml?><feedback/>
'; } >"$dir/documents.eml"
bomb "a million empty reports" documents.eml 'more than 6000 parts'
{ echo 'From: a@example.net'; repeat 1000000 'X: y
'; } >"$dir/fields.eml"
bomb "a million fields" fields.eml 'more than 50000 header fields'
{ printf 'X: '; yes yyyyyyyyy | tr -d "\n" | head -c 10000000; } >"$dir/field.eml"
bomb "a field of 10 MB" field.eml 'a header field of more than 256 KiB'
repeat 300000 'Content-Type: multipart/mixed; boundary=b

--b
' >"$dir/nested.eml"
bomb "300,000 levels of parts" nested.eml 'more than 6000 parts'
repeat 300000 'Content-Type: message/rfc822

' >"$dir/messages.eml"
bomb "300,000 messages in messages" messages.eml 'more than 6000 parts'

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
