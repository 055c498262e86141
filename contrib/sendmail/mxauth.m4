dnl # mxauth.m4 - mxauthd in Sendmail's sendmail.mc:
dnl #
dnl #	include(`/usr/share/mxauth/sendmail/mxauth.m4')dnl
dnl #
dnl # after the MAILER() lines or before them, then build sendmail.cf and restart
dnl # Sendmail (Debian: "sendmailconfig").  Another socket than the default:
dnl #
dnl #	define(`MXAUTH_SOCKET', `inet:9810@127.0.0.1')dnl
dnl #
dnl # before the include.  In /etc/mxauth/mxauth.conf the socket has the same
dnl # spelling: listen = "inet:9810@127.0.0.1".  For a UNIX socket, Sendmail's
dnl # daemon works as root and may pass it whatever its group is.
dnl #
dnl # F=T is what makes this safe: when mxauthd is not there, Sendmail answers 451
dnl # and the sender tries again later.  Without it Sendmail delivers the message
dnl # unverified, with whatever Authentication-Results its sender put into it.
dnl #
dnl # T= says how long Sendmail waits: C to connect, S to send a piece, R for an
dnl # answer, E for the end of a message as a whole.  mxauthd reports progress
dnl # every 3 seconds while a message waits for the DNS, at most 20 seconds (dns:
dnl # deadline of mxauth.conf).
dnl #
dnl # Messages that mxauthd holds (profile "strict", or a rule with "quarantine")
dnl # are in the quarantine: "mailq -qQ" lists them, with the reason;
dnl # "sendmail -Q -qQ -qIQUEUEID" releases one, "sendmail -q" then delivers it.
ifdef(`MXAUTH_SOCKET', `', `define(`MXAUTH_SOCKET', `unix:/run/mxauth/mxauth.sock')')dnl
INPUT_MAIL_FILTER(`mxauth', `S='MXAUTH_SOCKET`, F=T, T=C:10s;S:30s;R:60s;E:5m')dnl
