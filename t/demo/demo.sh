#!/bin/sh
# demo.sh BUILD - real mail through a real Postfix and mxauthd, with the answer
# of each shown in a table.  Exit status 0 only if all came out as expected.
top=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:?usage: demo.sh BUILD}
. "$top/t/support/stage.sh"
mail=$top/t/demo/mail
key=$top/t/keys/rsa2048.pem
failed=0
n=0

# send NAME CLIENT HOST FROM FILE: one message; its last reply in $reply, the
# Authentication-Results of a delivered one in $header.
send() {
	inbox=$stage/mx/mail/inbox
	rm -f "$inbox"
	"$build/t/support/smtpsend" >"$stage/reply" <<-EOF
	connect 127.0.0.1 $smtp_port
	helo demo.example
	xclient ADDR=$2 NAME=$3 HELO=$3
	helo $3
	mail <$4>
	rcpt <bob@receiver.example>
	data $5
	quit
	EOF
	reply=$(sed -n '/^354 /,$p' "$stage/reply" | sed '1d;/^221 /d')
	header=
	case $reply in
	250*)
		tries=0
		until grep -q "^Message-ID:" "$inbox" 2>/dev/null; do
			tries=$((tries + 1))
			[ "$tries" -lt 100 ] || break
			sleep 0.1
		done
		header=$(awk '/^Authentication-Results:/ { on = 1; print; next }
			on && /^[ \t]/ { print; next } { on = 0 } /^$/ { exit }' \
			"$inbox" 2>/dev/null)
		;;
	esac
}

# show TITLE WANTED-PATTERN...: a row of the table, compared with what the
# standard says it must be
show() {
	title=$1
	shift
	n=$((n + 1))
	text=$(printf '%s\n%s\n' "$reply" "$header")
	verdict=ok
	for pattern; do
		printf '%s' "$text" | tr '\n\t' '  ' | grep -qE -- "$pattern" ||
			verdict="NOT AS EXPECTED (wanted: $pattern)"
	done
	[ "$verdict" = ok ] || failed=$((failed + 1))
	printf '\n%d. %s -- %s\n' "$n" "$title" "$verdict"
	if [ -n "$header" ]; then
		printf '%s\n' "$header" | sed 's/^/   | /'
	else
		printf '%s\n' "$reply" | sed 's/^/   > /'
	fi
}

echo "Starting nsd, mxauthd and a private Postfix on 127.0.0.1 ..."
stage_up
{
	cat "$top/t/demo/zone"
	printf 's1._domainkey.example.com. TXT %s\n' \
		"$(stage_key_record "$key")"
	printf 'l1._domainkey.lists.example.org. TXT %s\n' \
		"$(stage_key_record "$key")"
} >"$stage/zone"
stage_dns "$stage/zone" || exit 1
stage_mxauthd || exit 1
stage_postfix_start mx "$smtp_port" mx.example.org \
	"virtual_mailbox_domains = receiver.example" \
	"smtpd_milters = inet:127.0.0.1:$milter_port" || exit 1

"$build/t/support/mxsign" --domain example.com --selector s1 --key "$key" \
	<"$mail/signed" >"$stage/signed"
# the same message as a list sends it on: subject tag and footer break
# Alice's signature, the list signs what it made of it
{
	sed '/^$/,$d' "$stage/signed" | sed 's/^Subject: /Subject: [garden] /'
	echo 'List-Id: Garden talk <garden.lists.example.org>'
	echo 'List-Post: <mailto:garden@lists.example.org>'
	echo 'Sender: garden-bounces@lists.example.org'
	sed -n '/^$/,$p' "$stage/signed"
	printf '\n-- \nGarden mailing list\n'
} | "$build/t/support/mxsign" --domain lists.example.org --selector l1 \
	--key "$key" >"$stage/list"

echo
echo "What a sender's server is told (>), or the header the reader finds (|):"

send signed 192.0.2.1 mail.example.com alice@example.com "$stage/signed"
show "DKIM-signed and aligned (example.com, p=reject)" '^250 ' \
	'dkim=pass .*header.d=example.com' 'spf=pass' 'dmarc=pass'

send spf-only 198.51.100.25 out.example.net carol@example.net \
	"$mail/spf-only"
show "SPF only (example.net, p=quarantine)" '^250 ' 'spf=pass' 'dkim=none' \
	'dmarc=pass'

send forged 203.0.113.66 host.example alice@example.com "$mail/forged"
show "forged author of a p=reject domain" '^550-5\.7\.26 .*example\.com' \
	'550 5\.7\.26 .*spf=fail dkim=none dmarc=fail'

send list 203.0.113.40 lists.example.org \
	garden-bounces@lists.example.org "$stage/list"
show "the signed one through a mailing list that broke the signature" \
	'^250 ' 'dkim=fail .*header.d=example.com' \
	'dkim=pass .*header.d=lists.example.org' \
	'dmarc=fail .*dis=quarantine'

send p-none 203.0.113.66 host.example news@shop.example "$mail/p-none"
show "forged author of a p=none domain: delivered and labelled" '^250 ' \
	'spf=softfail' 'dmarc=fail .*p=none'

send no-record 192.0.2.90 mail.old.example dave@old.example "$mail/no-record"
show "a domain without a DMARC record" '^250 ' 'spf=pass' 'dmarc=none'

printf '\nThe daemon logged, a line each:\n'
grep 'action=' "$stage/mxauthd.log" | sed 's/^/   /'

printf '\n%d messages, %d not as expected.\n' "$n" "$failed"
[ "$failed" = 0 ]
