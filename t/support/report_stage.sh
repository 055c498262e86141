# report_stage.sh - what t/store/failures.sh and reports.sh share: report mail
# through a real Postfix to a sink, sent by programs that are killed on their
# way, on SQLite and on PostgreSQL.  Sourced; wants $top and $build.

if [ "$(id -u)" != 0 ] || ! command -v postfix >/dev/null ||
	! command -v nsd >/dev/null; then
	echo "skipped: needs root, postfix and nsd"
	exit 77
fi
mxauth=$build/mxauth
key=$top/t/keys/rsa2048.pem
. "$top/t/support/is.sh"

. "$top/t/support/stage.sh"
. "$top/t/support/pgsql.sh"
stage_up
trap 'status=$?; pgsql_down; (exit $status); stage_down' EXIT

# sink_up PORT DOMAINS MTA: a Postfix that keeps the mail for the domains, and
# $stage/sendmail, which sends through the Postfix of that name
sink_up() {
	stage_postfix_start sink "$1" sink.example \
		"virtual_mailbox_domains = $2" \
		"virtual_mailbox_maps = static:box/" || return 1
	cat >"$stage/sendmail" <<-END
	#!/bin/sh
	exec /usr/sbin/sendmail -C "$stage/$3/etc" "\$@"
	END
	chmod 755 "$stage/sendmail"
}

# killed_after MS COMMAND...: a function that begins with $exec, which makes it
# the program, so that its process number is known; MS has three digits
exec=
killed_after() {
	ms=$1
	shift
	exec=exec
	"$@" >/dev/null 2>&1 &
	pid=$!
	exec=
	sleep "0.$ms"
	kill -9 "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
}

# not_signed CONF ARGUMENT...: with a key that has no record nothing is sent
not_signed() {
	sed 's/selector = "r1"/selector = "r2"/' "$1" >"$stage/unsigned.conf"
	shift
	"$mxauth" report send --config "$stage/unsigned.conf" --store "$url" \
		--dns "127.0.0.1:$dns_port" "$@" >"$stage/out" 2>"$stage/err"
	is "$name: not sent with a signature that fails" 1 "$?"
	is "$name: says why" 1 "$(grep -c 'selector r2.*does not pass' \
		"$stage/err")"
}

# states WHAT: how many of what ("reports", "deliveries") are in which state
states() {
	"$mxauth" report status --store "$url" --json | tr -d ' \n' |
		sed "s/.*\"$1\":\({[^}]*}\).*/\1/"
}

has_arrived() {
	[ "$(find "$stage/sink/mail/box/new" -type f 2>/dev/null | wc -l)" \
		-ge "$1" ]
}

# wait_for_mails COUNT: so many at the sink, and what may come behind them
wait_for_mails() {
	wait_until has_arrived "$1"
	sleep 0.5
}

# dmarc_passes CONF MAIL...: of the report mails
dmarc_passes() {
	conf=$1
	shift
	for mail; do
		"$mxauth" check --config "$conf" \
			--dns "127.0.0.1:$dns_port" --json "$mail" \
			>"$stage/check.json"
		is "$name: DMARC of the report mail" pass "$(tr -d ' \n' \
			<"$stage/check.json" |
			sed 's/.*"dmarc":{"result":"\([a-z]*\)".*/\1/')"
	done
}

# run_stores: run_store NAME URL with each that is there
run_stores() {
	if "$mxauth" history status --store sqlite::memory: 2>&1 |
		grep -q 'built without'; then
		echo "not run on SQLite: built without"
	else
		run_store SQLite "sqlite:$stage/store.db"
	fi
	if pgsql_there && pgsql_up; then
		run_store PostgreSQL "$pgsql_url"
	else
		echo "not run on PostgreSQL: it is missing"
	fi
}
