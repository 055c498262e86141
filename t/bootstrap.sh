#!/bin/sh
# bootstrap.sh - what ./bootstrap installs and what it must leave alone, with a
# dpkg and an apt that only say what they would do.
top=$(cd "${srcdir:-.}" && pwd)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-bootstrap.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' HUP INT TERM
passed=0
failed=0

# check TEXT COMMAND...
check() {
	what=$1
	shift
	if "$@" >"$tmp/why" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $what"
		cat "$tmp/why" "$tmp/out"
	fi
}

mkdir "$tmp/bin" "$tmp/tree"
sed "s|/usr/sbin/policy-rc.d|$tmp/policy-rc.d|" "$top/bootstrap" \
	>"$tmp/tree/bootstrap"

# command NAME: a program of that name, its text from standard input
command_named() {
	{ echo '#!/bin/sh'; cat; } >"$tmp/bin/$1"
	chmod 755 "$tmp/bin/$1"
}

# Everything is missing; $tmp/removes has "PACKAGE REMOVED" lines.
command_named dpkg-query <<'END'
exit 1
END
command_named id <<'END'
echo 0
END
# what is really asked for, by root, is kept in $tmp/asked
command_named apt-get <<END
for word; do
	[ "\$word" = -s ] && simulate=yes
done
if [ -z "\${simulate:-}" ]; then
	echo "\$*" >>"$tmp/asked"
	if [ "\$1" != update ]; then
		"$tmp/policy-rc.d" nsd start
		echo "service start: \$?"
	fi
	exit 0
fi
for word; do
	sed -n "s/^\$word \(.*\)/Remv \1 [1.0]/p" "$tmp/removes"
	printf 'Inst %s (1.0)\n' "\$word"
done
END
for name in update-rc.d autoreconf make npm; do
	command_named "$name" </dev/null
done

# bootstrap COMMAND: its output is kept; what apt-get was asked in "asked"
bootstrap() {
	: >"$tmp/asked"
	PATH=$tmp/bin:$PATH /bin/sh "$tmp/tree/bootstrap" "$@" \
		>"$tmp/out" 2>&1
}

# installs WORD: a package that apt was asked to install
installs() {
	grep '^install ' "$tmp/asked" | grep -qw -- "$1"
}

# --- what building needs, and no more

: >"$tmp/removes"
bootstrap deps
check "deps asks for the libraries" installs libldns-dev
for package in postfix nsd check python3; do
	check "deps does not ask for $package" \
		sh -c "! grep -qw $package '$tmp/asked'"
done
check "apt itself is told to remove nothing" \
	sh -c "! grep '^install ' '$tmp/asked' | grep -v -- --no-remove"
check "services are forbidden to start meanwhile" \
	grep -q '^service start: 101$' "$tmp/out"
check "and not afterwards" test ! -e "$tmp/policy-rc.d"
printf '#!/bin/sh\nexit 0\n' >"$tmp/policy-rc.d"
chmod 755 "$tmp/policy-rc.d"
bootstrap deps
check "where somebody allows it, nothing is installed" \
	sh -c "! grep -q '^install ' '$tmp/asked'"
check "his file stays" test -e "$tmp/policy-rc.d"
rm "$tmp/policy-rc.d"

# --- a package in the way of a library

echo 'libmilter-dev exim4-daemon-light' >"$tmp/removes"
for command in deps build install check demo; do
	bootstrap "$command"
	check "$command stops" test $? = 69
	check "$command installed nothing" \
		sh -c "! grep -q '^install ' '$tmp/asked'"
	check "$command names what would go" \
		grep -q 'remove exim4-daemon-light' "$tmp/out"
done

# --- another mail server on this machine

echo 'postfix sendmail-bin' >"$tmp/removes"
bootstrap demo
check "demo stops" test $? = 69
check "demo installed nothing" sh -c "! grep -q '^install ' '$tmp/asked'"
check "demo names what would go" grep -q 'remove sendmail-bin' "$tmp/out"
bootstrap check
check "check asks for the name server" installs nsd
check "check asks for the unit tests' library" installs check
check "check does not ask for Postfix" \
	sh -c "! grep -qw postfix '$tmp/asked'"
check "check says what it goes without" \
	grep -q 'without postfix: apt would remove sendmail-bin' "$tmp/out"
: >"$tmp/removes"
bootstrap check
check "check asks for a browser" installs chromium-driver
check "check asks for Postfix where nothing is in its way" installs postfix

# --- a folder that autoconf cannot work in

mkdir "$tmp/two words"
cp "$tmp/tree/bootstrap" "$tmp/two words/bootstrap"
PATH=$tmp/bin:$PATH /bin/sh "$tmp/two words/bootstrap" build >"$tmp/out" 2>&1
check "a space in the path stops it" test $? = 1
check "and it says why" grep -q 'cannot work in a folder whose path' "$tmp/out"

# --- usage

bootstrap
check "without a command: usage" test $? = 64
bootstrap help
check "help" test $? = 0
check "help names every command" sh -c "
	for c in demo check build install uninstall deps; do
		grep -q \"bootstrap \$c\" '$tmp/out' || exit 1
	done"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
