#!/bin/sh
# pages.sh - every page that mxauth writes, in a real browser (browser.py), in
# English and Japanese, with hostile data and 10,000 sources.
build=$(cd "${builddir:-.}" && pwd)
top=$(cd "${srcdir:-.}" && pwd)
mxauth=$build/mxauth
# The pages of a build with sanitizers are the same, and markup.sh makes them.
case $("$build/mxauthd" -V) in
*sanitizers=no*) ;;
*)
	echo "skipped: a browser looks at the pages of an ordinary build"
	exit 77 ;;
esac
for need in chromedriver chromium python3; do
	if ! command -v $need >/dev/null; then
		echo "skipped: needs $need (Debian: chromium, chromium-driver)"
		exit 77
	fi
done
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-pages.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT

. "$top/t/page/make.sh"
: "${AXE_CORE:=$build/npm/node_modules/axe-core/axe.min.js}"
export AXE_CORE
[ -z "${SHOTS:-}" ] || mkdir -p "$SHOTS"
timeout 500 python3 "$top/t/page/browser.py" ${SHOTS:+--shots "$SHOTS"} \
	"$tmp"/*.html
browser=$?
case $browser in
0 | 77) [ $status = 1 ] || status=$browser ;;
*) status=1 ;;
esac
exit $status
