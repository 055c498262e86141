#!/bin/sh
# mxauth selftest: what it says to a daemon that works, and to every way in
# which a socket does not.
build=$(cd "${builddir:-.}" && pwd)
mxauth=$build/mxauth
top=$(cd "${srcdir:-.}" && pwd)
. "$top/t/support/wait.sh"
tmp=$(mktemp -d "${TMPDIR:-/tmp}/mxauth-self.XXXXXX") || exit 99
chmod 755 "$tmp"
pids=
trap 'for p in $pids; do kill "$p" 2>/dev/null; wait "$p" 2>/dev/null; done
	rm -rf "$tmp"' EXIT
trap 'exit 130' HUP INT TERM
. "${srcdir:-.}/t/support/is.sh"

# says TEXT PATTERN: the output has it
says() {
	grep -qE -- "$2" "$tmp/out"
	is "$1 ($(cat "$tmp/out"))" 0 "$?"
}

# postfix_says TEXT PATTERN: the same of Postfix, which is not spoken of where
# Sendmail alone is
postfix_here=yes
[ ! -e /etc/mail/sendmail.cf ] && [ ! -e /etc/mail/sendmail.mc ] ||
	getent passwd postfix >/dev/null || postfix_here=
postfix_says() {
	[ -z "$postfix_here" ] || says "$@"
}

: >"$tmp/zone"
"$build/t/support/dnsd" "$tmp/zone" >"$tmp/port" 2>&1 &
pids="$pids $!"
wait_for "$tmp/port" '[0-9]' || exit 99
port=$(tr -dc 0-9 <"$tmp/port")

# daemon NAME LISTEN TEXT...: mxauthd on that socket; its pid in $daemon
daemon() {
	name=$1
	{
		printf 'listen = "%s"\nauthserv-id = "mx.example.org"\n' "$2"
		printf 'dns: { servers = ["127.0.0.1:%s"] timeout = 1 }\n' \
			"$port"
		printf 'policy-file = ""\nsocket-mode = "0666"\n'
		printf 'journal: { directory = "" }\n'
		shift 2
		printf '%s\n' "$@"
	} >"$tmp/$name.conf"
	"$build/mxauthd" -f -c "$tmp/$name.conf" 2>"$tmp/$name.log" &
	daemon=$!
	pids="$pids $daemon"
	wait_for "$tmp/$name.log" 'listening on' || cat "$tmp/$name.log"
}

# --- a daemon that works

sock=$tmp/good.sock
daemon good "unix:$sock"
status 0 selftest --socket "unix:$sock"
says "the answer" "^unix:$sock answered: accept, after [0-9]+ ms, milter protocol 6"
says "our name in the header" '^  mx\.example\.org;'
says "SPF of a name that does not exist" 'spf=none smtp.mailfrom=selftest.example'
says "DMARC has no policy" 'dmarc=none .*header.from=selftest.example'
postfix_says "the line for Postfix" "smtpd_milters = unix:$sock\$"
postfix_says "and for a chroot" 'listen = "unix:/var/spool/postfix/mxauth/mxauth.sock"'
postfix_says "and there" 'smtpd_milters = unix:mxauth/mxauth.sock$'
wait_for "$tmp/good.log" '^.*selftest: ip=192.0.2.1'
is "the daemon logged the message" 0 "$?"
status 0 selftest --socket "$sock"
status 0 selftest --config "$tmp/good.conf"
says "no journal" 'No journal is kept: journal\.directory is empty'
if [ ! -e /etc/mail/sendmail.cf ] && [ ! -e /etc/mail/sendmail.mc ] &&
	getent passwd postfix >/dev/null; then
	is "no word of Sendmail where Postfix is alone" 0 \
		"$(grep -c Sendmail "$tmp/out")"
fi
if [ -e /etc/mail/sendmail.cf ] || ! getent passwd postfix >/dev/null; then
	says "the line for Sendmail" "INPUT_MAIL_FILTER\(.mxauth', .S=unix:$sock, F=T, "
fi
status 0 selftest --json --socket "unix:$sock"
if command -v python3 >/dev/null; then
	is "JSON" "True accept ok 6 True" "$(python3 -c '
