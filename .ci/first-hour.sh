#!/bin/sh
# first-hour.sh SUITE WORK - an operator's first hour in a bare Debian (bookworm,
# trixie) or Ubuntu (noble): every command of ./bootstrap leaves Postfix,
# Sendmail and Exim where they are; the package is built and checked by lintian;
# ./bootstrap install, and then the package, beside Postfix and beside Sendmail,
# refuse a forged message, and go away again.  Skipped with a message where no
# such root can be made.
set -eu
cd "$(dirname "$0")/.."
suite=$1
work=$2
mkdir -p "$work"
. .ci/root.sh
root_possible || exit 0
root=$work/hour-$suite
log=$work/hour-$suite.log
arch=$(dpkg --print-architecture)

say() {
	printf -- '-- %s\n' "$*"
}

fail() {
	tail -n 30 "$log"
	echo "FAIL: $suite: $*"
	exit 1
}

# keep_root NAME: as it is now, for new_root
keep_root() {
	roots="$roots $work/$1-$suite"
	tar -C "$root" -cf "$work/$1-$suite.tar" .
}

# new_root NAME: as it was then
new_root() {
	rm -rf --one-file-system "$root"
	mkdir -p "$root"
	tar -C "$root" -xf "$work/$1-$suite.tar"
}

# packages NAME...: installed, and nothing started
packages() {
	root_run "$root" sh -c 'printf "#!/bin/sh\nexit 101\n" \
			>/usr/sbin/policy-rc.d
		chmod 755 /usr/sbin/policy-rc.d
		export DEBIAN_FRONTEND=noninteractive
		apt-get update -q &&
		apt-get install -q -y --no-install-recommends "$@"' sh "$@" \
		>>"$log" 2>&1 || {
		tail -n 5 "$log"
		echo "skipped: cannot install $* in the $suite root"
		exit 0
	}
}

# in_root COMMAND...: it must succeed, within half an hour
in_root() {
	root_run "$root" timeout 1800 "$@" >>"$log" 2>&1 || fail "$*"
}

# scene_booted MTA: the same by the unit, with a systemd of the root's own
scene_booted() {
	cp .ci/scene.sh "$root/root/scene.sh"
	booted=0
	root_boot "$root" "sh /root/scene.sh $1 systemd" >"$log.scene" 2>&1 ||
		booted=$?
	case $booted in
	0)
		grep -e '^-- ' -e '^550' "$log.scene"
		say "$suite: the unit works under systemd"
		;;
	75) say "skipped: no systemd can be started here: $(cat "$log.scene")" ;;
	*)
		cat "$log.scene"
		fail "the scene with $1 and systemd"
		;;
	esac
}

# scene MTA: README's lines, a forged message, in a network of its own
scene() {
	cp .ci/scene.sh "$root/root/scene.sh"
	ROOT_NET=no root_run "$root" timeout 600 sh /root/scene.sh "$1" >"$log.scene" 2>&1 || {
		cat "$log.scene"
		fail "the scene with $1"
	}
	grep -e '^-- ' -e '^550' "$log.scene"
}

root_make "$root" "$suite" "$arch" >"$log" 2>&1 || {
	tail -n 5 "$log"
	echo "skipped: cannot make a $suite root"
	exit 0
}
keep_root bare

# --- each MTA stays, whatever ./bootstrap is asked to do

# still_there PACKAGE TEXT: it is installed
still_there() {
	in_root sh -c 'dpkg-query -W -f "\${db:Status-Status}" "$0" |
		grep -qx installed' "$1"
	say "$suite: $2"
}

# kept MTA PACKAGE...: through all that bootstrap asks of apt.  A build is not
# what is tried here: without autoreconf the commands end after the packages.
kept() {
	mta=$1
	new_root bare
	packages "$@"
	root_copy "$root" /root/mxauth
	in_root sh -c 'cd /root/mxauth && ./bootstrap deps &&
		printf "#!/bin/sh\nexit 75\n" >/usr/local/bin/autoreconf &&
		chmod 755 /usr/local/bin/autoreconf'
	for command in build check demo install; do
		in_root sh -c 'cd /root/mxauth && ./bootstrap "$0"; status=$?
			echo "bootstrap $0: status $status"
			[ "$status" = 75 ] || {
				[ "$0" = demo ] && [ "$status" = 69 ]; }' "$command"
	done
	still_there "$mta" "$mta stays through deps, build, check, demo, install"
	in_root sh -c '! ls /etc/systemd/system/*.wants/ | grep -E "nsd|postgres"'
}

