#!/bin/sh
# sendmail.sh - mxauthd behind a real Sendmail: with contrib/sendmail/mxauth.m4
# as documented, and with Sendmail's own defaults, which are the worst a site
# can have (10 s for an answer, mail delivered unfiltered after that).
top=$(cd "${srcdir:-.}" && pwd)
build=$(cd "${builddir:-.}" && pwd)
. "$top/t/support/stage.sh"
if [ "$(id -u)" != 0 ] || ! command -v m4 >/dev/null ||
	! unshare -u true 2>/dev/null || ! stage_sendmail_find; then
	echo "skipped: needs root, m4, unshare(1) and a Sendmail, which" \
		"\"./bootstrap check\" unpacks without installing it"
	exit 77
fi
passed=0
failed=0

# check TEXT COMMAND...: one expectation
check() {
	what=$1
	shift
	if "$@" >/dev/null 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $what"
	fi
}

# has FILE PATTERN, hasnt FILE PATTERN
has() {
	grep -qE -- "$2" "$1"
}
hasnt() {
	! grep -qE -- "$2" "$1"
}

# send PORT FROM FILE RCPT...: one message on a connection of its own
send() {
	{
		echo "connect 127.0.0.1 $1"
		echo "helo t.example"
		echo "mail <$2>"
		file=$3
		shift 3
		for rcpt; do
			echo "rcpt <$rcpt>"
		done
		echo "data $file"
		echo quit
	} | "$build/t/support/smtpsend" >"$stage/out"
}

stage_up
set -- $("$build/t/support/freeport" 2)
smtp3_port=$1
closed_port=$2
key=$top/t/keys/rsa2048.pem
bob=bob@receiver.example

# Clients come from 127.0.0.1: Sendmail knows no XCLIENT.
{
	cat <<-'EOF'
	$ORIGIN .
	$TTL 300
	example.com. TXT "v=spf1 ip4:192.0.2.1 -all"
	_dmarc.example.com. TXT "v=DMARC1; p=reject"
	fine.example. TXT "v=spf1 ip4:127.0.0.1 -all"
	_dmarc.fine.example. TXT "v=DMARC1; p=reject"
	hold.example. TXT "v=spf1 -all"
	_dmarc.hold.example. TXT "v=DMARC1; p=quarantine"
	_dmarc.slow.example. TXT "v=DMARC1; p=reject"
	slow.example. TXT "v=spf1 include:one.slow.example -all"
	one.slow.example. TXT "v=spf1 include:two.slow.example -all"
	two.slow.example. TXT "v=spf1 include:end.slow.example -all"
	end.slow.example. TXT "v=spf1 ip4:192.0.2.1 -all"
	;! delay 4500 one.slow.example
	;! delay 4500 two.slow.example
	;! delay 4500 end.slow.example
	EOF
	printf 's1._domainkey.example.com. TXT %s\n' \
		"$(stage_key_record "$key")"
} >"$stage/zone"
cat >"$stage/policy.conf" <<'EOF'
rules = (
	{ recipient = "careful@receiver.example"  profile = "strict" },
	{ recipient = "calm@receiver.example"  profile = "monitor" }
)
EOF
stage_dnsd "$stage/zone" || exit 1
stage_mxauthd "policy-file = \"$stage/policy.conf\"" \
	'recipients = "split"' || exit 1

# mx: as documented.  plain: nothing but the socket.  away: as documented, and
# mxauthd is not there.
stage_sendmail_start mx "$smtp_port" mx.example.org \
	"define(\`MXAUTH_SOCKET', \`inet:$milter_port@127.0.0.1')dnl" \
	"include(\`$top/contrib/sendmail/mxauth.m4')dnl" || exit 1
stage_sendmail_start plain "$smtp2_port" mx.example.org \
	"INPUT_MAIL_FILTER(\`mxauth', \`S=inet:$milter_port@127.0.0.1')dnl" ||
	exit 1
stage_sendmail_start away "$smtp3_port" mx.example.org \
	"define(\`MXAUTH_SOCKET', \`inet:$closed_port@127.0.0.1')dnl" \
	"include(\`$top/contrib/sendmail/mxauth.m4')dnl" || exit 1
check "the m4 file gives the documented line" has "$stage/mx/sendmail.cf" \
	'^Xmxauth, S=inet:[0-9]+@127\.0\.0\.1, F=T, T=C:10s;S:30s;R:60s;E:5m$'

# --- forged

send "$smtp_port" alice@example.com "$top/t/demo/mail/forged" $bob
check "forged mail is refused in three lines or four ($(cat "$stage/out"))" \
	test "$(grep -cE '^550[- ]5\.7\.26 ' "$stage/out")" -ge 3 -a \
	"$(grep -cE '^550[- ]5\.7\.26 ' "$stage/out")" -le 4
check "it names domain and policy" has "$stage/out" \
	'^550-5\.7\.26 .*example\.com'
check "the last line is for programs" has "$stage/out" \
	'^550 5\.7\.26 ref=.*spf=fail dkim=none dmarc=fail'
check "nothing of it is delivered" test ! -e "$stage/mx/inbox"

# --- good, with forged results

