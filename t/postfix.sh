#!/bin/sh
# postfix.sh - mxauthd behind a real Postfix: the demo's six messages, the
# bounce a refused sender gets, two messages on one connection, RSET.
top=$(cd "${srcdir:-.}" && pwd)
build=$(cd "${builddir:-.}" && pwd)
if [ "$(id -u)" != 0 ] || ! command -v postfix >/dev/null ||
	! command -v nsd >/dev/null; then
	echo "skipped: needs root, postfix and nsd"
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

if "$top/t/demo/demo.sh" "$build" >demo.out 2>&1; then
	passed=$((passed + $(grep -c -- '-- ok$' demo.out)))
else
	failed=$((failed + 1))
	cat demo.out
fi
rm -f demo.out

. "$top/t/support/stage.sh"
stage_up
key=$top/t/keys/rsa2048.pem
{
	cat "$top/t/demo/zone"
	printf 's1._domainkey.example.com. TXT %s\n' \
		"$(stage_key_record "$key")"
} >"$stage/zone"
stage_dns "$stage/zone" || exit 1
stage_mxauthd || exit 1
stage_postfix_start mx "$smtp_port" mx.example.org \
	"virtual_mailbox_domains = receiver.example" \
	"smtpd_milters = inet:127.0.0.1:$milter_port" || exit 1
stage_postfix_start sender "$smtp2_port" out.sender.example \
	"virtual_mailbox_domains = sender.example" \
	"relay_domains = receiver.example" \
	"relayhost = [127.0.0.1]:$smtp_port" || exit 1
mail=$top/t/demo/mail

# The sender's own Postfix takes a forged message, is refused by ours, and
# tells its user why.
"$build/t/support/smtpsend" >"$stage/out" <<EOF
connect 127.0.0.1 $smtp2_port
helo pc.sender.example
mail <user@sender.example>
rcpt <bob@receiver.example>
data $mail/forged
quit
EOF
bounce=$stage/sender/mail/inbox
check "the refused sender gets a bounce" wait_for "$bounce" 'MAILER-DAEMON'
check "its status is 5.7.26" wait_for "$bounce" '^Status: 5\.7\.26'
tr -s ' \n' ' ' <"$bounce" >"$stage/bounce.flat" 2>/dev/null
check "it names domain and policy" \
	grep -q 'example.com.*policy is reject' "$stage/bounce.flat"
check "all lines of the reply are in it" \
	grep -qE 'Diagnostic-Code: smtp; 550-5\.7\.26 .* 550 5\.7\.26 ref=' \
	"$stage/bounce.flat"
lines=$(sed -n '/^Diagnostic-Code:/,/^$/p' "$bounce" 2>/dev/null |
	tr '\n' ' ' | grep -oE '550[- ]5\.7\.26' | grep -c .)
check "four lines at most, more than two (got $lines)" \
	test "$lines" -ge 3 -a "$lines" -le 4

# Two messages on one connection: the first refused, the second good; then
# RSET after RCPT and another good one.
"$build/t/support/mxsign" --domain example.com --selector s1 --key "$key" \
	<"$mail/signed" >"$stage/signed"
sed 's/minutes.1/minutes.2/' "$mail/signed" |
	"$build/t/support/mxsign" --domain example.com --selector s1 \
	--key "$key" >"$stage/signed2"
{
	echo "Authentication-Results: mx.example.org; dmarc=pass"
	echo "Authentication-Results: MX.example.org (x) ; spf=pass"
	echo "Authentication-Results: other.example; spf=pass"
	cat "$stage/signed2"
} >"$stage/forged-header"
rm -f "$stage/mx/mail/inbox"
"$build/t/support/smtpsend" >"$stage/out" <<EOF
connect 127.0.0.1 $smtp_port
helo t.example
xclient ADDR=192.0.2.77 NAME=x.example HELO=x.example
helo x.example
mail <alice@example.com>
rcpt <bob@receiver.example>
data $mail/forged
mail <alice@example.com>
rcpt <bob@receiver.example>
data $stage/signed
mail <mallory@example.net>
rcpt <bob@receiver.example>
rset
mail <alice@example.com>
rcpt <bob@receiver.example>
data $stage/forged-header
quit
EOF
replies=$(grep -E '^(550 5\.7\.26|250 2\.0\.0 Ok: queued)' "$stage/out" |
	cut -c 1-3 | tr '\n' ' ')
check "refused, accepted, accepted on one connection (got $replies)" \
	test "$replies" = "550 250 250 "
inbox=$stage/mx/mail/inbox
check "both good ones are delivered" wait_for "$inbox" 'minutes.2@example.com'
wait_for "$inbox" 'minutes.1@example.com'
check "each has one header of ours" test \
	"$(grep -c '^Authentication-Results: mx.example.org;' "$inbox")" = 2
check "forged ones are gone" sh -c "! grep -q '^Authentication-Results: MX' \
	'$inbox'"
check "those of others stay" \
	grep -q '^Authentication-Results: other.example' "$inbox"
check "nothing of the refused message leaked into the next" test \
	"$(grep -c 'dkim=pass .*\|^	dkim=pass' "$inbox")" -ge 2
check "ours stands above Received" awk '
	/^From / { top = 1; next }
	top && /^Authentication-Results: mx/ { seen++; top = 0 }
	/^Received:/ { top = 0 }
	END { exit seen != 2 }' "$inbox"

# A daemon that is told to end, ends, and Postfix defers instead of losing.
kill -TERM "$mxauthd_pid"
wait "$mxauthd_pid"
check "SIGTERM ends the daemon with status 0" test $? = 0
"$build/t/support/smtpsend" >"$stage/out" <<EOF
connect 127.0.0.1 $smtp_port
helo t.example
mail <alice@example.com>
rcpt <bob@receiver.example>
data $mail/signed
quit
EOF
check "without the daemon mail is deferred, not lost" \
	grep -qE '^4[0-9][0-9] ' "$stage/out"

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
