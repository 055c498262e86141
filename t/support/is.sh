# is.sh - what shell tests compare with.  Sourced; at the end of a test:
# echo "$passed passed, $failed failed"; [ "$failed" = 0 ]
passed=0
failed=0

# is TEXT WANT GOT
is() {
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL: %s\n--- want\n%s\n--- got\n%s\n' "$1" "$2" "$3"
	fi
}

# status WANT ARGUMENT...: exit status of $mxauth; its output is
# kept in $tmp/out and $tmp/err
status() {
	want=$1
	shift
	"$mxauth" "$@" >"$tmp/out" 2>"$tmp/err"
	is "status of mxauth $*" "$want" "$?"
}
