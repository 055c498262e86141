#!/bin/sh
# mxauth-journal(5) names every key that the journal writes and every ground
# that a decision may name.
cd "${srcdir:-.}" || exit 99
manual=etc/mxauth-journal.5
passed=0
failed=0

# documented WHAT NAME: stands in the manual as a word marked up with .Cm
documented() {
	if grep -E '^\.(It )?(Cm|Pq)' "$manual" | tr -s ' ,()' '\n' |
		grep -qxF -- "$2"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $1 $2 is not in $manual"
	fi
}

keys=$(tr -s '\n\t ' ' ' <lib/history/line_write.c | grep -oE \
	'(mxa_json_[a-z]+|text|flag|count|ip|one_spf)\( ?&?[a-z.>-]+, "[a-z_0-9]+"' |
	sed 's/.*"\(.*\)"/\1/' | sort -u)
grounds=$(grep -oE '^	\{ "[a-z-]+", MXA_GROUND' lib/policy/grounds.c |
	sed 's/.*"\(.*\)".*/\1/')
for key in $keys; do
	documented key "$key"
done
for ground in $grounds; do
	documented ground "$ground"
done
# that the patterns above still find what there is
[ "$passed" -ge 100 ] || {
	failed=$((failed + 1))
	echo "FAIL: only $passed names found in the sources"
}
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