"$build/t/support/mxsign" --domain example.com --selector s1 --key "$key" \
	<"$top/t/demo/mail/signed" >"$stage/signed"
{
	echo "Authentication-Results: mx.example.org; dmarc=pass"
	echo "Authentication-Results: MX.example.org (x) ; spf=pass"
	echo "Authentication-Results: other.example; spf=pass"
	cat "$stage/signed"
} >"$stage/decorated"
send "$smtp_port" alice@example.com "$stage/decorated" $bob
check "a signed message is delivered" has "$stage/out" '^250 2\.0\.0 '
inbox=$stage/mx/inbox
check "one header of ours, with a space and no more" test \
	"$(grep -c '^Authentication-Results: mx\.example\.org;$' "$inbox")" = 1
check "its continuation lines are kept" has "$inbox" \
	'^	dkim=pass .*header\.d=example\.com'
check "forged ones are gone" hasnt "$inbox" 'MX\.example|mx\.example\.org; dmarc'
check "those of others stay" has "$inbox" \
	'^Authentication-Results: other\.example; spf=pass'
check "ours stands above Received" awk '
	/^Authentication-Results: mx/ { ours = NR }
	/^Received:/ && !received { received = NR }
	END { exit !(ours && received && ours < received) }' "$inbox"
check "Received-SPF stands there as well" awk '
	/^Received-SPF: fail/ { ours = NR }
	/^Received:/ && !received { received = NR }
	END { exit !(ours && received && ours < received) }' "$inbox"
check "the journal knows Sendmail's queue id" has "$stage/mxauthd.log" \
	'^[A-Za-z0-9]{14}: ip=127\.0\.0\.1 helo=t\.example mfrom=alice@'

# --- two messages on a connection

"$build/t/support/smtpsend" >"$stage/out" <<EOF
connect 127.0.0.1 $smtp_port
helo t.example
mail <alice@example.com>
rcpt <$bob>
data $top/t/demo/mail/forged
mail <mallory@example.net>
rcpt <$bob>
rset
mail <alice@example.com>
rcpt <$bob>
data $stage/signed
quit
EOF
replies=$(grep -E '^(550 5\.7\.26|250 2\.0\.0 .*accepted)' "$stage/out" |
	cut -c 1-3 | tr '\n' ' ')
check "refused and accepted on one connection (got $replies)" \
	test "$replies" = "550 250 "

# --- recipients with different rules

sed 's/minutes\.1/split.1/' "$stage/signed" >"$stage/split"
send "$smtp_port" alice@example.com "$stage/split" \
	calm@receiver.example careful@receiver.example
check "the second recipient is asked to come again (452)" has "$stage/out" \
	'^452 4\.5\.3 '
check "the first one gets the message" has "$stage/out" '^250 2\.0\.0 '

# --- the quarantine

sed 's/example\.com/hold.example/g; s/invoice\.1/hold.1/' \
	"$top/t/demo/mail/forged" >"$stage/hold"
rm -f "$inbox"
send "$smtp_port" alice@hold.example "$stage/hold" careful@receiver.example
check "a message to hold is taken" has "$stage/out" '^250 2\.0\.0 '
check "and not delivered" test ! -s "$inbox"
sm mx -bp -qQ >"$stage/mailq" 2>&1
check "mailq -qQ shows it with the reason" has "$stage/mailq" \
	'QUARANTINE: .*(DMARC|dmarc).*hold\.example'
id=$(sed -n 's/^\([A-Za-z0-9]\{14\}\).*/\1/p' "$stage/mailq" | head -n 1)
check "it is in our log under that id" has "$stage/mxauthd.log" \
	"^$id: .*action=quarantine"
sm mx -Q -qQ "-qI$id" >"$stage/release" 2>&1
sm mx -q >>"$stage/release" 2>&1
check "released and delivered" wait_for "$inbox" \
	'^Message-ID: <hold\.1@'
check "with our header on it" has "$inbox" \
	'^	dmarc=fail .*dis=quarantine'

# --- the DNS is slow: three answers of 4.5 s

sed 's/example\.com/slow.example/g; s/invoice\.1/slow.1/' \
	"$top/t/demo/mail/forged" >"$stage/slow.body"
{
	echo "Authentication-Results: mx.example.org; dmarc=pass"
	cat "$stage/slow.body"
} >"$stage/slow"
send "$smtp2_port" alice@slow.example "$stage/slow" $bob
check "Sendmail's defaults: refused ($(cat "$stage/out"))" has \
	"$stage/out" '^550 5\.7\.26 .*dmarc=fail'
check "and not delivered" test ! -e "$stage/plain/inbox"
check "it really took longer than 10 s" has "$stage/mxauthd.log" \
	'from=slow\.example .* action=reject .* ms=1[3-9][0-9][0-9][0-9] '
check "nobody hung up" hasnt "$stage/mxauthd.log" 'answered=no'

# --- without the daemon

send "$smtp3_port" alice@example.com "$stage/signed" $bob
check "mxauthd away: 451 ($(cat "$stage/out"))" has "$stage/out" '^451 '
check "and nothing is delivered" test ! -e "$stage/away/inbox"
kill -TERM "$mxauthd_pid"
wait "$mxauthd_pid"
check "SIGTERM ends the daemon with status 0" test $? = 0
rm -f "$inbox"
send "$smtp_port" alice@example.com "$stage/signed" $bob
check "mxauthd ended: 451 ($(cat "$stage/out"))" has "$stage/out" '^451 '
check "and nothing is delivered then" test ! -e "$inbox"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
