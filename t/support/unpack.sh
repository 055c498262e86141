#!/bin/sh
# unpack.sh FOLDER PACKAGE... - Debian packages for tests, unpacked into FOLDER
# and not installed: nothing on the machine changes, no service starts, and no
# other package (another MTA) has to go.  Libraries that a package depends on
# and that are not installed are unpacked with it.
#
# Exit status 0 when everything is there, 1 (with a message) when not.
set -eu
folder=${1:?usage: unpack.sh FOLDER PACKAGE...}
shift
if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
	echo "unpack.sh: needs apt-get and dpkg-deb" >&2
	exit 1
fi
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-unpack.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$folder/.have"
folder=$(cd "$folder" && pwd)

installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = \
		installed ]
}

# libraries FILE.deb: those that it needs and that are not installed
libraries() {
	dpkg-deb -f "$1" Depends | tr ',' '\n' |
		sed 's/|.*//; s/(.*//; s/:any//; s/ //g' | grep '^lib' |
		while read -r library; do
			installed "$library" || echo "$library"
		done
}

# unpack PACKAGE: it, then the libraries it wants
unpack() {
	[ ! -e "$folder/.have/$1" ] || return 0
	(cd "$tmp" && apt-get download -qq "$1") >"$tmp/log" 2>&1 || {
		cat "$tmp/log" >&2
		return 1
	}
	dpkg-deb -x "$tmp/$1"_*.deb "$folder"
	# no program here gets rights of its own
	find "$folder" -type f -perm /6000 -exec chmod a-s {} +
	: >"$folder/.have/$1"
	for needed in $(libraries "$tmp/$1"_*.deb); do
		unpack "$needed" || return 1
	done
}

for package; do
	unpack "$package" || {
		echo "unpack.sh: $package cannot be had" >&2
		exit 1
	}
done
