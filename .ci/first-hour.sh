#!/bin/sh
# first-hour.sh SUITE WORK - an operator's first hour in a bare Debian: the
# package is built, checked by lintian, installed beside Postfix and beside
# Sendmail, refuses a forged message, is upgraded and purged; then the same with
# ./bootstrap install.  Skipped with a message where no such root can be made.
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

# new_root: a bare one, from the first that was made
new_root() {
	rm -rf --one-file-system "$root"
	mkdir -p "$root"
	tar -C "$root" -xf "$work/bare-$suite.tar"
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

# in_root COMMAND...: it must succeed
in_root() {
	root_run "$root" "$@" >>"$log" 2>&1 || fail "$*"
}

# scene MTA: README's lines, a forged message, in a network of its own
scene() {
	cp .ci/scene.sh "$root/root/scene.sh"
	ROOT_NET=no root_run "$root" sh /root/scene.sh "$1" >"$log.scene" 2>&1 || {
		cat "$log.scene"
		fail "the scene with $1"
	}
	grep '^-- ' "$log.scene"
}

root_make "$root" "$suite" "$arch" >"$log" 2>&1 || {
	tail -n 5 "$log"
	echo "skipped: cannot make a $suite root"
	exit 0
}
roots="$roots $work/bare-$suite"
tar -C "$root" -cf "$work/bare-$suite.tar" .

# --- the package, built where ./bootstrap installs what building needs

root_copy "$root" /root/mxauth
in_root sh -c 'cd /root/mxauth && ./bootstrap build'
packages build-essential debhelper lintian fakeroot procps
in_root sh -c 'cd /root/mxauth/build &&
	DEB_BUILD_OPTIONS=nocheck make -s deb'
in_root sh -c 'cd /root/mxauth/build/deb && lintian --allow-root \
	--fail-on error,warning --suppress-tags bogus-mail-host mxauth_*.deb'
mkdir -p "$work/deb-$suite"
cp "$root"/root/mxauth/build/deb/mxauth_*.deb "$work/deb-$suite/"
say "$suite: the package is built, lintian is content"

# --- ./bootstrap install, in the same root

packages postfix nsd
in_root sh -c 'cd /root/mxauth && ./bootstrap install'
scene postfix
in_root sh -c 'cd /root/mxauth && ./bootstrap uninstall &&
	! command -v mxauthd && [ -e /etc/mxauth/mxauth.conf ] &&
	ls /var/lib/mxauth/journal/*.jsonl'
say "$suite: ./bootstrap install and uninstall"

# --- the package beside Postfix

new_root
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
	[ ! -e /var/lib/mxauth ] && dpkg -s postfix | grep -q "ok installed"'
say "$suite: the package is installed, upgraded, removed, purged"

# --- and beside Sendmail

new_root
packages sendmail-bin sendmail-base sendmail-cf m4 nsd
mkdir "$root/root/deb"
cp "$work/deb-$suite"/mxauth_*.deb "$root/root/deb/"
in_root sh -c 'apt-get install -q -y --no-install-recommends \
	/root/deb/mxauth_*.deb'
scene sendmail
