# stage.sh - a real name server, mxauthd and a private Postfix for tests and
# the demo.  Sourced; wants $top (source tree) and $build.  Everything lives in
# $stage, listens on loopback only, and is ended by stage_down.

. "$top/t/support/wait.sh"

stage=
stage_pids=
stage_postfix=

stage_up() {
	stage=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-stage.XXXXXX")
	chmod 755 "$stage"
	trap stage_down EXIT
	trap 'exit 130' HUP INT TERM
	set -- $("$build/t/support/freeport" 4)
	dns_port=$1
	milter_port=$2
	smtp_port=$3
	smtp2_port=$4
}

stage_down() {
	status=$?
	trap - EXIT HUP INT TERM
	for dir in $stage_postfix; do
		postfix -c "$dir" stop >/dev/null 2>&1
	done
	for pid in $stage_pids; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	[ -n "${STAGE_KEEP:-}" ] || rm -rf "$stage"
	exit "$status"
}

# stage_wait_port PORT NAME: until something accepts TCP there
stage_wait_port() {
	wait_until port_accepts "$1" && return
	echo "$2 did not start" >&2
	return 1
}

# stage_key_record PEM: the key's DKIM record as strings of a TXT record
stage_key_record() {
	"$build/t/support/mxsign" --print-key "$1" | fold -w 200 |
		sed 's/.*/"&"/' | tr '\n' ' '
}

# stage_dns ZONEFILE: nsd serves it as the root zone
stage_dns() {
	mkdir "$stage/nsd"
	{
		echo '$ORIGIN .'
		echo '$TTL 300'
		echo '. IN SOA ns.invalid. hostmaster.invalid. 1 3600 900 86400 5'
		echo '. IN NS ns.invalid.'
		cat "$1"
	} >"$stage/nsd/root.zone"
	cat >"$stage/nsd/nsd.conf" <<-EOF
	server:
		ip-address: 127.0.0.1@$dns_port
		server-count: 1
		username: ""
		chroot: ""
		zonesdir: "$stage/nsd"
		database: ""
		pidfile: "$stage/nsd/nsd.pid"
		xfrdfile: "$stage/nsd/xfrd.state"
		zonelistfile: "$stage/nsd/zone.list"
		logfile: "$stage/nsd/log"
		hide-version: yes
	remote-control:
		control-enable: no
	zone:
		name: "."
		zonefile: "root.zone"
	EOF
	nsd-checkzone . "$stage/nsd/root.zone" >"$stage/nsd/checkzone" 2>&1 || {
		cat "$stage/nsd/checkzone" >&2
		return 1
	}
	nsd -d -c "$stage/nsd/nsd.conf" >"$stage/nsd/out" 2>&1 &
	stage_pids="$stage_pids $!"
	stage_wait_port "$dns_port" nsd
}

# stage_mxauthd [CONFIG LINE...]: the daemon, asking our name server, its journal
# in $stage/journal (never the machine's)
stage_mxauthd() {
	{
		echo "listen = \"inet:$milter_port@127.0.0.1\""
		echo 'authserv-id = "mx.example.org"'
		echo 'trusted-networks = []'
		echo "dns: { servers = [\"127.0.0.1:$dns_port\"] timeout = 20 }"
		echo "journal: { directory = \"$stage/journal\" }"
		for line; do
			printf '%s\n' "$line"
		done
	} >"$stage/mxauth.conf"
	"$build/mxauthd" -f -n -c "$stage/mxauth.conf" || return 1
	"$build/mxauthd" -f -c "$stage/mxauth.conf" 2>"$stage/mxauthd.log" &
	mxauthd_pid=$!
	stage_pids="$stage_pids $mxauthd_pid"
	stage_wait_port "$milter_port" mxauthd || {
		cat "$stage/mxauthd.log" >&2
		return 1
	}
}

# stage_postfix_start NAME PORT HOSTNAME [MAIN.CF LINE...]: a private Postfix
stage_postfix_start() {
	pf=$stage/$1
	port=$2
	host=$3
	shift 3
	mkdir -p "$pf/etc" "$pf/queue" "$pf/data" "$pf/log" "$pf/mail"
	chown postfix "$pf/data"
	chown nobody "$pf/mail"
	cat >"$pf/etc/main.cf" <<-EOF
	compatibility_level = 3.6
	queue_directory = $pf/queue
	data_directory = $pf/data
	maillog_file = $pf/log/maillog
	maillog_file_prefixes = $pf
	mail_owner = postfix
	setgid_group = postdrop
	command_directory = /usr/sbin
	daemon_directory = $(postconf -h daemon_directory 2>/dev/null ||
		echo /usr/lib/postfix/sbin)
	myhostname = $host
	mydestination =
	mynetworks =
	inet_interfaces = 127.0.0.1
	inet_protocols = ipv4
	alias_maps =
	alias_database =
	local_recipient_maps =
	smtpd_peername_lookup = no
	smtpd_authorized_xclient_hosts = 127.0.0.1
	smtpd_recipient_restrictions = reject_unauth_destination
	smtpd_relay_restrictions = reject_unauth_destination
	smtp_dns_support_level = disabled
	smtp_host_lookup = native
	disable_dns_lookups = yes
	biff = no
	virtual_mailbox_base = $pf/mail
	virtual_mailbox_maps = static:inbox
	virtual_uid_maps = static:$(id -u nobody)
	virtual_gid_maps = static:$(id -g nobody)
	virtual_mailbox_limit = 0
	EOF
	for line; do
		printf '%s\n' "$line" >>"$pf/etc/main.cf"
	done
	cat >"$pf/etc/master.cf" <<-EOF
	127.0.0.1:$port inet n - n - - smtpd
	pickup unix n - n 60 1 pickup
	cleanup unix n - n - 0 cleanup
	qmgr unix n - n 300 1 qmgr
	tlsmgr unix - - n 1000? 1 tlsmgr
	rewrite unix - - n - - trivial-rewrite
	bounce unix - - n - 0 bounce
	defer unix - - n - 0 bounce
	trace unix - - n - 0 bounce
	verify unix - - n - 1 verify
	flush unix n - n 1000? 0 flush
	proxymap unix - - n - - proxymap
	smtp unix - - n - - smtp
	relay unix - - n - - smtp
	error unix - - n - - error
	retry unix - - n - - error
	discard unix - - n - - discard
	virtual unix - n n - - virtual
	lmtp unix - - n - - lmtp
	anvil unix - - n - 1 anvil
	scache unix - - n - 1 scache
	postlog unix-dgram n - n - 1 postlogd
	EOF
	stage_postfix="$stage_postfix $pf/etc"
	postfix -c "$pf/etc" start >"$pf/log/start" 2>&1 || {
		cat "$pf/log/start" "$pf/log/maillog" >&2
		return 1
	}
	stage_wait_port "$port" "Postfix $host"
}