import json, sys
d = json.load(sys.stdin)
print(d["ok"], d["action"], d["trouble"], d["version"],
      "dmarc=none" in d["header"])' <"$tmp/out" 2>&1)"
fi
is "nothing on standard error" '' "$(cat "$tmp/err")"

# --- what Postfix is told already

mkdir "$tmp/bin" "$tmp/first" "$tmp/second"
cat >"$tmp/bin/postconf" <<END
#!/bin/sh
where=$tmp/first
[ "\$1" != -c ] || { where=\$2; shift 2; }
exec cat "\$where/main\$1"
END
chmod 755 "$tmp/bin/postconf"

# asked: selftest with that postconf
asked() {
	PATH=$tmp/bin:$PATH "$mxauth" selftest --socket "unix:$sock" \
		>"$tmp/out" 2>"$tmp/err"
}

# told VALUE: of smtpd_milters of the first instance
told() {
	printf 'smtpd_milters = %s\nqueue_directory = /var/spool/p\n' "$1"
	echo "multi_instance_directories = $tmp/second"
}

told "inet:127.0.0.1:9, { unix:$sock, connect_timeout=3s }" >"$tmp/first/main-x"
asked
postfix_says "it is there, with options" "smtpd_milters has unix:$sock\.$"
told "unix:${sock}2 inet:unix:$sock" >"$tmp/first/main-x"
asked
postfix_says "another name is not ours" "smtpd_milters = unix:$sock\$"
postfix_says "the queue directory is the one that Postfix has" \
	'listen = "unix:/var/spool/p/mxauth/mxauth.sock"'
told '' >"$tmp/first/main-x"
echo "smtps/inet/smtpd_milters = unix:$sock" >"$tmp/first/main-Px"
asked
postfix_says "a service has it" "smtpd_milters has unix:$sock\.$"
rm "$tmp/first/main-Px"
printf 'smtp/inet/chroot = n\npickup/unix/chroot = y\n' >"$tmp/first/main-F"
asked
is "no word of a chroot where smtpd has none" 0 "$(grep -c chrooted "$tmp/out")"
printf 'smtpd_milters = unix:good.sock\nqueue_directory = %s\n' "$tmp" \
	>"$tmp/second/main-x"
asked
postfix_says "the second instance has it, below its queue" \
	'smtpd_milters has unix:good\.sock\.$'

# a postconf that fails, or never ends: main.cf
rm "$tmp/first/main-x"
cat >"$tmp/first/main.cf" <<END
# smtpd_milters = unix:none
smtpd_milters = inet:127.0.0.1:9,
# between
	unix:$sock
non_smtpd_milters = unix:none
END
export MAIL_CONFIG="$tmp/first"
asked
postfix_says "main.cf has it" "smtpd_milters has unix:$sock\.$"
postfix_says "there may be a chroot" 'A chrooted smtpd'
printf '#!/bin/sh\nexec yes smtpd_milters = unix:%s\n' none \
	>"$tmp/bin/postconf"
asked
postfix_says "an endless answer is none" "smtpd_milters has unix:$sock\.$"
rm -r "$tmp/bin"

# the real one knows variables
if command -v postconf >/dev/null; then
	printf '%s\n' 'compatibility_level = 2' "ours = $sock" \
		'smtpd_milters = unix:$ours' >"$tmp/first/main.cf"
	echo 'smtp inet n - n - - smtpd' >"$tmp/first/master.cf"
	asked
	postfix_says "the real postconf resolves variables" \
		"smtpd_milters has unix:$sock\.$"
	is "and knows that smtpd has no chroot" 0 \
		"$(grep -c chrooted "$tmp/out")"
fi
unset MAIL_CONFIG

# --- over TCP, with a policy that refuses

