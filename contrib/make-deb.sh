#!/bin/sh
# make-deb.sh TARBALL FOLDER - the Debian package of a source package, into
# FOLDER.  In the environment: DEB_BUILD_OPTIONS (nocheck: without tests).
set -eu
tarball=$(realpath "$1")
name=$(basename "$tarball" .tar.gz)
rm -rf "$2"
mkdir -p "$2"
cd "$2"
cp "$tarball" "$(echo "$name" | tr - _).orig.tar.gz"
tar -xzf "$tarball"
cp -r "$name/contrib/debian" "$name/debian"
cd "$name"
case " ${DEB_BUILD_OPTIONS:-} " in
*' nocheck '*) export DEB_BUILD_PROFILES="${DEB_BUILD_PROFILES:-} nocheck" ;;
esac
dpkg-buildpackage -us -uc -b
cd ..
rm -rf "$name"
ls *.deb
