#!/bin/sh
# markup.sh - every page that mxauth writes, as text (markup.py): the data of
# strangers is never markup, nothing is loaded, links lead somewhere, colours
# have contrast.  Needs no browser; pages.sh looks at the same pages with one.
build=$(cd "${builddir:-.}" && pwd)
top=$(cd "${srcdir:-.}" && pwd)
mxauth=$build/mxauth
if ! command -v python3 >/dev/null; then
	echo "skipped: needs python3"
	exit 77
fi
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-markup.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT

. "$top/t/page/make.sh"
python3 "$top/t/page/markup.py" "$tmp"/*.html "$tmp"/*.page || status=1

# history page shortens addresses unless it is told not to
if [ -f "$tmp/history-en.html" ]; then
	if grep -E 'schmidt|yamada|192\.0\.2\.[1-9]' "$tmp/history-en.html"; then
		echo "FAIL: whole addresses"
		status=1
	fi
	for part in 'a…@news[0-9].example' 'It came from 192.0.2.0/24' \
		'>mailing_list</td><td class="w small">list-signature</td><td>l' \
		'<td class="w small">trusted-sealer</td><td>sealer.example</td>' \
		'<td class="w">reject</td><td class="w">dmarc-reject</td><td><a href="#a'; do
		grep -q "$part" "$tmp/history-en.html" ||
			{ echo "FAIL: no $part"; status=1; }
	done
	grep -q 'It came from 192.0.2.[1-9]' "$tmp/full.page" ||
		{ echo "FAIL: --full shortens addresses"; status=1; }
	grep -q 'anna.schmidt@news[0-9].example' "$tmp/journal.page" ||
		{ echo "FAIL: --full shortens mailboxes of a journal"; status=1; }
	if grep -E 'schmidt|yamada' "$tmp/full.page"; then
		echo "FAIL: the store has mailboxes"
		status=1
	fi
fi
# an older version did not store them
if [ -f "$tmp/store.db" ]; then
	python3 -c 'import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as c:
    c.execute("UPDATE meta SET value = 1795000000 WHERE name = ?",
              ("stories_since",))' "$tmp/store.db"
	"$mxauth" history page --config "$tmp/mxauth.conf" --now $now \
		--html "$tmp/old.html" || status=1
	grep -q 'older version .* begin on 2026-11-18' "$tmp/old.html" ||
		{ echo "FAIL: stories are missing without a word"; status=1; }
fi
exit $status
