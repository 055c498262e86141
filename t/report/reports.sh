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
"$mxauth" report "$dir/missing" "$dir/plain.xml" "$dir" >"$dir/text" \
	2>"$dir/errors"
check "a missing file: status 1" test $? = 1
check "it is named" grep -q "$dir/missing: No such file" "$dir/errors"
check "a directory is named" grep -q "$dir: Is a directory" "$dir/errors"
check "the others are read" grep -q 'messages: 2' "$dir/text"
"$mxauth" report --json "$dir/plain.xml" >"$dir/json"
check "--json gives numbers" grep -q '"begin": 1643587200' "$dir/json"
"$mxauth" report >/dev/null 2>&1
check "no file: status 64" test $? = 64
check "the page has both charts" sh -c "grep -q 'id=\"by-day\"' \
	'$dir/page.html' && grep -q 'id=\"by-source\"' '$dir/page.html'"
check "the page loads nothing" sh -c "! grep -qE \
	'(src|href)=|https?://|<script|@import|url\(' '$dir/page.html'"

# A real browser, where there is one: charts drawn, tables filled.
browser=$(command -v chromium || command -v google-chrome)
if [ -n "$browser" ]; then
	timeout 60 "$browser" --headless --no-sandbox --disable-gpu \
		--disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync \
		--user-data-dir="$dir/profile" --dump-dom \
		"file://$dir/page.html" >"$dir/dom" 2>/dev/null
	check "the browser draws two bars" \
		test "$(grep -o '<rect class="rejected"' "$dir/dom" |
			grep -c .)" = 2
	check "the browser shows the table" \
		grep -q '<td>192.0.2.7</td>' "$dir/dom"
else
	echo "no browser: the page was not opened in one"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
