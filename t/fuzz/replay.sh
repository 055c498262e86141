#!/bin/sh
# Every harness replays its corpus: one run a file must end without a crash.
passed=0
failed=0
for program in $FUZZ_PROGRAMS; do
	corpus="$srcdir/t/fuzz/corpus/$(basename "$program" | sed 's/^fuzz_//')"
	if [ ! -d "$corpus" ]; then
		echo "FAIL: $program has no corpus at $corpus"
		failed=$((failed + 1))
		continue
	fi
	for file in "$corpus"/*; do
		if "./$program" "$file" >/dev/null 2>replay.err; then
			passed=$((passed + 1))
		else
			echo "FAIL: $program $file"
			cat replay.err
			failed=$((failed + 1))
		fi
	done
done
rm -f replay.err
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
