#!/bin/sh
# Aggregate reports of all shapes, and `mxauth report` itself.
passed=0
failed=0
out=$("$builddir/t/report/run_reports" "$srcdir"/t/report/*.case) || failed=1
echo "$out" | sed '$d'
passed=$(echo "$out" | sed -n '$s/ passed.*//p')
failed=$(echo "$out" | sed -n '$s/.*, \([0-9]*\) failed/\1/p')

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

dir=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-report.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
sed -n '/^\[input\]/,/^\[expect\]/p' "$srcdir/t/report/01-plain.case" |
	sed '1d;$d' >"$dir/plain.xml"
mxauth=$builddir/mxauth

"$mxauth" report "$dir/plain.xml" --html "$dir/page.html" >"$dir/text"
check "a good file: status 0" test $? = 0
check "it says how many were refused" \
	grep -q '2 messages from 192.0.2.7 were refused' "$dir/text"
check "and why" grep -q 'no SPF record' "$dir/text"
mkdir "$dir/empty" "$dir/folder"
"$mxauth" report "$dir/missing" "$dir/plain.xml" "$dir/empty" >"$dir/text" \
	2>"$dir/errors"
check "a missing file: status 1" test $? = 1
check "it is named" grep -q "$dir/missing: No such file" "$dir/errors"
check "an empty folder is named" \
	grep -q "$dir/empty: there is no report in it" "$dir/errors"
check "the others are read" grep -q 'messages: 2' "$dir/text"

# Many at once: three reports with ids of their own.
for i in 1 2 3; do
	sed "s/<report_id>[^<]*/<report_id>id-$i/" "$dir/plain.xml" \
		>"$dir/$i.xml"
done
{
	printf 'From: r@receiver.example\n\n'
	cat "$dir/1.xml"
} >"$dir/short.eml"
{
	echo 'From r@receiver.example Sat Nov 21 09:00:00 2026'
	cat "$dir/short.eml"
	printf '\nFrom r@receiver.example Sat Nov 21 09:00:01 2026\n'
	printf 'From: <a@b.example>\nSubject: no report\n\nhello\n'
	printf '\nFrom r@receiver.example Sat Nov 21 09:00:02 2026\n'
	printf 'Subject: x\nContent-Type: text/xml\n\n'
	cat "$dir/2.xml"
} >"$dir/box"
"$mxauth" report "$dir/short.eml" >"$dir/text" 2>"$dir/errors"
check "a mail with a short header: status 0" test $? = 0
check "it is read" grep -q 'messages: 2' "$dir/text"
"$mxauth" report --json "$dir/box" >"$dir/json" 2>"$dir/errors"
check "an mbox: status 0" test $? = 0
check "all of it is read" grep -q '"reports": 2' "$dir/json"
check "mail without a report is told" \
	grep -q '1 messages without a report were passed over' "$dir/errors"
"$mxauth" report --json - <"$dir/box" >"$dir/json2" 2>/dev/null
check "the same from standard input" grep -q '"reports": 2' "$dir/json2"
gzip -c "$dir/box" >"$dir/folder/box.gz"
gzip -c "$dir/3.xml" >"$dir/folder/3.xml.gz"
cp "$dir/short.eml" "$dir/1.xml" "$dir/folder"
"$mxauth" report --json "$dir/folder" >"$dir/json" 2>"$dir/errors"
check "a folder: status 0" test $? = 0
check "all of it is read, once" grep -q '"reports": 3' "$dir/json"
mkdir -p "$dir/mail/cur" "$dir/mail/new" "$dir/mail/tmp"
cp "$dir/short.eml" "$dir/mail/cur/1"
"$mxauth" report "$dir/mail" >"$dir/text" 2>/dev/null
check "a Maildir is read" grep -q 'messages: 2' "$dir/text"
sed 's/<\/feedback>/<record><\/feedback>/' "$dir/plain.xml" >"$dir/broken.xml"
"$mxauth" report --json "$dir/broken.xml" >"$dir/json" 2>"$dir/errors"
check "a broken document: status 1" test $? = 1
check "its records are kept" grep -q '"records": 1' "$dir/json"
check "the loss is said" \
	grep -q 'not well-formed XML: only the 1 records before' "$dir/errors"

"$mxauth" report --json "$dir/plain.xml" >"$dir/json"
check "--json gives numbers" grep -q '"begin": 1643587200' "$dir/json"
sed -n '/"groups"/,$p' "$dir/json" >"$dir/groups"
for key in '"author": "example.com"' '"source_ip": "192.0.2.7"' \
	'"cause": "spf-missing"' '"text": "' '"advice": "' '"messages": 2' \
	'"rejected": 2' '"published_since": 0'; do
	check "--json has what the text says: $key" \
		grep -qF "$key" "$dir/groups"
done
"$mxauth" report >/dev/null 2>&1
check "no file: status 64" test $? = 64
# Browsers look at the pages in t/page/pages.sh.
check "the page has the answer" grep -q 'class="answer no">Not yet' \
	"$dir/page.html"
check "the page has the chart" grep -q 'class="refused" d="M' "$dir/page.html"
check "the page has the sender" grep -q '<b>192.0.2.0/24</b>' "$dir/page.html"
check "the page loads nothing" sh -c "! grep -qE \
	'src=|href=\"[^#]|https?://|@import|url\(' '$dir/page.html'"
sed 's|<org_name>[^<]*|<org_name>"\&gt;\&lt;img src=x\&gt;\&#x202e;|
	s|<domain>[^<]*|<domain>\&lt;script\&gt;x\&lt;/script\&gt;.example|' \
	"$dir/plain.xml" >"$dir/hostile.xml"
"$mxauth" report --html "$dir/hostile.html" "$dir/hostile.xml" >"$dir/text" \
	2>"$dir/errors"
check "strangers write no markup" sh -c "! grep -qE '<img|<script>x' \
	'$dir/hostile.html'"
check "their text is shown" grep -q '&quot;&gt;&lt;img src=x&gt;?' \
	"$dir/hostile.html"
check "a page that cannot be written: status 73" sh -c "'$mxauth' report \
	--html '$dir/none/page.html' '$dir/plain.xml' >/dev/null 2>&1; test \$? = 73"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
