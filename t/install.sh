#!/bin/sh
# install.sh - make install into an empty folder: what is installed, that no
# @name@ is left in it, that the unit is sound, and what uninstall leaves.
top=$(cd "${srcdir:-.}" && pwd)
build=$(cd "${builddir:-.}" && pwd)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-install.XXXXXX") || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' HUP INT TERM
root=$tmp/root
passed=0
failed=0
skipped=0

# check TEXT COMMAND...
check() {
	what=$1
	shift
	if "$@" >"$tmp/out" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $what"
		cat "$tmp/out"
	fi
}

# value NAME: a variable of the Makefile
value() {
	sed -n "s/^$1 = //p" "$build/Makefile"
}

# place NAME: a folder of the Makefile, its variables replaced
place() {
	text=$(value "$1")
	while :; do
		case $text in
		*'${'*) name=${text#*'${'} name=${name%%'}'*} open='${' shut='}' ;;
		*'$('*) name=${text#*'$('} name=${name%%')'*} open='$(' shut=')' ;;
		*) break ;;
		esac
		text=${text%%"$open"*}$(value "$name")${text#*"$shut"}
	done
	printf '%s\n' "$text"
}

make -C "$build" -s install DESTDIR="$root" >"$tmp/log" 2>&1 ||
	{ cat "$tmp/log"; exit 1; }

# --- what is there

data=$(place datadir)
man=$(place mandir)
conf=$(place sysconfdir)/mxauth
units=$(place systemdsystemunitdir)
for file in "$(place bindir)/mxauth" "$(place sbindir)/mxauthd" \
	"$man/man1/mxauth.1" "$man/man5/mxauth.conf.5" \
	"$man/man5/policy.conf.5" "$man/man5/mxauth-journal.5" \
	"$man/man8/mxauthd.8" "$conf/mxauth.conf" "$conf/policy.conf" \
	"$data/bash-completion/completions/mxauth" \
	"$data/zsh/site-functions/_mxauth" \
	"$data/fish/vendor_completions.d/mxauth.fish" \
	"$(place localedir)/ja/LC_MESSAGES/mxauth.mo"
do
	check "$file is installed" test -s "$root$file"
done
if [ "$units" != no ]; then
	lib=$(place prefix)/lib
	for file in "$units/mxauthd.service" "$units/mxauthd.socket" \
		"$units/mxauth-import.timer" "$units/mxauth-report.service" \
		"$lib/sysusers.d/mxauth.conf" "$lib/tmpfiles.d/mxauth.conf"
	do
		check "$file is installed" test -s "$root$file"
	done
fi
grep -rnIE '@[a-z][a-zA-Z_]*dir@|@[a-z_]*(prefix|statedir)@' "$root" >"$tmp/left"
check "nothing is left to be replaced: $(cat "$tmp/left")" \
	test ! -s "$tmp/left"
check "nobody but its owner can write to an installed file" \
	test -z "$(find "$root" -type f -perm /022)"
check "the installed configuration is correct" \
	"$build/mxauth" config --config "$root$conf/mxauth.conf"
check "no directory but those of files and configuration" \
	test ! -e "$root/run" -a ! -e "$root$(place localstatedir)"

# --- the unit

unit=$root$units/mxauthd.service
if [ "$units" = no ] || ! command -v systemd-analyze >/dev/null; then
	echo "skipped: the unit; needs systemd-analyze"
	skipped=$((skipped + 1))
else
	mkdir "$tmp/units"
	sed "s|^ExecStart=.*/mxauthd|ExecStart=$build/mxauthd|
		/^Documentation=/d" "$unit" >"$tmp/units/mxauthd.service"
	sed '/^Documentation=/d' "$root$units/mxauthd.socket" \
		>"$tmp/units/mxauthd.socket"
	for file in "$root$units"/mxauth-*; do
		sed "s|^ExecStart=.*/mxauth |ExecStart=$build/mxauth |
			/^Documentation=/d" "$file" \
			>"$tmp/units/$(basename "$file")"
	done
	systemd-analyze verify "$tmp/units"/* >"$tmp/verify" 2>&1
	check "systemd-analyze verify is content" test $? = 0
	check "and silent: $(cat "$tmp/verify")" test ! -s "$tmp/verify"
	if systemd-analyze --help | grep -q -- --offline; then
		exposure=$(systemd-analyze security --offline=yes --no-pager \
			"$tmp/units/mxauthd.service" 2>/dev/null |
			sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
		check "exposure is at most 1.5 (is $exposure)" \
			awk -v e="$exposure" 'BEGIN { exit !(e > 0 && e <= 1.5) }'
	fi
fi
if [ "$units" != no ] && command -v systemd-sysusers >/dev/null &&
	[ "$(id -u)" = 0 ]; then
	mkdir -p "$tmp/sys/etc"
	check "systemd-sysusers makes the user" systemd-sysusers \
		--root="$tmp/sys" "$root$lib/sysusers.d/mxauth.conf"
	check "with its group" grep -q '^mxauth:' "$tmp/sys/etc/group"
fi

# --- and away again

echo 'profile = "monitor"' >"$root$conf/mxauth.conf"
make -C "$build" -s install DESTDIR="$root" >"$tmp/log" 2>&1
check "a second install keeps the configuration" \
	grep -qx 'profile = "monitor"' "$root$conf/mxauth.conf"
make -C "$build" -s uninstall DESTDIR="$root" >"$tmp/log" 2>&1
check "uninstall works" test $? = 0
find "$root" -type f | sort >"$tmp/left"
printf '%s\n' "$root$conf/mxauth.conf" "$root$conf/policy.conf" >"$tmp/want"
check "the configuration alone stays: $(cat "$tmp/left")" \
	cmp "$tmp/left" "$tmp/want"

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
