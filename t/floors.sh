#!/bin/sh
# Includes point only downwards, foreign headers stay where they belong, and
# lib/ sees neither libmilter nor syslog, exit() nor the wall clock (design.md
# section 2, style.md section 3).
build=$(cd "${builddir:-build}" 2>/dev/null && pwd)
cd "${srcdir:-.}" || exit 99
passed=0
failed=0

# check TEXT OUTPUT: OUTPUT must be empty
check() {
	if [ -z "$2" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL: %s\n%s\n' "$1" "$2"
	fi
}

floors="base mail dns auth conf policy history record lint bounce explain report"
below=""
for floor in $floors; do
	[ -d "lib/$floor" ] || continue
	below="$below $floor"
	# mail and dns share a level, so do lint and bounce: neither knows the
	# other
	allowed=$(echo $below | tr ' ' '|')
	[ "$floor" = dns ] && allowed="base|dns"
	# a bounce is read without the DNS and without any configuration
	[ "$floor" = bounce ] && allowed="base|mail|bounce"
	hits=$(grep -rnE '^#[[:space:]]*include "' "lib/$floor" |
		grep -vE "include \"($allowed)/" | grep -v '"config.h"')
	check "lib/$floor includes only from: $allowed" "$hits"
done

check "cli/ does not include from milter/" \
	"$(grep -rn 'include "milter/' cli)"
check "milter/ includes neither from cli/ nor what only the tools need" \
	"$(grep -rnE 'include "(cli|report|explain|bounce|lint|record)/' milter)"

# only PATTERN PLACE...: lines of lib, milter, cli outside PLACE
only() {
	what=$1
	shift
	hits=$(grep -rnE "^#[[:space:]]*include <$what" lib milter cli)
	for place; do
		hits=$(printf '%s' "$hits" | grep -v "^$place")
	done
	check "<$what...> only in: $*" "$hits"
}
only spf2/ lib/auth/spf/engine_spf2.c
only opendkim/ lib/auth/engine_opendkim.c lib/report/sent/sign.c
only ldns/ lib/dns/
only uv.h lib/dns/
only openssl/ lib/auth/sig/ lib/auth/dkim.c lib/auth/arc.c
only libmilter/ milter/
only microhttpd.h milter/metrics.c
only syslog.h milter/
only idn2.h lib/base/domain.c
only gmime/ lib/mail/mime.c
only sqlite3.h lib/history/store_sqlite.c
only libpq-fe.h lib/history/store_pgsql.c
only curl/ lib/report/sent/smtp.c
only libxml/ lib/report/received/xml.c lib/report/sent/write.c
only archive lib/report/received/read.c lib/bounce/intake.c
only libpsl.h lib/auth/orgdom.c

check "lib/ never exits" \
	"$(grep -rnwE '(exit|_exit|_Exit)[[:space:]]*\(' lib --include='*.[ch]')"
check "unsafe string calls" "$(grep -rnwE \
	'(strcpy|strcat|sprintf|vsprintf|strtok|gets)[[:space:]]*\(' \
	lib milter cli --include='*.[ch]')"
check "lib/ asks the clock only through base/clock.h" "$(grep -rnwE \
	'(time|gettimeofday|clock_gettime)[[:space:]]*\(' lib \
	--include='*.[ch]' | grep -v '^lib/base/sysclock.c')"

# Archives hide that a public name is defined twice: the linker takes one.
for lib in "$build/libmxauth.a" "$build/libmxatools.a"; do
	[ -f "$lib" ] && nm -g --defined-only "$lib" 2>/dev/null
done >"${TMPDIR:-/tmp}/floors.$$"
# (x86.get_pc_thunk: the compiler's own, on 32-bit x86)
twice=$(awk '$2 ~ /^[TDBR]$/ && $3 !~ /get_pc_thunk/ { print $3 }' "${TMPDIR:-/tmp}/floors.$$" |
	sort | uniq -d)
rm -f "${TMPDIR:-/tmp}/floors.$$"
check "public names are defined once" "$twice"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