set -- $("$build/t/support/freeport" 2)
tcp=$1
closed=$2
daemon tcp "inet:$tcp@127.0.0.1" 'actions: { unauthenticated = "reject" }'
status 0 selftest --socket "inet:$tcp@127.0.0.1"
says "the refusal" '^inet:.* answered: reject'
says "and its words" '^  550 5\.7\.|^  550-5\.7\.'
postfix_says "Postfix has another order" "smtpd_milters = inet:127.0.0.1:$tcp\$"
status 0 selftest --socket "inet:127.0.0.1:$tcp"

# --- a daemon that does not look at the message

daemon exempt "unix:$tmp/exempt.sock" 'trusted-networks = ["192.0.2.0/24"]'
status 1 selftest --socket "unix:$tmp/exempt.sock"
says "it says why" 'exempt \(trusted-networks'

# --- a name server that is not there

daemon nodns "unix:$tmp/nodns.sock"
kill "$daemon"
wait "$daemon" 2>/dev/null
sed -i "s/127.0.0.1:$port/127.0.0.1:$closed/" "$tmp/nodns.conf"
rm -f "$tmp/nodns.log"
"$build/mxauthd" -f -c "$tmp/nodns.conf" 2>"$tmp/nodns.log" &
pids="$pids $!"
wait_for "$tmp/nodns.log" 'listening on'
status 0 selftest --socket "unix:$tmp/nodns.sock"
says "the DNS is named" 'The DNS does not answer mxauthd: see dns: servers'

# --- no daemon

status 1 selftest --socket "unix:$tmp/none.sock"
says "missing" 'does not work: there is no such socket'
says "what to do then" 'Is mxauthd running'
status 1 selftest --socket unix:mxauth/mxauth.sock
says "Postfix's relative path" \
	'try --socket unix:/var/spool/postfix/mxauth/mxauth.sock'
echo text >"$tmp/file"
status 1 selftest --socket "unix:$tmp/file"
says "not a socket" 'what is there is not a socket'
status 1 selftest --socket "inet:$closed@127.0.0.1"
says "refused" 'connection refused'
says "what to do then" 'start mxauthd'

status 1 selftest --json --socket "unix:$tmp/none.sock"
is "trouble as JSON" \
	'"ok": false,"trouble": "missing","step": "connection","error": "No such file or directory","version": 0,"action": "","reply": "","header": "","quarantine": "",' \
	"$(sed -n '/"ok"/,/"quarantine"/s/^ *//p' "$tmp/out" | tr -d '\n')"
status 1 selftest --socket "inet6:$closed@::1"
postfix_says "Postfix wants brackets" "smtpd_milters = inet:\\[::1\\]:$closed\$"
status 1 selftest --socket "inet:$closed"
postfix_says "loopback where no host is named" "smtpd_milters = inet:127.0.0.1:$closed\$"

# --- others that listen

