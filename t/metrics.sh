#!/bin/sh
# metrics.sh - what mxauthd counts: its form by promtool, the alert rules by
# promtool, the dashboard by our own checker against what is served.
top=$(cd "${srcdir:-.}" && pwd)
build=$(cd "${builddir:-.}" && pwd)
if ! command -v python3 >/dev/null; then
	echo "skipped: needs python3"
	exit 77
fi
. "$top/t/support/stage.sh"
passed=0
failed=0

# check TEXT COMMAND...: one expectation; what the command says when it fails
check() {
	what=$1
	shift
	if "$@" >"$stage/check.out" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $what"
		cat "$stage/check.out"
	fi
}

# get PATH: the body of the answer into $stage/PATH, its status on stdout
get() {
	python3 - "http://127.0.0.1:$smtp_port/$1" "$stage/$1" <<-'END'
	import sys, urllib.error, urllib.request
	try:
	    answer = urllib.request.urlopen(sys.argv[1], timeout=10)
	except urllib.error.HTTPError as error:
	    answer = error
	open(sys.argv[2], "wb").write(answer.read())
	print(answer.status)
	END
}

# metric NAME WANT: a line of /metrics
metric() {
	got=$(awk -v name="$1" 'index($0, name " ") == 1 { print $2 }' \
		"$stage/metrics")
	check "$1 is $2 (got $got)" test "$got" = "$2"
}

stage_up
cat >"$stage/zone" <<'EOF'
example.com. 300 IN TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.example.com. 300 IN TXT "v=DMARC1; p=reject"
;! servfail broken.example
;! refused closed.example
EOF
stage_dnsd "$stage/zone" || exit 1
echo 'rules = ( { client = "198.51.100.9"  profile = "monitor" } )' \
	>"$stage/policy.conf"
stage_mxauthd "metrics: { listen = \"127.0.0.1:$smtp_port\" }" \
	"policy-file = \"$stage/policy.conf\"" || exit 1
if grep -q 'metrics: ' "$stage/mxauthd.log"; then
	echo "skipped: built without metrics"
	exit 77
fi

# send CLIENT FROM
send() {
	printf 'From: %s\r\n\r\nx\r\n' "$2" >"$stage/message"
	"$build/t/support/miltersend" "inet:$milter_port@127.0.0.1" 4XyZabc \
		"$1" "<$2>" "<b@example.jp>" <"$stage/message" >/dev/null
}
send 192.0.2.1 a@example.com
send 198.51.100.1 a@example.com
send 198.51.100.9 a@example.com
send 192.0.2.1 a@broken.example
send 192.0.2.1 a@closed.example

check "/healthz" test "$(get healthz)" = 200
check "/readyz" test "$(get readyz)" = 200
check "anything else is not found" test "$(get other)" = 404
check "/metrics" test "$(get metrics)" = 200
metric mxauth_messages_total 5
metric 'mxauth_actions_total{action="reject"}' 1
metric 'mxauth_decisions_total{cause="dmarc-reject",action="reject"}' 1
metric 'mxauth_decisions_total{cause="dmarc-reject",action="tag"}' 1
metric 'mxauth_would_be_actions_total{action="reject"}' 1
metric 'mxauth_eom_seconds_count' 5
metric 'mxauth_eom_seconds_bucket{le="+Inf"}' 5
metric 'mxauth_ready' 1
metric 'mxauth_config_last_reload_successful' 1
metric 'mxauth_reloads_total' 0
check "failures by kind" test "$(grep -cE \
	'^mxauth_dns_failures_total\{kind="(servfail|refused)"\} [1-9]' \
	"$stage/metrics")" = 2
check "the journal's bytes" test \
	"$(sed -n 's/^mxauth_journal_bytes_total //p' "$stage/metrics")" = \
	"$(cat "$stage/journal"/*.jsonl | wc -c)"
check "the version" grep -qE \
	'^mxauth_build_info\{version="[0-9.]+",libmilter="[0-9.]+"\} 1$' \
	"$stage/metrics"

# --- reloads

cp "$stage/mxauth.conf" "$stage/good.conf"
echo 'nonsense = 1' >>"$stage/mxauth.conf"
kill -HUP "$mxauthd_pid"
wait_for "$stage/mxauthd.log" 'not reloaded'
get metrics >/dev/null
metric mxauth_config_last_reload_successful 0
metric mxauth_reload_failures_total 1
cp "$stage/good.conf" "$stage/mxauth.conf"
kill -HUP "$mxauthd_pid"
wait_for "$stage/mxauthd.log" 'configuration reloaded'
get metrics >/dev/null
metric mxauth_config_last_reload_successful 1
metric mxauth_reloads_total 1
check "and when" test \
	"$(sed -n 's/^mxauth_config_last_reload_success_timestamp_seconds //p' \
		"$stage/metrics")" -ge \
	"$(sed -n 's/^mxauth_start_time_seconds //p' "$stage/metrics")"

# --- dashboard, rules, form

dashboard=$top/contrib/grafana/mxauthd.json
rules=$top/contrib/prometheus/mxauth.rules.yml
check "dashboard and rules use what is served, and all of it" python3 \
	"$top/t/support/metrics_check.py" "$stage/metrics" "$dashboard" "$rules"
sed 's/mxauth_sessions/mxauth_sesions/' "$dashboard" >"$stage/wrong.json"
check "the checker finds a wrong name" sh -c "! python3 \
	'$top/t/support/metrics_check.py' '$stage/metrics' '$stage/wrong.json' \
	'$rules'"
prometheus=$build/unpacked/usr/bin/prometheus
[ -x "$prometheus" ] || prometheus=$(command -v prometheus)
if [ -n "$prometheus" ]; then
	mkdir "$stage/prometheus"
	check "every query of the dashboard has an answer" python3 \
		"$top/t/support/dashboard_run.py" "$prometheus" \
		"127.0.0.1:$smtp_port" "$dashboard" "$stage/prometheus"
	sed 's/mxauth_sessions/mxauth_sesions/' "$dashboard" >"$stage/wrong.json"
	check "and one with a wrong name has none" sh -c "! python3 \
		'$top/t/support/dashboard_run.py' '$prometheus' \
		'127.0.0.1:$smtp_port' '$stage/wrong.json' '$stage/prometheus'"
else
	echo "not run: the dashboard's queries need prometheus"
fi
promtool=$build/unpacked/usr/bin/promtool
[ -x "$promtool" ] || promtool=$(command -v promtool)
if [ -n "$promtool" ]; then
	check "promtool likes the metrics" sh -c \
		"'$promtool' check metrics <'$stage/metrics'"
	check "promtool likes the rules" "$promtool" check rules "$rules"
	check "the rules alert when they should" "$promtool" test rules \
		"$top/contrib/prometheus/mxauth.tests.yml"
	echo "$passed passed, $failed failed"
else
	echo "without promtool (\"./bootstrap check\" unpacks it)"
	echo "$passed passed, $failed failed, 3 skipped"
fi
[ "$failed" = 0 ]
