# pgsql.sh - a private PostgreSQL and a pgbouncer before it, for tests.
# Sourced; wants $top and $build.  Everything lives in $pgsql, listens on a UNIX socket
# there and on loopback, runs as an unprivileged user, and is ended by
# pgsql_down.

. "$top/t/support/wait.sh"

pgsql=
pgsql_pids=

# As root: as a user without rights.  Else: as whoever runs the test.
pgsql_as() {
	if [ "$(id -u)" = 0 ]; then
		runuser -u postgres -- "$@"
	else
		"$@"
	fi
}

pgsql_programs() {
	ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1
}

# Whether a test may use it: it is installed, and mxauth was built with it.
pgsql_there() {
	[ -x "$(pgsql_programs)/initdb" ] && { [ "$(id -u)" != 0 ] ||
		id postgres >/dev/null 2>&1; } &&
		! "$build/mxauth" history status \
			--store postgresql://127.0.0.1:1/none 2>&1 |
			grep -q 'built without'
}

# pgsql_up: sets pgsql_url
pgsql_up() {
	pgsql=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-pgsql.XXXXXX")
	[ "$(id -u)" != 0 ] || chown postgres "$pgsql"
	set -- $("$build/t/support/freeport" 2)
	pgsql_port=$1
	bouncer_port=$2
	pgsql_as "$(pgsql_programs)/initdb" -D "$pgsql/data" -A trust \
		-U mxauth -E UTF8 --locale=C -N >"$pgsql.initdb" 2>&1 || {
		cat "$pgsql.initdb" >&2
		return 1
	}
	rm -f "$pgsql.initdb"
	pgsql_url="postgresql://mxauth@127.0.0.1:$pgsql_port/postgres"
	pgsql_start
}

pgsql_start() {
	pgsql_as "$(pgsql_programs)/pg_ctl" -D "$pgsql/data" -s -w -t 60 \
		-l "$pgsql/log" -o "-p $pgsql_port -k $pgsql \
		-c listen_addresses=127.0.0.1 -c fsync=off" start || {
		cat "$pgsql/log" >&2
		return 1
	}
}

pgsql_stop() {
	pgsql_as "$(pgsql_programs)/pg_ctl" -D "$pgsql/data" -s -w -m immediate \
		stop >/dev/null 2>&1
}

# bouncer_up: sets bouncer_url; each transaction may get another session
bouncer_up() {
	command -v pgbouncer >/dev/null || return 1
	cat >"$pgsql/pgbouncer.ini" <<-END
	[databases]
	postgres = host=127.0.0.1 port=$pgsql_port
	[pgbouncer]
	listen_addr = 127.0.0.1
	listen_port = $bouncer_port
	unix_socket_dir =
	auth_type = trust
	auth_file = $pgsql/users
	pool_mode = transaction
	default_pool_size = 4
	logfile = $pgsql/pgbouncer.log
	pidfile = $pgsql/pgbouncer.pid
	END
	echo '"mxauth" ""' >"$pgsql/users"
	chmod 644 "$pgsql/users" "$pgsql/pgbouncer.ini"
	pgsql_as pgbouncer -q "$pgsql/pgbouncer.ini" >"$pgsql.bouncer" 2>&1 &
	pgsql_pids="$pgsql_pids $!"
	bouncer_url="postgresql://mxauth@127.0.0.1:$bouncer_port/postgres"
	wait_until port_accepts "$bouncer_port" && return
	cat "$pgsql.bouncer"
	return 1
}

# bouncer_down: what was started is a shell around the program
bouncer_down() {
	[ -s "$pgsql/pgbouncer.pid" ] || return 0
	bouncer_pid=$(cat "$pgsql/pgbouncer.pid")
	kill "$bouncer_pid" 2>/dev/null || return 0
	wait_until is_gone "$bouncer_pid"
}

pgsql_down() {
	bouncer_down
	for pid in $pgsql_pids; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	[ -z "$pgsql" ] || {
		pgsql_stop
		rm -rf "$pgsql" "$pgsql.bouncer"
	}
}