if command -v python3 >/dev/null; then
	# other NAME WHAT: a socket that accepts and does WHAT
	other() {
		python3 - "$tmp/$1.sock" "$2" >"$tmp/$1.ready" 2>&1 <<-'END' &
		import os, socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1])
		os.chmod(sys.argv[1], 0o666)
		s.listen(5)
		print("ready", flush=True)
		kept = []
		while True:
		    c, _ = s.accept()
		    if sys.argv[2].startswith("say "):
		        # no step but the end, then these packets
		        say = ["O\0\0\0\6\0\0\0\0\0\0\3\x7f"]
		        for packet in say + sys.argv[2][4:].split("|"):
		            packet = packet.encode("latin-1").replace(b"%", b"\0")
		            c.sendall(len(packet).to_bytes(4, "big") + packet)
		    if sys.argv[2] == "talk":
		        c.sendall(b"220 mx.example.org ESMTP\r\n" * 50)
		    if sys.argv[2] == "close":
		        c.close()
		    kept.append(c)
		END
		pids="$pids $!"
		wait_for "$tmp/$1.ready" ready
	}
	other silent wait
	status 1 selftest --timeout 1 --socket "unix:$tmp/silent.sock"
	says "silent" 'does not work: no answer in time \(negotiation\)'
	says "what to do then" 'says nothing in time'
	other talker talk
	status 1 selftest --timeout 60 --socket "unix:$tmp/talker.sock"
	says "an SMTP server" 'not of the milter protocol'
	# every answer of a milter, as JSON; % is a NUL
	number=0
	while read -r action code what; do
		number=$((number + 1))
		other "say$number" "say $what"
		status $code selftest --json --socket "unix:$tmp/say$number.sock"
		is "action of $what" "$action" \
			"$(sed -n 's/^  "action": "\(.*\)",/\1/p' "$tmp/out")"
	done <<-'END'
	accept 1 a
	accept 0 hAuthentication-Results%mx; none%|c
	quarantine 0 hAuthentication-Results%mx; none%|qheld%|a
	discard 1 d
	defer 1 t
	defer 0 y451 4.7.1 later%
	reject 0 y550 5.7.1 no%
	reject 1 r
	END
	status 1 selftest --socket "unix:$tmp/say1.sock"
	says "no field was added" 'added no Authentication-Results: mail from 192.0.2.1 is exempt'
	is "nor is the DNS spoken of" 0 "$(grep -c 'DNS does not answer' "$tmp/out")"
	status 0 selftest --socket "unix:$tmp/say3.sock"
	is "why it is held" 'Quarantined:
  held' "$(grep -A1 '^Quarantined' "$tmp/out")"
	is "its field" 'Authentication-Results:
  mx; none' "$(grep -A1 '^Authentication' "$tmp/out")"
	status 0 selftest --socket "unix:$tmp/say6.sock"
	is "its reply" 'Its reply:
  451 4.7.1 later' "$(grep -A1 '^Its reply' "$tmp/out")"
	says "the DNS is named" 'The DNS does not answer mxauthd'
	status 0 selftest --socket "unix:$tmp/say7.sock"
	is "but not here" 0 "$(grep -c 'DNS does not answer' "$tmp/out")"
	other closer close
	status 1 selftest --timeout 60 --socket "unix:$tmp/closer.sock"
	says "hung up" 'does not work: the connection was closed'
fi

# --- permissions

if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	cp "$mxauth" "$tmp/mxauth" 2>/dev/null && chmod 755 "$tmp/mxauth"
	chmod 600 "$sock"
	setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$tmp/mxauth" selftest --socket "unix:$sock" >"$tmp/out" 2>&1
	is "status without permission" 1 "$?"
	says "no permission" 'does not work: permission denied'
	says "what to do then" 'set socket-group'
	if getent passwd postfix >/dev/null; then
		status 1 selftest --socket "unix:$sock"
		says "root may, postfix may not" \
			"postfix may not write to the socket $sock \(mode 0600, group root\)"
		says "what to set" 'Set socket-group = "postfix"'
		chgrp postfix "$sock"
		status 1 selftest --socket "unix:$sock"
		says "not what is set already" 'Set socket-mode = "0660"'
		is "no word of the group" 0 "$(grep -c 'Set socket-group' "$tmp/out")"
		chmod 660 "$sock"
		status 0 selftest --socket "unix:$sock"
		is "now postfix may" 0 "$(grep -c 'may not' "$tmp/out")"
		chmod 750 "$tmp"
		status 1 selftest --socket "unix:$sock"
		says "a folder bars it" \
			"may not enter the folder $tmp \(mode 0750, group root\)"
		says "what to do then" "chgrp postfix $tmp && chmod g\+x $tmp"
		chgrp postfix "$tmp"
		chmod 740 "$tmp"
		status 1 selftest --socket "unix:$sock"
		says "not what is done already" "As root: chmod g\+x $tmp"
		chmod 755 "$tmp"
	fi
fi

# --- bad usage

status 64 selftest --socket fd:3
status 64 selftest --socket somewhere
status 64 selftest --timeout 0 --socket "unix:$sock"
is "a time" \
	"mxauth selftest: --timeout wants 1 to 600 seconds, not '0'" \
	"$(cat "$tmp/err")"
status 64 selftest --timeout 601 --socket "unix:$sock"
status 0 selftest --timeout 600 --socket "unix:$sock"
status 64 selftest --socket "unix:$sock" argument
status 64 selftest --bogus
status 66 selftest --config "$tmp/none.conf"
status 0 selftest --help

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
