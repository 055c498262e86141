#!/bin/sh
# run.sh - the bench in a network namespace of its own, where a name server can
# have port 53: opendkim and opendmarc know no other.  Where namespaces are not
# allowed it runs without the two.  Called by `make bench`.
set -u
: "${srcdir:=.}" "${builddir:=.}"
case $builddir in
/*) ;;
*) builddir=$(pwd)/$builddir ;;
esac
bench=$builddir/t/bench/bench
keys=$srcdir/t/keys
address=192.0.2.253

if [ "${1:-}" = inside ]; then
	conf=$(mktemp) || exit 73
	echo "nameserver $address" >"$conf"
	if ip link set lo up && ip address add "$address/32" dev lo &&
		mount --bind "$conf" /etc/resolv.conf
	then
		"$bench" "$keys" "$builddir" "$address"
		status=$?
		umount /etc/resolv.conf
	else
		"$bench" "$keys" "$builddir"
		status=$?
	fi
	rm -f "$conf"
	exit $status
fi

as_root=
[ "$(id -u)" = 0 ] || as_root=-r
if unshare $as_root -n -m true 2>/dev/null; then
	export srcdir builddir
	exec unshare $as_root -n -m sh "$0" inside
fi
exec "$bench" "$keys" "$builddir"
