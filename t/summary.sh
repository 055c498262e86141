#!/bin/sh
# summary.sh BUILD - adds up what the tests of a build said in their logs and
# ends with "N passed, N failed, N skipped"; fails when something failed or
# when nothing ran.
build=${1:?usage: summary.sh BUILD}
find "$build" -name '*.trs' | sed 's/\.trs$//' | sort | awk '
function words(line, name,    n, part, i) {
	n = split(line, part, /,? /)
	for (i = 2; i <= n; i++)
		if (part[i] == name || part[i] == name ",")
			return part[i - 1] + 0
	return 0
}
{
	test = $0
	p = f = s = counted = 0
	while ((getline line < (test ".log")) > 0) {
		if (line ~ /^[0-9]+%: Checks: /) {
			split(line, part, /[:,] */)
			p += part[3] - part[5] - part[7]
			f += part[5] + part[7]
			counted = 1
		} else if (line ~ /^[0-9]+ passed, [0-9]+ failed/) {
			p += words(line, "passed")
			f += words(line, "failed")
			s += words(line, "skipped")
			counted = 1
		}
	}
	close(test ".log")
	while ((getline line < (test ".trs")) > 0)
		if (line ~ /^:test-result: /)
			result = substr(line, 15)
	close(test ".trs")
	sub(/ .*/, "", result)
	if (result == "SKIP") {
		s += !counted
	} else if (result != "PASS" && f == 0) {
		f++
	} else if (result == "PASS" && !counted) {
		p++
	}
	if (result != "PASS")
		printf "%s: %s (%s.log)\n", result, test, test
	passed += p; failed += f; skipped += s
}
END {
	printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
	exit failed > 0 || passed == 0
}'
