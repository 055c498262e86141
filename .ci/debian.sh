#!/bin/sh
# debian.sh SUITE ARCH WORK [once] - the README's test command in a bare Debian,
# with warnings as errors: as root, and, without "once", at the same time as an
# ordinary user in another folder.  Skipped with a message where no such root can
# be made, or packages cannot be installed in it.
set -eu
cd "$(dirname "$0")/.."
suite=$1
arch=$2
work=$3
runs="first second"
[ "${4:-}" != once ] || runs=first
mkdir -p "$work"
. .ci/root.sh
root_possible || exit 0
root=$work/$suite-$arch
root_make "$root" "$suite" "$arch" >"$root.log" 2>&1 || {
	tail -n 5 "$root.log"
	echo "skipped: cannot make a $suite root for $arch"
	exit 0
}

# The RFC 7208 suite, where it lies beside the clone (t/suites/).
suites=../shared/suites/spf
copy_suites() {
	[ -d "$suites" ] || return 0
	mkdir -p "$root$1/shared/suites"
	cp -r "$suites" "$root$1/shared/suites/"
}

user_home=/home/tester/a-folder-with-quite-a-long-name
root_copy "$root" /root/mxauth
root_copy "$root" "$user_home/mxauth"
copy_suites /root
copy_suites "$user_home"

# the second run begins when the first has installed what both need
cat >"$root/root/both.sh" <<END
useradd -m tester
chown -R tester /home/tester
export CONFIGURE_FLAGS=--enable-werror
cd /root/mxauth
./bootstrap check >/root/first.log 2>&1 &
first=\$!
status=0
if [ "$runs" != first ]; then
	until grep -q '^== check: building' /root/first.log; do
		kill -0 \$first 2>/dev/null || break
		sleep 1
	done
	su tester -c 'cd $user_home/mxauth && ./bootstrap check' \
		>/root/second.log 2>&1 || status=1
fi
wait \$first || status=1
exit \$status
END
status=0
root_run "$root" sh /root/both.sh || status=1
if ! grep -q '^== build' "$root/root/first.log"; then
	tail -n 5 "$root/root/first.log"
	echo "skipped: cannot install packages in the $suite root for $arch"
	exit 0
fi
for run in $runs; do
	[ "$status" = 0 ] || tail -n 60 "$root/root/$run.log"
	printf '%s %s, %s run: ' "$suite" "$arch" "$run"
	grep -E '^[0-9]+ passed, 0 failed' "$root/root/$run.log" || status=1
done
exit "$status"
