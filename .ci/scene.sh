#!/bin/sh
# scene.sh postfix|sendmail [systemd] - inside a bare Debian where mxauth is
# installed, with a loopback of its own that also has 203.0.113.66: configures
# mxauth and the MTA as README.md says, starts both, and sends a forged message
# from that address.
#
# The daemon runs by its unit, or without a systemd as under it: as user mxauth,
# without groups of others.
set -eu
mta=$1
manager=${2:-none}
host=mx.example.org
data=/usr/share/mxauth
[ -d "$data" ] || data=/usr/local/share/mxauth

say() {
	printf -- '-- %s\n' "$*"
}

# listens: something answers on port 25
listens() {
	perl -MIO::Socket::INET -e \
		'exit !IO::Socket::INET->new("127.0.0.1:25")'
}

fail() {
	echo "FAIL: $*"
	tail -n 20 /root/mxauthd.log /root/smtp /root/mta.log /var/log/mail.log 2>/dev/null || true
	exit 1
}

# --- a name server: example.com publishes p=reject

cat >/root/root.zone <<'END'
$ORIGIN .
$TTL 300
. IN SOA ns.invalid. hostmaster.invalid. 1 3600 900 86400 5
. IN NS ns.invalid.
example.com. IN TXT "v=spf1 ip4:192.0.2.1 -all"
_dmarc.example.com. IN TXT "v=DMARC1; p=reject"
example.com. IN MX 10 mail.example.com.
mail.example.com. IN A 192.0.2.1
mx.example.org. IN A 127.0.0.1
END
cat >/root/nsd.conf <<'END'
server:
	ip-address: 127.0.0.1@53
	username: ""
	chroot: ""
	zonesdir: "/root"
	pidfile: "/root/nsd.pid"
	xfrdfile: "/root/xfrd.state"
	zonelistfile: "/root/zone.list"
remote-control:
	control-enable: no
zone:
	name: "."
	zonefile: "root.zone"
END
nsd -d -c /root/nsd.conf >/root/nsd.log 2>&1 &
echo 'nameserver 127.0.0.1' >/etc/resolv.conf

# --- mxauth, as README.md says

cat >/etc/mxauth/mxauth.conf <<END
authserv-id = "$host"
profile = "monitor"
END
if [ "$mta" = postfix ]; then
	install -d -o mxauth -g postfix -m 2750 /var/spool/postfix/mxauth
	cat >>/etc/mxauth/mxauth.conf <<-'END'
	listen = "unix:/var/spool/postfix/mxauth/mxauth.sock"
	socket-group = "postfix"
	END
fi
[ "$manager" = systemd ] ||
	install -d -o mxauth -g mxauth -m 0755 /run/mxauth # RuntimeDirectory=

# its log is then in /root/mxauthd.log
daemon_log() {
	[ "$manager" != systemd ] ||
		journalctl -o cat -u mxauthd >/root/mxauthd.log
}

daemon_start() {
	if [ "$manager" = systemd ]; then
		systemctl start mxauthd
		return
	fi
	setpriv --reuid mxauth --regid mxauth --clear-groups --no-new-privs \
		mxauthd -f 2>/root/mxauthd.log &
	daemon=$!
}

daemon_reload() {
	if [ "$manager" = systemd ]; then
		systemctl reload mxauthd
	else
		kill -HUP "$daemon"
	fi
	tries=0
	until daemon_log && grep -q 'configuration reloaded' /root/mxauthd.log; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || fail "no reload"
		sleep 0.2
	done
}

# It hangs, and systemd's watchdog notices.
daemon_hangs() {
	kill -STOP "$(systemctl show -P MainPID mxauthd)"
	tries=0
	until [ "$(systemctl show -P NRestarts mxauthd)" != 0 ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 600 ] || fail "no restart"
		sleep 0.2
	done
	until mxauth selftest >/dev/null 2>&1; do
		tries=$((tries + 1))
		[ "$tries" -lt 600 ] || fail "no answer after the restart"
		sleep 0.2
	done
}

daemon_stop() {
	if [ "$manager" = systemd ]; then
		systemctl stop mxauthd &&
			[ "$(systemctl show -P Result mxauthd)" = success ]
	else
		kill -TERM "$daemon" && wait "$daemon"
	fi
}

mxauthd -n || fail "mxauthd -n"
daemon_start || fail "mxauthd does not start"

# --- the MTA, as README.md says

