# wait.sh - waiting for an event, however long it takes; two minutes are only for
# a test that hangs to end.  Sourced.

# wait_until COMMAND...: until it succeeds
wait_until() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 1200 ] || return 1
		sleep 0.1
	done
}

# wait_for FILE PATTERN: until a line of the file matches (grep -E)
wait_for() {
	wait_until grep -qsE -- "$2" "$1"
}

# port_accepts PORT: TCP connections on 127.0.0.1; wants $build
port_accepts() {
	echo "probe 127.0.0.1 $1" | "$build/t/support/smtpsend" >/dev/null 2>&1
}

# is_gone PID
is_gone() {
	! kill -0 "$1" 2>/dev/null
}