kept postfix
kept sendmail-bin sendmail-base sendmail-cf m4
kept exim4-daemon-light

# --- the package, built where ./bootstrap installs what building needs

new_root bare
root_copy "$root" /root/mxauth
in_root sh -c 'cd /root/mxauth && ./bootstrap build'
keep_root built
packages build-essential debhelper lintian fakeroot procps
in_root sh -c 'cd /root/mxauth/build &&
	DEB_BUILD_OPTIONS=nocheck make -s deb'
in_root sh -c 'cd /root/mxauth/build/deb && lintian --allow-root \
	--fail-on error,warning --suppress-tags bogus-mail-host mxauth_*.deb'
mkdir -p "$work/deb-$suite"
cp "$root"/root/mxauth/build/deb/mxauth_*.deb "$work/deb-$suite/"
say "$suite: the package is built, lintian is content"

# --- the README's first command

new_root built
in_root sh -c 'cd /root/mxauth && ./bootstrap demo &&
	! ls /etc/systemd/system/*.wants/ | grep -E "nsd|postfix"'
say "$suite: ./bootstrap demo"

# --- ./bootstrap install beside Postfix and beside Sendmail

# by_hand MTA PACKAGE...
by_hand() {
	mta=$1
	shift
	new_root built
	packages nsd "$@"
	in_root sh -c 'cd /root/mxauth && ./bootstrap install'
	scene "$mta"
	in_root sh -c 'cd /root/mxauth && ./bootstrap uninstall &&
		! command -v mxauthd && [ -e /etc/mxauth/mxauth.conf ] &&
		ls /var/lib/mxauth/journal/*.jsonl'
	still_there "$1" "./bootstrap install and uninstall beside $mta"
}

by_hand postfix postfix
by_hand sendmail sendmail-bin sendmail-base sendmail-cf m4

# --- the package beside Postfix

new_root bare
packages postfix nsd
mkdir "$root/root/deb"
cp "$work/deb-$suite"/mxauth_*.deb "$root/root/deb/"
in_root sh -c 'apt-get install -q -y --no-install-recommends \
	/root/deb/mxauth_*.deb'
in_root sh -c 'id mxauth && [ "$(stat -c %U:%a /var/lib/mxauth/journal)" = \
	mxauth:750 ] && ! ls /etc/systemd/system/*.wants/mxauthd.*'
scene postfix
in_root sh -c 'echo "# mine" >>/etc/mxauth/mxauth.conf &&
	dpkg -i /root/deb/mxauth_*.deb && grep -q "^# mine" /etc/mxauth/mxauth.conf'
in_root sh -c 'dpkg --remove mxauth && [ -e /etc/mxauth/mxauth.conf ] &&
	ls /var/lib/mxauth/journal/*.jsonl'
in_root sh -c 'dpkg --purge mxauth && [ ! -e /etc/mxauth ] &&
	[ ! -e /var/lib/mxauth ]'
still_there postfix "the package is installed, upgraded, removed, purged"

# --- and beside Sendmail

new_root bare
packages sendmail-bin sendmail-base sendmail-cf m4 nsd
mkdir "$root/root/deb"
cp "$work/deb-$suite"/mxauth_*.deb "$root/root/deb/"
in_root sh -c 'apt-get install -q -y --no-install-recommends \
	/root/deb/mxauth_*.deb'
scene sendmail
still_there sendmail-bin "the package beside Sendmail"

# --- and by its unit, under a real systemd

new_root bare
packages postfix nsd systemd systemd-sysv dbus
mkdir "$root/root/deb"
cp "$work/deb-$suite"/mxauth_*.deb "$root/root/deb/"
in_root sh -c 'apt-get install -q -y --no-install-recommends \
	/root/deb/mxauth_*.deb'
in_root sh -c 'mkdir -p /etc/systemd/system/mxauthd.service.d &&
	printf "[Service]\nWatchdogSec=12\n" \
		>/etc/systemd/system/mxauthd.service.d/soon.conf'
scene_booted postfix