case $mta in
postfix)
	cat >>/etc/postfix/main.cf <<-END
	smtpd_milters = unix:mxauth/mxauth.sock
	milter_default_action = tempfail
	myhostname = $host
	mydestination = $host
	maillog_file = /var/log/mail.log
	END
	grep -q '^postlog' /etc/postfix/master.cf ||
		echo 'postlog unix-dgram n - n - 1 postlogd' >>/etc/postfix/master.cf
	newaliases 2>/dev/null || true
	postfix start >/root/mta.log 2>&1 || fail "postfix start"
	;;
sendmail)
	cd /etc/mail
	[ -e sendmail.mc.orig ] || cp sendmail.mc sendmail.mc.orig
	sed '/^DAEMON_OPTIONS/d' sendmail.mc.orig >sendmail.mc
	cat >>sendmail.mc <<-END
	define(\`confDOMAIN_NAME', \`$host')dnl
	DAEMON_OPTIONS(\`Family=inet, Name=MTA, Port=smtp')dnl
	include(\`$data/sendmail/mxauth.m4')dnl
	END
	mkdir -p /run/sendmail/mta
	yes | sendmailconfig >/root/mta.log 2>&1 || fail "sendmailconfig"
	# Debian 13's starts Sendmail, Debian 12's reloads what runs
	listens || /usr/sbin/sendmail -bd >>/root/mta.log 2>&1 || fail "sendmail -bd"
	;;
esac

# answer FILE: what the MTA says to a message from 203.0.113.66
cat >/root/send.pl <<'END'
use IO::Socket::INET;
my ($file) = @ARGV;
open(my $in, '<', $file) or die "$file: $!";
my @message = map { s/\r?\n$//; "$_\r\n" } <$in>;
my $s;
for (1 .. 100) {
	$s = IO::Socket::INET->new(LocalAddr => '203.0.113.66',
		PeerAddr => '127.0.0.1:25', Timeout => 60) and last;
	select(undef, undef, undef, 0.2);
}
$s or die "connect: $!";
sub reply { my $l; do { $l = <$s>; defined $l or die "closed"; print $l }
	while $l =~ /^\d+-/; }
reply();
for ("HELO host.example", 'MAIL FROM:<alice@example.com>',
	'RCPT TO:<root@mx.example.org>', "DATA") { print $s "$_\r\n"; reply(); }
print $s @message, ".\r\n";
reply();
print $s "QUIT\r\n";
END
cat >/root/forged <<'END'
From: Alice <alice@example.com>
To: root@mx.example.org
Subject: Urgent invoice
Date: Sat, 21 Nov 2026 09:10:00 +0000
Message-ID: <invoice.1@example.com>
Authentication-Results: mx.example.org; dmarc=pass

Please pay the attached invoice today.
END

perl /root/send.pl /root/forged >/root/smtp 2>&1 || fail "no SMTP answer"
grep -q '^250 .*\(queued\|accepted\)' /root/smtp ||
	fail "monitor delivers"
daemon_log
grep -q 'action=tag' /root/mxauthd.log || fail "monitor says what would be"
say "$mta: monitor delivered, and logged what it would have done"

sed -i '/^profile/d' /etc/mxauth/mxauth.conf
daemon_reload
perl /root/send.pl /root/forged >/root/smtp 2>&1 || fail "no SMTP answer"
grep -q '^550[ -]5\.7\.26 .*example\.com' /root/smtp || fail "no refusal"
say "$mta: the forged message is refused:"
grep '^550' /root/smtp
ls /var/lib/mxauth/journal/*.jsonl >/dev/null || fail "no journal"
mxauth selftest >/root/selftest 2>&1 ||
	{ cat /root/selftest; fail "mxauth selftest"; }

case $mta in
postfix) told='smtpd_milters has unix:mxauth/mxauth.sock' ;;
sendmail) told='sendmail.cf: it has unix:/run/mxauth/mxauth.sock' ;;
esac
grep -q "$told" /root/selftest || fail "selftest does not see: $told"

if [ "$manager" = systemd ]; then
	daemon_hangs
	say "$mta: systemd starts mxauthd again when it hangs"
fi
daemon_stop || fail "status of mxauthd"
perl /root/send.pl /root/forged >/root/smtp 2>&1 || true
grep -qE '^4[0-9][0-9] ' /root/smtp || fail "without mxauthd mail is not deferred"
say "$mta: without mxauthd mail waits at its sender"