# stage_dnsd ZONEFILE: our own name server for tests (t/support/dnsd.h), which
# can be slow or silent where nsd cannot
stage_dnsd() {
	"$build/t/support/dnsd" --port "$dns_port" "$1" >"$stage/dnsd.log" 2>&1 &
	stage_pids="$stage_pids $!"
	wait_for "$stage/dnsd.log" '[0-9]' && return
	echo "dnsd did not start" >&2
	return 1
}

# stage_sendmail_find: a Sendmail that is installed, or unpacked by bootstrap
# (t/support/unpack.sh), with its configuration's sources; sets $sm_root
stage_sendmail_find() {
	for sm_root in "$build/unpacked" ''; do
		sm_program=$sm_root/usr/libexec/sendmail/sendmail
		[ -x "$sm_program" ] ||
			sm_program=$sm_root/usr/lib/sm.bin/sendmail
		if [ -x "$sm_program" ] &&
			[ -r "$sm_root/usr/share/sendmail/cf/m4/cf.m4" ]
		then
			return 0
		fi
	done
	return 1
}

# sm NAME ARGUMENT...: Sendmail's program with the configuration of NAME.  With
# a host name of its own: for one without a dot Sendmail asks the DNS, and then
# sleeps for a minute.
sm() {
	sm_name=$1
	shift
	unshare -u sh -c 'hostname mx.example.org && exec "$@"' sm \
		env LD_LIBRARY_PATH="$(find "$sm_root/usr/lib" -maxdepth 1 \
		-name '*-linux-*' | tr '\n' ':')" \
		"$sm_program" -C "$stage/$sm_name/sendmail.cf" "$@"
}

# stage_sendmail_start NAME PORT HOSTNAME [SENDMAIL.MC LINE...]: a private
# Sendmail; it delivers everything for receiver.example to NAME/inbox
stage_sendmail_start() {
	dir=$stage/$1
	mkdir -p "$dir/queue"
	cat >"$dir/deliver" <<-EOF
	#!/bin/sh
	cat >>"$dir/inbox"
	EOF
	echo 'hosts files' >"$dir/switch"
	chmod 755 "$dir/deliver"
	{
		cat <<-EOF
		include(\`$sm_root/usr/share/sendmail/cf/m4/cf.m4')dnl
		OSTYPE(\`linux')dnl
		define(\`confDOMAIN_NAME', \`$3')dnl
		undefine(\`ALIAS_FILE')dnl
		define(\`STATUS_FILE', \`$dir/status')dnl
		define(\`HELP_FILE', \`$dir/help')dnl
		define(\`QUEUE_DIR', \`$dir/queue')dnl
		define(\`confPID_FILE', \`$dir/pid')dnl
		define(\`confSERVICE_SWITCH_FILE', \`$dir/switch')dnl
		define(\`confDEF_USER_ID', \`$(id -u):$(id -g)')dnl
		define(\`confDELIVERY_MODE', \`interactive')dnl
		define(\`confTO_IDENT', \`0')dnl
		define(\`confTO_QUEUEWARN', \`')dnl
		define(\`confBIND_OPTS', \`-DEFNAMES -DNSRCH')dnl
		FEATURE(\`nocanonify')dnl
		FEATURE(\`accept_unresolvable_domains')dnl
		FEATURE(\`no_default_msa')dnl
		DAEMON_OPTIONS(\`Name=MTA, Family=inet, Addr=127.0.0.1, Port=$2')dnl
		define(\`LOCAL_MAILER_PATH', \`$dir/deliver')dnl
		define(\`LOCAL_MAILER_ARGS', \`deliver \$u')dnl
		define(\`LOCAL_SHELL_PATH', \`/bin/false')dnl
		MODIFY_MAILER_FLAGS(\`LOCAL', \`-w')dnl
		EOF
		sm_port=$2
		name=$1
		shift 3
		for line; do
			printf '%s\n' "$line"
		done
		cat <<-EOF
		MAILER(\`local')dnl
		MAILER(\`smtp')dnl
		LOCAL_CONFIG
		Cwreceiver.example
		EOF
	} >"$dir/sendmail.mc"
	m4 -D_CF_DIR_="$sm_root/usr/share/sendmail/cf/" "$dir/sendmail.mc" \
		>"$dir/sendmail.cf" || return 1
	sm "$name" -bD >"$dir/log" 2>&1 &
	stage_wait_port "$sm_port" "Sendmail $name" || {
		cat "$dir/log" >&2
		return 1
	}
	stage_pids="$stage_pids $(head -n 1 "$dir/pid")"
}
