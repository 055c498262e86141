#!/bin/sh
# system.sh setup STATEDIR - user, group and directories of mxauthd, after
#	"make install".
# system.sh stop - before "make uninstall": the service ends and is disabled.
#
# On this machine, as root; what exists already stays as it is.
set -eu

run() {
	printf '+ %s\n' "$*"
	"$@"
}

# Only where systemd is running: not in a chroot or a container without it.
with_systemd() {
	[ -d /run/systemd/system ] && command -v systemctl >/dev/null
}

make_user() {
	getent group mxauth >/dev/null || run groupadd --system mxauth
	getent passwd mxauth >/dev/null ||
		run useradd --system --gid mxauth --home-dir "$1" \
			--no-create-home --shell /usr/sbin/nologin \
			--comment 'mxauth mail authentication' mxauth
}

make_directories() {
	run install -d -o mxauth -g mxauth -m 0755 /run/mxauth
	run install -d -o mxauth -g mxauth -m 0750 "$1" "$1/journal"
}

case ${1:-} in
setup)
	make_user "${2:?}"
	make_directories "$2"
	! with_systemd || run systemctl daemon-reload
	;;
stop)
	! with_systemd ||
		run systemctl disable --now mxauthd.service mxauthd.socket \
			mxauth-import.timer mxauth-import-follow.service \
			mxauth-prune.timer mxauth-report.timer || true
	rm -rf /run/mxauth
	;;
*)
	sed -n '2,/^set/p' "$0" | sed -n 's/^# \{0,1\}//p'
	exit 64
	;;
esac
