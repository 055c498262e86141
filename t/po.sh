#!/bin/sh
# Translations: every word for people is there and none is in doubt, and the
# tools speak the language they are asked for.
passed=0
failed=0

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

if ! command -v xgettext >/dev/null || ! command -v msgmerge >/dev/null; then
	echo "skipped: needs gettext"
	exit 77
fi
dir=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-po.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
builddir=$(cd "$builddir" && pwd)
(cd "$srcdir" && find cli lib -name '*.c' | LC_ALL=C sort |
	xgettext -k_ -kN_ -kP_:1,2 --from-code=UTF-8 -f - -o "$dir/pot")
msgmerge -q --no-fuzzy-matching -o "$dir/ja.po" "$srcdir/po/ja.po" "$dir/pot"
msgattrib --untranslated --no-obsolete "$dir/ja.po" >"$dir/missing"
msgattrib --only-fuzzy --no-obsolete "$dir/ja.po" >>"$dir/missing"
grep '^msgid' "$dir/missing" | grep -v '^msgid ""$'
check "every text has a Japanese translation" test ! -s "$dir/missing"
check "formats agree" msgfmt -c -o /dev/null "$srcdir/po/ja.po"

printf '%s\n' 'example.net. TXT "v=spf1 ip4:192.0.2.1 ~all"' \
	'7.100.51.198.in-addr.arpa. PTR out7.provider.example.' \
	'out7.provider.example. A 198.51.100.7' \
	'provider.example. TXT "v=spf1 ip4:198.51.100.0/28 ~all"' >"$dir/zone"
printf '%s\n' 'Received-SPF: softfail identity=mailfrom;' \
	' client-ip=198.51.100.7; envelope-from="u@example.net"' >"$dir/header"
mxauth=$builddir/mxauth
"$mxauth" explain --lang ja --zone "$dir/zone" "$dir/header" >"$dir/ja"
check "explain speaks Japanese" grep -q '対処' "$dir/ja"
check "the record is the same" \
	grep -q 'v=spf1 ip4:192.0.2.1 include:provider.example ~all' "$dir/ja"
LANG=ja_JP.UTF-8 "$mxauth" explain --zone "$dir/zone" "$dir/header" >"$dir/env"
check "so it does by the locale" cmp "$dir/ja" "$dir/env"
LC_ALL=C.UTF-8 LANGUAGE=fr:ja:en \
	"$mxauth" explain --zone "$dir/zone" "$dir/header" >"$dir/env"
check "and by LANGUAGE, whatever the C library makes of it" \
	cmp "$dir/ja" "$dir/env"
LANG=ja_JP.UTF-8 LC_ALL=C LANGUAGE=ja \
	"$mxauth" explain --zone "$dir/zone" "$dir/header" >"$dir/env"
check "not in the locale C" grep -q 'What to do' "$dir/env"
LANG=ja_JP.UTF-8 \
	"$mxauth" explain --lang en --zone "$dir/zone" "$dir/header" >"$dir/env"
check "not with --lang en" grep -q 'What to do' "$dir/env"
"$mxauth" explain --lang xx --zone "$dir/zone" "$dir/header" \
	>"$dir/env" 2>"$dir/err"
check "an unknown language: English" grep -q 'What to do' "$dir/env"
check "and a word about it" grep -q "no words in the language 'xx'" "$dir/err"
"$mxauth" explain --lang ../../ja --zone "$dir/zone" "$dir/header" \
	>"$dir/env" 2>"$dir/err"
check "a path is no language" grep -q "no words in the language" "$dir/err"
"$mxauth" explain --zone "$dir/zone" "$dir/header" >"$dir/en"
check "and English by default" grep -q 'What to do' "$dir/en"
"$mxauth" explain --lang ja --json --zone "$dir/zone" "$dir/header" >"$dir/json"
check "JSON keeps its keys" grep -q '"auth_failure": true' "$dir/json"
# speaks LANGUAGE VARIABLE=VALUE... [-- ARGUMENT...]: by that environment
speaks() {
	want=$1
	shift
	set_to=
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		set_to="$set_to $1"
		shift
	done
	[ $# = 0 ] || shift
	env -u LANG -u LC_ALL -u LC_MESSAGES -u LANGUAGE $set_to "$mxauth" \
		explain --zone "$dir/zone" "$@" "$dir/header" >"$dir/env" \
		2>"$dir/err"
	check "$want by$set_to $*" cmp "$dir/$want" "$dir/env"
}
speaks en LANGUAGE=ja
speaks ja LANG=ja
speaks ja LC_MESSAGES=ja_JP LANG=en_US.UTF-8
speaks en LC_ALL=POSIX LANG=ja
speaks ja LC_ALL= LANG=ja@modifier
speaks en LANG=C.UTF-8
speaks en LANG=fr_FR.UTF-8
speaks en LANG=ja LANGUAGE=en:ja
speaks en LANG=ja LANGUAGE=en_GB:ja
speaks en LANG=ja LANGUAGE=C:ja
speaks ja LANG=en LANGUAGE=ja_JP:en
speaks ja LANG=ja LANGUAGE=fr
speaks ja LANG=ja LANGUAGE=
speaks ja LANG=en_US -- --lang=ja
speaks ja LANG=C -- --lang ja_JP.UTF-8
speaks en LANG=ja -- --lang en_US
speaks en LANG=ja -- --lang=C
speaks en LANG=ja MXAUTH_LOCALEDIR=/nonexistent
mkdir -p "$dir/words/xx_YY/LC_MESSAGES"
cp "$(dirname "$mxauth")/po/locale/ja/LC_MESSAGES/mxauth.mo" \
	"$dir/words/xx_YY/LC_MESSAGES"
speaks ja "MXAUTH_LOCALEDIR=$dir/words" -- --lang xx_YY
env "MXAUTH_LOCALEDIR=$dir/words" "$mxauth" explain --lang xx_YY \
	--zone "$dir/zone" --html "$dir/page" "$dir/header" >"$dir/env"
check "a page says its language" grep -q '<html lang="xx-YY">' "$dir/page"
"$mxauth" explain --zone "$dir/zone" --html "$dir/page" "$dir/header" \
	>"$dir/env"
check "and English" grep -q '<html lang="en">' "$dir/page"

"$mxauth" lint --lang ja --zone "$dir/zone" example.net >"$dir/lint"
check "lint speaks Japanese" grep -q '警告' "$dir/lint"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
