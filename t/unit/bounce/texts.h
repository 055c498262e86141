/* texts.h - refusals of real receivers, in documentation names, and what each
 * is about.  Sources as in lib/bounce/refusal_table.c. */
#ifndef MXA_T_BOUNCE_TEXTS_H
#define MXA_T_BOUNCE_TEXTS_H

#include "bounce/refusal.h"

#define S MXA_BY_SPF
#define D MXA_BY_DKIM
#define P MXA_BY_DMARC

static const struct text {
	const char *host; /* that refused */
	enum mxa_refusal_class class;
	unsigned methods;
	const char *domain; /* that failed; "" where nothing failed */
	const char *ip;	    /* of the client, where the words have it and are
				about it */
	const char *reply;
} texts[] = {
	/* authentication */
	{ "gmail-smtp-in.l.google.com", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.26 Unauthenticated email from firm.example is "
	    "not accepted due to domain's DMARC policy. Please "
	    "contact the administrator of firm.example domain if "
	    "this was a legitimate mail. To learn about the DMARC "
	    "initiative, go to "
	    "https://support.google.com/mail/?p=DmarcRejection "
	    "n1-20020a170903404100b001bbc7b6492fsi4175505pla.8 - "
	    "gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.1 Unauthenticated email from firm.example is "
	    "not accepted due to domain's DMARC policy. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_DMARC, P, "firm.example", "",
	    "451 4.7.26 Unauthenticated email from firm.example is "
	    "not accepted due to domain's DMARC policy, but "
	    "temporary DNS failures prevent authentication. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_NO_AUTH, S | D, "firm.example",
	    "203.0.113.77",
	    "550 5.7.26 This mail is unauthenticated, which poses a "
	    "security risk to the sender and Gmail users, and has "
	    "been blocked. The sender must authenticate with at "
	    "least one of SPF or DKIM. For this message, DKIM "
	    "checks did not pass and SPF check for [firm.example] "
	    "did not pass with ip: [203.0.113.77]. The sender "
	    "should visit "
	    "https://support.google.com/mail/answer/81126#authentication "
	    "for instructions on setting up authentication. "
	    "n1-2002si4175505pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_NO_AUTH, S | D, "firm.example",
	    "203.0.113.77",
	    "550 5.7.26 Your email has been blocked because the "
	    "sender is unauthenticated. Gmail requires all senders "
	    "to authenticate with either SPF or DKIM. "
	    "Authentication results: DKIM = did not pass SPF "
	    "[firm.example] with ip: [203.0.113.77] = did not pass "
	    "For instructions on setting up authentication, go to "
	    "https://support.google.com/mail/answer/81126#authentication "
	    "d9443c01a7336-2124a1b2c3dsi1234567plc.45 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_NO_AUTH, S | D, "firm.example",
	    "203.0.113.77",
	    "421 4.7.26 Your email has been rate limited because "
	    "the sender is unauthenticated. Gmail requires all "
	    "senders to authenticate with either SPF or DKIM. "
	    "Authentication results: DKIM = did not pass SPF "
	    "[firm.example] with ip: [203.0.113.77] = did not pass "
	    "d9443c01a7336-2124a1b2c3dsi1234567plc.45 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_NO_AUTH, S | D, "firm.example",
	    "",
	    "550 5.7.26 This message does not have authentication "
	    "information or fails to pass authentication checks "
	    "(SPF or DKIM). To best protect our users from spam, "
	    "the message has been blocked. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_NO_AUTH, S | D, "firm.example",
	    "",
	    "550 5.7.26 This message does not pass authentication "
	    "checks (SPF and DKIM both do not pass). "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_SPF, S, "firm.example",
	    "203.0.113.77",
	    "550 5.7.26 The MAIL FROM domain [firm.example] has an "
	    "SPF record with a hard fail policy (-all) but it fails "
	    "to pass SPF checks with the ip: [203.0.113.77]. To "
	    "best protect our users from spam and phishing, the "
	    "message has been blocked. a1-2b3c4d5e6f7si123456pla.8 "
	    "- gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_SPF, S, "firm.example",
	    "203.0.113.77",
	    "550 5.7.27 Your email has been blocked because SPF did "
	    "not pass. Gmail requires all large senders to "
	    "authenticate with SPF. SPF [firm.example] with ip: "
	    "[203.0.113.77] = did not pass "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_SPF, S, "firm.example", "",
	    "421 4.7.27 Your email has been rate limited because "
	    "the SPF authentication did not pass for this message. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_DKIM, D, "firm.example", "",
	    "550 5.7.30 Your email has been blocked because DKIM "
	    "authentication did not pass for this message. Gmail "
	    "requires all large senders to authenticate with DKIM. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_DKIM, D, "firm.example", "",
	    "421 4.7.30 Your email has been rate limited because "
	    "DKIM authentication did not pass for this message. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_NO_DMARC, P, "firm.example", "",
	    "550 5.7.40 Your email has been blocked because the "
	    "sending domain doesn't have a DMARC record, or the "
	    "DMARC record doesn't specify a DMARC policy. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_NO_DMARC, P, "firm.example", "",
	    "421 4.7.40 Your email has been rate limited because "
	    "the sending domain doesn't have a DMARC record, or the "
	    "DMARC record doesn't specify a DMARC policy. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_ALIGN, P, "firm.example", "",
	    "550 5.7.32 Your email has been blocked because the "
	    "From: header (RFC5322) in this message isn't aligned "
	    "with either the authenticated SPF or DKIM "
	    "organizational domain. a1-2b3c4d5e6f7si123456pla.8 - "
	    "gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_ALIGN, P, "firm.example", "",
	    "421 5.7.32 Your email has been rate limited because "
	    "the From: header (RFC5322) in this message isn't "
	    "aligned with either the authenticated SPF or DKIM "
	    "organizational domain. a1-2b3c4d5e6f7si123456pla.8 - "
	    "gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_SPF_ERROR, S, "firm.example", "",
	    "550 5.7.24 The SPF record of the sending domain has "
	    "one or more suspicious entries. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_SPF_ERROR, S, "firm.example", "",
	    "451 4.7.24 The SPF record of the sending domain has "
	    "one or more suspicious entries. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_DMARC, P,
	    "firm.example", "",
	    "550 5.7.509 Access denied, sending domain "
	    "[FIRM.EXAMPLE] does not pass DMARC verification and "
	    "has a DMARC policy of reject. "
	    "[HE1EUR01FT034.eop-EUR01.prod.protection.outlook.com "
	    "2026-11-01T00:00:00.000Z 08DB8C6A1234ABCD]" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_DMARC, P,
	    "firm.example", "",
	    "550 5.7.509 Access denied, sending domain firm.example "
	    "does not pass DMARC verification and has a DMARC "
	    "policy of reject." },
	{ "hotmail-com.olc.protection.outlook.com", MXA_RF_SPF, S,
	    "firm.example", "",
	    "550 5.7.515 Access denied, sending domain FIRM.EXAMPLE "
	    "doesn't meet the required authentication level. The "
	    "sender's domain in the 5322.From address doesn't meet "
	    "the authentication requirements defined for the "
	    "sender. To learn how to fix this see: "
	    "https://go.microsoft.com/fwlink/p/?linkid=2319303 Spf= "
	    "Fail, Dkim= Pass, DMARC= Pass "
	    "[AM3PEPF0000A796.eurprd04.prod.outlook.com "
	    "2026-11-01T00:00:00.000Z 08DD9A1B2C3D4E5F]" },
	{ "hotmail-com.olc.protection.outlook.com", MXA_RF_NO_AUTH, S | D | P,
	    "firm.example", "",
	    "550 5.7.515 Access denied, sending domain FIRM.EXAMPLE "
	    "doesn't meet the required authentication level. Spf= "
	    "Fail , Dkim= Fail , DMARC= Fail "
	    "[AM3PEPF0000A796.eurprd04.prod.outlook.com "
	    "2026-11-01T00:00:00.000Z 08DD9A1B2C3D4E5F]" },
	{ "hotmail-com.olc.protection.outlook.com", MXA_RF_DMARC, P,
	    "firm.example", "",
	    "550 5.7.515 Access denied, sending domain FIRM.EXAMPLE "
	    "doesn't meet the required authentication level. Spf= "
	    "Pass, Dkim= Pass, DMARC= Fail" },
	{ "hotmail-com.olc.protection.outlook.com", MXA_RF_DKIM, D,
	    "firm.example", "",
	    "550 5.7.515 Access denied, sending domain FIRM.EXAMPLE "
	    "doesn't meet the required authentication level. Spf= "
	    "Pass, Dkim= Fail, DMARC= Pass" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_SPF, S,
	    "firm.example", "",
	    "550 5.7.23 The message was rejected because of Sender "
	    "Policy Framework violation" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_NO_AUTH, S | D,
	    "firm.example", "",
	    "450 4.7.26 Service does not accept messages sent over "
	    "IPv6 unless they pass either SPF or DKIM validation "
	    "(message not signed)" },
	{ "hotmail-com.olc.protection.outlook.com", MXA_RF_DMARC, P,
	    "firm.example", "203.0.113.77",
	    "550 5.7.0 (COL004-MC1F9) Unfortunately, messages from "
	    "(203.0.113.77) on behalf of (firm.example) could not "
	    "be delivered due to domain owner policy restrictions." },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_NO_AUTH, S | D,
	    "firm.example", "",
	    "550 5.7.1 Message rejected: compauth=fail reason=001" },
	{ "mta7.am0.yahoodns.net", MXA_RF_DMARC, P, "firm.example", "",
	    "554 5.7.9 Message not accepted for policy reasons. See "
	    "https://postmaster.yahooinc.com/error-codes" },
	{ "mta7.am0.yahoodns.net", MXA_RF_NO_AUTH, S | D, "firm.example", "",
	    "550 5.7.9 This mail has been blocked because the "
	    "sender is unauthenticated. Yahoo requires all senders "
	    "to authenticate with either SPF or DKIM. See "
	    "https://senders.yahooinc.com/best-practices" },
	{ "mx01.mail.icloud.com", MXA_RF_DMARC, P, "firm.example", "",
	    "554 5.7.1 Your message was rejected due to "
	    "firm.example's DMARC policy. See "
	    "https://support.apple.com/en-us/HT204137 for info" },
	{ "mx01.mail.icloud.com", MXA_RF_NO_AUTH, S | D, "firm.example", "",
	    "554 5.7.1 [HME1] This message was blocked for failing "
	    "both SPF and DKIM authentication checks. See "
	    "https://support.apple.com/en-us/HT204137 for mailing "
	    "best practices" },
	{ "mxs.mail.ru", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.1 This message was not accepted due to domain "
	    "(firm.example) owner DMARC policy (RFC 7489) "
	    "https://help.mail.ru/mail-help/postmaster/dmarc" },
	{ "mx.zoho.com", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.1 Email rejected per DMARC policy for "
	    "firm.example" },
	{ "mx1.comcast.net", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.2.0 q7Jm1v00F3Sxv6S017Jmgq Message rejected due "
	    "to DMARC. Please see "
	    "http://postmaster.comcast.net/smtp-error-codes.php#DM000001" },
	{ "mx00.emig.gmx.net", MXA_RF_DMARC, P, "firm.example", "203.0.113.77",
	    "554 Transaction failed Reject due to domain's DMARC "
	    "policy. For explanation visit "
	    "https://postmaster.gmx.net/en/case?c=hi&i=ip&v=203.0.113.77" },
	{ "mx-ha02.web.de", MXA_RF_DMARC, P, "firm.example", "",
	    "554 Transaction failed Reject due to domain's DMARC "
	    "policy." },
	{ "mx1.xs4all.nl", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.1 DMARC failure for domain firm.example, "
	    "policy reject" },
	{ "mx3.qq.com", MXA_RF_DMARC, P, "firm.example", "203.0.113.77",
	    "550 DMARC check failed. [Mhs1a2b3c4d IP: 203.0.113.77] "
	    "http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1001443" },
	{ "mx3.qq.com", MXA_RF_SPF, S, "firm.example", "",
	    "550 SPF check failed. "
	    "https://open.work.weixin.qq.com/help" },
	{ "163mx01.mxmail.netease.com", MXA_RF_SPF, S, "firm.example", "",
	    "553 Requested action NOT taken: mailbox name not "
	    "allowed mx45,wKgBZl,MI:SPF 1543" },
	{ "smtp-in.laposte.net", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.5.0 Service refuse. Veuillez essayer plus tard. "
	    "Service refused, please try later. LPN007_517" },
	{ "smtp-in.laposte.net", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.5.0 SPF: firm.example is not allowed. LPN004_401" },
	{ "smtp-in.orange.fr", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.5.0 Mail rejete. SPF check failed. ofr_506" },
	{ "eu-smtp-inbound-1.mimecast.com", MXA_RF_SPF, S, "firm.example", "",
	    "550 SPF Sender Invalid - envelope rejected - "
	    "https://community.mimecast.com/docs/DOC-1369#550 "
	    "[abcdefghij]" },
	{ "eu-smtp-inbound-1.mimecast.com", MXA_RF_DKIM, D, "firm.example", "",
	    "550 DKIM Sender Invalid - envelope rejected - "
	    "https://community.mimecast.com/docs/DOC-1369#550 "
	    "[abcdefghij]" },
	{ "eu-smtp-inbound-1.mimecast.com", MXA_RF_DMARC, P, "firm.example", "",
	    "550 DMARC Sender Invalid - envelope rejected - "
	    "https://community.mimecast.com/docs/DOC-1369#550 "
	    "[abcdefghij]" },
	{ "smtp.secureserver.net", MXA_RF_SPF, S, "firm.example",
	    "203.0.113.77",
	    "550 5.1.0 203.0.113.77 is not allowed to send from "
	    "<firm.example> per it's SPF Record. Please inspect "
	    "your SPF settings, and try again. IB508 "
	    "<http://x.co/srbounce>" },
	{ "mx.rcpt.example", MXA_RF_DMARC, P, "firm.example", "",
	    "550 sorry, we don't allow this mail. (#5.7.1)" },
	{ "mx.rcpt.example", MXA_RF_DMARC, P, "firm.example", "",
	    "550 #5.7.1 DMARC unauthenticated mail is prohibited." },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "203.0.113.77",
	    "550 5.7.23 <u@rcpt.example>: Recipient address "
	    "rejected: Message rejected due to: SPF fail - not "
	    "authorized. Please see "
	    "http://www.openspf.net/Why?s=mfrom;id=sales@firm.example;ip=203.0.113.77;r=mx.rcpt.example" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "203.0.113.77",
	    "550 5.7.1 Please see "
	    "http://www.openspf.org/Why?s=mfrom&id=sales%40firm.example&ip=203.0.113.77&r=mx.rcpt.example "
	    ": Reason: mechanism" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "mail.firm.example", "203.0.113.77",
	    "550 Please see "
	    "http://www.openspf.org/Why?s=helo;id=mail.firm.example;ip=203.0.113.77;r=mx" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "553 See "
	    "http://spf.pobox.com/why.html?sender=sales%40firm.example" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.7.1 Sender Policy Framework violation" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "203.0.113.77",
	    "550 SPF check: fail. 203.0.113.77 is not allowed to "
	    "send mail from firm.example" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "203.0.113.77",
	    "550 5.7.1 SPF MAIL FROM check failed: The domain "
	    "firm.example explicitly denies sending from your IP "
	    "203.0.113.77" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "203.0.113.77",
	    "550 5.7.1 Domain firm.example does not permit IP "
	    "203.0.113.77" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "203.0.113.77",
	    "550 5.7.1 [203.0.113.77] is not authorized to send "
	    "mail for firm.example (SPF)" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "203.0.113.77",
	    "550 5.7.1 203.0.113.77 is not permitted to send mail "
	    "for firm.example" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "203.0.113.77",
	    "550 5.7.1 Sender IP 203.0.113.77 not authorized by SPF "
	    "record of domain firm.example" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "203.0.113.77",
	    "554 5.7.1 <sales@firm.example>: Sender address "
	    "rejected: domain of sales@firm.example does not "
	    "designate 203.0.113.77 as permitted sender" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "203.0.113.77",
	    "550 5.7.1 domain of transitioning sales@firm.example "
	    "does not designate 203.0.113.77 as permitted sender" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.7.1 Message failed SPF" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.7.1 Rejected due to SPF policy for firm.example" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.7.1 SPF hard fail" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.7.23 SPF validation failed" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.7.1 SPF: softfail, message refused" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "550 No SPF record for firm.example, mail refused" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "571 5.7.1 Message contains spoofed sender (SPF fail)" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.7.1 Access denied - your SPF record does not "
	    "list this server" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "451 4.7.23 SPF check failed, try again later" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.7.1 Your SPF configuration is not correct: fail" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "550 The sender's domain firm.example failed the SPF "
	    "test" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.7.1 Mail from firm.example rejected: SPF neutral" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "550 Mail refused, SPF=fail" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.7.23 Message rejected" },
	{ "mx.rcpt.example", MXA_RF_SPF_ERROR, S, "firm.example", "",
	    "550 5.7.24 SPF Permanent Error: Too many DNS lookups" },
	{ "mx.rcpt.example", MXA_RF_SPF_ERROR, S, "firm.example", "",
	    "550 5.7.24 SPF PermError for firm.example: two or more "
	    "type TXT spf records found" },
	{ "mx.rcpt.example", MXA_RF_SPF_ERROR, S, "firm.example", "",
	    "451 4.7.24 SPF Temporary Error: DNS Timeout" },
	{ "mx.rcpt.example", MXA_RF_SPF_ERROR, S, "firm.example", "",
	    "550 5.7.1 The SPF record of firm.example has a syntax "
	    "error" },
	{ "mx.rcpt.example", MXA_RF_SPF_ERROR, S, "firm.example", "",
	    "550 5.7.1 SPF record invalid for firm.example" },
	{ "mx.rcpt.example", MXA_RF_SPF_ERROR, S, "firm.example", "",
	    "451 4.4.3 SPF temperror, please retry" },
	{ "mx.rcpt.example", MXA_RF_SPF_ERROR, S, "firm.example", "",
	    "550 5.7.24 Refused" },
	{ "mx.rcpt.example", MXA_RF_DKIM, D, "firm.example", "",
	    "550 5.7.20 No passing DKIM signature found" },
	{ "mx.rcpt.example", MXA_RF_DKIM, D, "firm.example", "",
	    "550 5.7.21 No acceptable DKIM signature found" },
	{ "mx.rcpt.example", MXA_RF_DKIM, D, "firm.example", "",
	    "550 5.7.1 DKIM verification failed" },
	{ "mx.rcpt.example", MXA_RF_DKIM, D, "firm.example", "",
	    "550 5.7.1 Message has no DKIM signature, mail rejected" },
	{ "mx.rcpt.example", MXA_RF_DKIM, D, "firm.example", "",
	    "550 5.7.1 Bad DKIM signature" },
	{ "mx.rcpt.example", MXA_RF_DKIM, D, "firm.example", "",
	    "550 5.7.1 DKIM signature verification failed: body "
	    "hash did not verify" },
	{ "mx.rcpt.example", MXA_RF_DKIM, D, "firm.example", "",
	    "550 DKIM: FAIL" },
	{ "mx.rcpt.example", MXA_RF_DKIM, D, "firm.example", "",
	    "554 5.7.1 DKIM public key not found, message rejected" },
	{ "mx.rcpt.example", MXA_RF_DKIM, D, "firm.example", "",
	    "550 5.7.1 dkim=fail" },
	{ "mx.rcpt.example", MXA_RF_DKIM, D, "firm.example", "",
	    "550 5.7.20 Rejected" },
	{ "mx.rcpt.example", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.1 rejected by DMARC policy for firm.example" },
	{ "mx.rcpt.example", MXA_RF_DMARC, P, "firm.example", "",
	    "554 5.7.1 rejected by DMARC policy of firm.example" },
	{ "mx.rcpt.example", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.1 DMARC policy violation" },
	{ "mx.rcpt.example", MXA_RF_DMARC, P, "firm.example", "",
	    "550 Message rejected per DMARC policy" },
	{ "mx.rcpt.example", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.1 (DMARC) Message rejected by policy" },
	{ "mx.rcpt.example", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.26 Message fails DMARC" },
	{ "mx.rcpt.example", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.1 Failed DMARC authentication for firm.example" },
	{ "mx.rcpt.example", MXA_RF_DMARC, P, "firm.example", "",
	    "554 5.7.5 Permanent error evaluating DMARC policy" },
	{ "mx.rcpt.example", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.1 Message refused: dmarc=fail" },
	{ "mx.rcpt.example", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.1 DMARC validation failed, quarantine is not "
	    "possible" },
	{ "mx.rcpt.example", MXA_RF_DMARC, P, "firm.example", "",
	    "550 DMARC:reject" },
	{ "mx.rcpt.example", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.1 Email does not pass DMARC for firm.example "
	    "and was discarded" },
	{ "mx.rcpt.example", MXA_RF_DMARC, S | D | P, "firm.example",
	    "203.0.113.77",
	    "550 5.7.26 Mail from firm.example is refused: its "
	    "DMARC policy is reject, and neither SPF nor DKIM "
	    "passes for firm.example. SPF: fail for firm.example at "
	    "[203.0.113.77]; DKIM: no signature. "
	    "ref=4XyZabc@mx.rcpt.example spf=fail dkim=none "
	    "dmarc=fail" },
	{ "mx.rcpt.example", MXA_RF_NO_DMARC, P, "firm.example", "",
	    "550 5.7.1 No DMARC record found for firm.example" },
	{ "mx.rcpt.example", MXA_RF_NO_DMARC, P, "firm.example", "",
	    "550 5.7.1 The domain firm.example does not publish "
	    "DMARC, rejected" },
	{ "mx.rcpt.example", MXA_RF_NO_DMARC, P, "firm.example", "",
	    "550 5.7.26 Sending domain must publish a DMARC record" },
	{ "mx.rcpt.example", MXA_RF_NO_AUTH, S | D, "firm.example", "",
	    "550 5.7.26 Message was not authenticated: neither SPF "
	    "nor DKIM passed" },
	{ "mx.rcpt.example", MXA_RF_NO_AUTH, S | D, "firm.example", "",
	    "550 5.7.26 Multiple authentication checks failed" },
	{ "mx.rcpt.example", MXA_RF_NO_AUTH, S | D, "firm.example", "",
	    "550 5.7.1 Failed SPF and DKIM checks" },
	{ "mx.rcpt.example", MXA_RF_NO_AUTH, S | D, "firm.example", "",
	    "550 5.7.1 Message must pass SPF or DKIM to be accepted" },
	{ "mx.rcpt.example", MXA_RF_NO_AUTH, S | D, "firm.example", "",
	    "550 5.7.1 sender domain failed authentication" },
	{ "mx.rcpt.example", MXA_RF_NO_AUTH, S | D, "firm.example", "",
	    "550 5.7.1 Unauthenticated email is not accepted from "
	    "this domain" },
	{ "mx.rcpt.example", MXA_RF_NO_AUTH, S | D, "firm.example", "",
	    "421 4.7.0 Sender is unauthenticated" },
	{ "mx.rcpt.example", MXA_RF_ALIGN, P, "firm.example", "",
	    "550 5.7.22 Refused: the author domain is not aligned" },
	{ "mx.rcpt.example", MXA_RF_ALIGN, P, "firm.example", "",
	    "550 5.7.1 From header not aligned with SPF or DKIM "
	    "domain" },
	{ "mx.rcpt.example", MXA_RF_ALIGN, P, "firm.example", "",
	    "550 5.7.22 Rejected" },
	{ "mxhost1.docomo.ne.jp", MXA_RF_SPF, S, "firm.example", "",
	    "550 SPF fail" },
	{ "mx.au.com", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.26 DMARC reject" },
	{ "mx.yandex.ru", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.1 Email rejected according to DMARC policy of "
	    "the domain owner" },
	{ "in1-smtp.messagingengine.com", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.1 DMARC: failed for firm.example" },
	{ "mx.t-online.de", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.7.0 SPF-fail" },
	{ "mx1.free.fr", MXA_RF_SPF, S, "firm.example", "",
	    "550 spf check failed" },
	{ "163mx01.mxmail.netease.com", MXA_RF_DMARC, P, "firm.example",
	    "203.0.113.77",
	    "550 MI:DMA mx36,M8CowAA3 1442548128 "
	    "http://mail.163.com/help/help_spam_16.htm?ip=203.0.113.77&hostid=mx36" },
	{ "mx01.so-net.ne.jp", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.7.23 <sales@firm.example>: Sender address "
	    "rejected: SPF authentication failure" },
	{ "esa1.rcpt.example", MXA_RF_DKIM, D, "firm.example", "",
	    "550 #5.7.1 DKIM unauthenticated mail is prohibited." },
	{ "mx.rcpt.example", MXA_RF_SPF_ERROR, S, "firm.example", "",
	    "451 4.7.24 SPF validation of firm.example: temporary "
	    "DNS error" },
	{ "mx.nifty.example", MXA_RF_SPF, S, "firm.example", "203.0.113.77",
	    "554 5.7.1 [SPF] Sender authentication failure: "
	    "envelope-from domain firm.example does not authorize "
	    "203.0.113.77" },
	{ "mx.fireeye.example", MXA_RF_DMARC, P, "firm.example", "",
	    "550 5.7.1 Unauthenticated sender: DMARC alignment "
	    "check failed" },
	{ "mx.wp.pl", MXA_RF_SPF, S, "firm.example", "203.0.113.77",
	    "550 5.7.1 SPF: adres IP 203.0.113.77 nie jest "
	    "uprawniony do wysylania poczty z domeny firm.example" },
	{ "mx.uol.com.br", MXA_RF_SPF, S, "firm.example", "",
	    "550 5.7.1 Mensagem rejeitada: falha na verificacao "
	    "SPF de firm.example" },
	{ "lsean.ezweb.ne.jp", MXA_RF_NO_AUTH, S | D, "firm.example", "",
	    "550 5.7.1 Sender authentication failed "
	    "(SPF/DKIM/DMARC)" },
	{ "mx.rcpt.example", MXA_RF_SPF, S, "firm.example", "203.0.113.77",
	    "550 SPF检查失败：发信IP 203.0.113.77 未被 firm.example 授权" },
	{ "mx.rcpt.example", MXA_RF_NO_AUTH, S | D, "firm.example", "",
	    "554 5.7.1 Message blocked by spoof protection: From domain "
	    "firm.example failed sender authentication" },
	{ "mx.rcpt.example", MXA_RF_ALIGN, P, "firm.example", "",
	    "550 5.7.1 Header From firm.example and envelope sender do not "
	    "align" },
	{ "mx.rcpt.example", MXA_RF_SPF_ERROR, S, "firm.example", "",
	    "450 4.4.2 Timeout while checking SPF; connection dropped" },
	/* other matters */
	{ "mx.rcpt.example", MXA_RF_UNKNOWN_USER, 0, "", "",
	    "550 5.1.1 <u@rcpt.example>: Recipient address "
	    "rejected: User unknown in local recipient table" },
	{ "mx.rcpt.example", MXA_RF_UNKNOWN_USER, 0, "", "",
	    "550 <u@rcpt.example>... User unknown" },
	{ "mx.rcpt.example", MXA_RF_UNKNOWN_USER, 0, "", "",
	    "550 No such user here" },
	{ "mx.rcpt.example", MXA_RF_UNKNOWN_USER, 0, "", "",
	    "550 sorry, no mailbox here by that name (#5.1.1 - "
	    "chkuser)" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_UNKNOWN_USER, 0, "", "",
	    "550 5.1.1 The email account that you tried to reach "
	    "does not exist. Please try double-checking the "
	    "recipient's email address for typos or unnecessary "
	    "spaces. a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_UNKNOWN_USER, 0,
	    "", "",
	    "550 5.4.1 Recipient address rejected: Access denied. "
	    "[HE1EUR01FT034.eop-EUR01.prod.protection.outlook.com "
	    "2026-11-01T00:00:00.000Z 08DB8C6A1234ABCD]" },
	{ "hotmail-com.olc.protection.outlook.com", MXA_RF_UNKNOWN_USER, 0, "",
	    "",
	    "550 5.5.0 Requested action not taken: mailbox "
	    "unavailable (S2017062302)." },
	{ "mta7.am0.yahoodns.net", MXA_RF_UNKNOWN_USER, 0, "", "",
	    "554 delivery error: dd This user doesn't have a "
	    "yahoo.com account (u@rcpt.example) [0] - "
	    "mta1001.mail.gq1.yahoo.com" },
	{ "mxhost1.docomo.ne.jp", MXA_RF_UNKNOWN_USER, 0, "", "",
	    "550 Unknown user u@rcpt.example" },
	{ "mx.au.com", MXA_RF_UNKNOWN_USER, 0, "", "",
	    "550 <u@rcpt.example>: User unknown" },
	{ "mx.rcpt.example", MXA_RF_MAILBOX_FULL, 0, "", "",
	    "552 5.2.2 Mailbox full" },
	{ "mx.rcpt.example", MXA_RF_MAILBOX_FULL, 0, "", "",
	    "452 4.2.2 The email account that you tried to reach is "
	    "over quota" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_MAILBOX_FULL, 0, "", "",
	    "552 5.2.2 The recipient's inbox is out of storage "
	    "space and inactive. a1-2b3c4d5e6f7si123456pla.8 - "
	    "gsmtp" },
	{ "mx.rcpt.example", MXA_RF_MAILBOX_FULL, 0, "", "",
	    "550: 5.2.2 user over quota" },
	{ "mx.rcpt.example", MXA_RF_DISABLED, 0, "", "",
	    "550 5.2.1 The email account that you tried to reach is "
	    "disabled." },
	{ "mta7.am0.yahoodns.net", MXA_RF_DISABLED, 0, "", "",
	    "554 30 Sorry, your message to u@rcpt.example cannot be "
	    "delivered. This mailbox is disabled (554.30)." },
	{ "mx.rcpt.example", MXA_RF_DISABLED, 0, "", "",
	    "550 account has been suspended" },
	{ "mx.rcpt.example", MXA_RF_BLACKLIST, 0, "", "203.0.113.77",
	    "554 5.7.1 Service unavailable; Client host "
	    "[203.0.113.77] blocked using zen.spamhaus.org; "
	    "https://www.spamhaus.org/query/ip/203.0.113.77" },
	{ "mx.rcpt.example", MXA_RF_BLACKLIST, 0, "", "",
	    "550 5.7.1 Mail rejected, IP is listed in "
	    "bl.spamcop.net" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_BLACKLIST, 0, "", "203.0.113.77",
	    "550 5.7.1 [203.0.113.77] The IP you're using to send "
	    "mail is not authorized to send email directly to our "
	    "servers. Please use the SMTP relay at your service "
	    "provider instead. a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "hotmail-com.olc.protection.outlook.com", MXA_RF_BLACKLIST, 0, "",
	    "203.0.113.77",
	    "550 5.7.1 Unfortunately, messages from [203.0.113.77] "
	    "weren't sent. Please contact your Internet service "
	    "provider since part of their network is on our block "
	    "list (S3150)." },
	{ "hotmail-com.olc.protection.outlook.com", MXA_RF_BLACKLIST, 0, "",
	    "203.0.113.77",
	    "550 SC-001 (COL004-MC1F9) Unfortunately, messages from "
	    "203.0.113.77 weren't sent." },
	{ "hotmail-com.olc.protection.outlook.com", MXA_RF_BLACKLIST, 0, "",
	    "203.0.113.77",
	    "550 DY-001 (BAY004-MC1F40) Unfortunately, messages "
	    "from 203.0.113.77 weren't sent." },
	{ "hotmail-com.olc.protection.outlook.com", MXA_RF_BLACKLIST, 0, "",
	    "203.0.113.77",
	    "550 OU-001 (BAY004-MC1F40) Unfortunately, messages "
	    "from 203.0.113.77 weren't sent." },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_BLACKLIST, 0, "",
	    "",
	    "550 5.7.708 Access denied, traffic not accepted from "
	    "this IP." },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_BLACKLIST, 0, "",
	    "203.0.113.77",
	    "550 5.7.511 Access denied, banned "
	    "sender[203.0.113.77]." },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_BLACKLIST, 0, "",
	    "203.0.113.77",
	    "550 5.7.606 Access denied, banned sending IP "
	    "[203.0.113.77]." },
	{ "mx.rcpt.example", MXA_RF_BLACKLIST, 0, "", "",
	    "554 Your access to this mail system has been rejected "
	    "due to the sending MTA's poor reputation." },
	{ "hotmail-com.olc.protection.outlook.com", MXA_RF_RATE, 0, "",
	    "203.0.113.77",
	    "421 RP-001 (BAY004-MC1F40) Unfortunately, some "
	    "messages from 203.0.113.77 weren't sent. Please try "
	    "again. We have limits for how many messages can be "
	    "sent per hour and per day." },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_RATE, 0, "",
	    "203.0.113.77",
	    "550 5.7.508 Access denied, 203.0.113.77 has exceeded "
	    "permitted limits within the range" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_RATE, 0, "", "",
	    "421 4.7.28 Gmail has detected an unusual rate of "
	    "unsolicited mail originating from your IP address. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_RATE, 0, "", "203.0.113.77",
	    "550 5.7.1 [203.0.113.77] Our system has detected an "
	    "unusual amount of unsolicited mail originating from "
	    "your IP address. a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_RATE, 0, "", "",
	    "421 4.7.28 Gmail has detected this message exceeded "
	    "its quota for sending messages with the same "
	    "Message-ID. a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_RATE, 0, "", "",
	    "450 4.2.1 The user you are trying to contact is "
	    "receiving email too quickly. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_RATE, 0, "", "",
	    "550 5.2.1 The user you are trying to contact is "
	    "receiving mail at a rate that prevents additional "
	    "messages from being delivered. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_RATE, 0, "", "",
	    "550 5.4.5 Daily user sending limit exceeded. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "mta7.am0.yahoodns.net", MXA_RF_RATE, 0, "", "203.0.113.77",
	    "421 4.7.0 [TSS04] Messages from 203.0.113.77 "
	    "temporarily deferred due to unexpected volume or user "
	    "complaints - 4.16.55.1" },
	{ "mta7.am0.yahoodns.net", MXA_RF_RATE, 0, "", "",
	    "450 User is receiving mail too quickly" },
	{ "mx01.mail.icloud.com", MXA_RF_RATE, 0, "", "",
	    "450 4.7.1 Message rejected due to excessive volume" },
	{ "mx.rcpt.example", MXA_RF_RATE, 0, "", "",
	    "452 4.3.2 Too many connections from your host" },
	{ "mx.rcpt.example", MXA_RF_GREYLIST, 0, "", "",
	    "450 4.2.0 <u@rcpt.example>: Recipient address "
	    "rejected: Greylisted, see "
	    "http://postgrey.schweikert.ch/help/rcpt.example.html" },
	{ "mx.rcpt.example", MXA_RF_GREYLIST, 0, "", "",
	    "451 4.7.1 Greylisting in action, please come back "
	    "later" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_BUSY, 0, "",
	    "203.0.113.77",
	    "451 4.7.500 Server busy. Please try again later from "
	    "[203.0.113.77]." },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_BUSY, 0, "", "",
	    "451 4.7.700 Server busy." },
	{ "mx.rcpt.example", MXA_RF_RDNS, 0, "", "203.0.113.77",
	    "450 4.7.1 Client host rejected: cannot find your "
	    "reverse hostname, [203.0.113.77]" },
	{ "mx.rcpt.example", MXA_RF_RDNS, 0, "", "203.0.113.77",
	    "450 4.7.1 Client host rejected: cannot find your "
	    "hostname, [203.0.113.77]" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_RDNS, 0, "", "203.0.113.77",
	    "550 5.7.25 [203.0.113.77] The IP address sending this "
	    "message does not have a PTR record setup. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_RDNS, 0, "", "",
	    "421 4.7.23 The sending IP address has no PTR record, "
	    "or the PTR record does not match. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "cxr.cox.net", MXA_RF_RDNS, 0, "", "",
	    "554 rejected - no rDNS - refer to "
	    "https://www.cox.com/error-codes" },
	{ "mx.rcpt.example", MXA_RF_HELO, 0, "", "",
	    "504 5.5.2 <localhost>: Helo command rejected: need "
	    "fully-qualified hostname" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_HELO, 0, "", "",
	    "550 5.7.506 Access denied, bad HELO." },
	{ "mx.rcpt.example", MXA_RF_SENDER_DNS, 0, "", "",
	    "450 4.1.8 <sales@firm.example>: Sender address "
	    "rejected: Domain not found" },
	{ "mta7.am0.yahoodns.net", MXA_RF_SENDER_DNS, 0, "", "",
	    "451 4.1.8 Message temporarily deferred due to "
	    "unresolvable RFC.5321 from domain." },
	{ "mx.rcpt.example", MXA_RF_FROM_HEADER, 0, "", "",
	    "550 5.7.1 The message is refused: no author domain can be read "
	    "in its From field. Its From field has the damaged domain "
	    "<U+0021>. RFC 5322 asks for one From field with the address of "
	    "the author. ref=4XyZabc@mx.rcpt.example spf=pass dkim=none "
	    "dmarc=none rule=default" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_FROM_HEADER, 0, "", "",
	    "550 5.7.1 Messages missing a valid address in From: "
	    "header, or having no From: header, are not accepted "
	    "(RFC 5322). a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_FROM_HEADER, 0, "",
	    "",
	    "550 5.7.512 Access denied, message must be RFC 5322 "
	    "section 3.6.2 compliant and include a valid email "
	    "address in From header" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_HEADER_FORMAT, 0, "", "",
	    "550 5.7.1 This message is not RFC 5322 compliant. "
	    "There are duplicate headers. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_HEADER_FORMAT, 0, "", "",
	    "550 5.7.1 Messages missing a valid Message-ID header "
	    "are not accepted. a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_TLS, 0, "", "",
	    "550 5.7.29 The message was not sent over a TLS "
	    "connection. a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "mx.rcpt.example", MXA_RF_TLS, 0, "", "",
	    "530 5.7.0 Must issue a STARTTLS command first" },
	{ "mx.rcpt.example", MXA_RF_NULL_MX, 0, "", "",
	    "550 5.7.27 Sender address has null MX" },
	{ "mx.rcpt.example", MXA_RF_NULL_MX, 0, "", "", "550 5.7.27 Refused" },
	{ "mx.rcpt.example", MXA_RF_SIZE, 0, "", "",
	    "552 5.3.4 Message size exceeds fixed limit" },
	{ "mx.rcpt.example", MXA_RF_SIZE, 0, "", "",
	    "552 5.2.3 Message too large" },
	{ "mx.rcpt.example", MXA_RF_RELAY, 0, "", "",
	    "554 5.7.1 <u@rcpt.example>: Relay access denied" },
	{ "mx.rcpt.example", MXA_RF_RELAY, 0, "", "",
	    "550 5.7.1 Unable to relay" },
	{ "mx.rcpt.example", MXA_RF_ROUTING, 0, "", "",
	    "550 5.4.6 Too many hops" },
	{ "mx.rcpt.example", MXA_RF_ROUTING, 0, "", "",
	    "550 5.4.4 Host not found" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_FORWARDING, 0, "",
	    "",
	    "550 5.7.520 Access denied, Your organization does not "
	    "allow external forwarding. Please contact your "
	    "administrator for further assistance. AS(7555)" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_TENANT, 0, "", "",
	    "550 5.7.705 Access denied, tenant has exceeded "
	    "threshold" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_TENANT, 0, "", "",
	    "550 5.7.750 Service unavailable. Client blocked from "
	    "sending from unregistered domain" },
	{ "mx01.mail.icloud.com", MXA_RF_RULE, 0, "", "",
	    "554 5.7.1 [CS01] Message rejected due to local policy." },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_RULE, 0, "", "",
	    "550 5.7.1 TRANSPORT.RULES.RejectMessage; the message "
	    "was rejected by organization policy" },
	{ "mx.rcpt.example", MXA_RF_CONTENT, 0, "", "",
	    "554 5.7.1 Message rejected because it contains a virus" },
	{ "mx.rcpt.example", MXA_RF_CONTENT, 0, "", "",
	    "550 5.7.1 Message identified as SPAM" },
	{ "mta7.am0.yahoodns.net", MXA_RF_CONTENT, 0, "", "",
	    "554 5.7.9 Message not accepted [PH01]" },
	{ "mx.rcpt.example", MXA_RF_OTHER, 0, "", "", "550 5.0.0 Goodbye" },
	{ "mx01.t-online.de", MXA_RF_BLACKLIST, 0, "", "203.0.113.77",
	    "554 IP=203.0.113.77 - A problem occurred. (Ask your "
	    "postmaster for help or to contact "
	    "tosa@rx.t-online.de to clarify.)" },
	{ "smtp-in.orange.fr", MXA_RF_CONTENT, 0, "", "",
	    "550 5.2.0 Mail rejete. Mail rejected. ofr_506 [506]" },
	{ "mx1.free.fr", MXA_RF_BLACKLIST, 0, "", "203.0.113.77",
	    "421 Too many spams from your IP (203.0.113.77), "
	    "please visit http://postmaster.free.fr/" },
	{ "mx.zoho.com", MXA_RF_TENANT, 0, "", "",
	    "550 5.4.6 Unusual sending activity detected. "
	    "ERROR_CODE :550, ERROR_CODE :5.4.6" },
	{ "mx.rcpt.example", MXA_RF_BUSY, 0, "", "",
	    "452 4.3.1 Insufficient disk space; SPF OK, DKIM OK" },
	{ "mta5.am0.yahoodns.net", MXA_RF_BLACKLIST, 0, "", "203.0.113.77",
	    "421 4.7.1 [TS03] All messages from 203.0.113.77 will be "
	    "permanently deferred; Retrying will NOT succeed." },
	{ "smtp.isp.example", MXA_RF_RELAY, 0, "", "",
	    "553 5.7.1 <sales@firm.example>: Sender address rejected: not "
	    "logged in" },
	/* other matters whose words mention SPF, DKIM, DMARC or ARC */
	{ "mx.rcpt.example", MXA_RF_RDNS, 0, "", "203.0.113.77",
	    "450 4.7.25 Cannot find reverse hostname [203.0.113.77]; "
	    "publishing SPF does not help" },
	{ "mx.rcpt.example", MXA_RF_CONTENT, 0, "", "",
	    "552 5.7.0 Message has macro-enabled document; sender "
	    "authenticated by DKIM" },
	{ "mx.rcpt.example", MXA_RF_UNKNOWN_USER, 0, "", "",
	    "554 5.5.1 Error: no valid recipients; SPF fail" },
	{ "mx.rcpt.example", MXA_RF_BLACKLIST, 0, "", "",
	    "550 5.7.1 Refused by SenderBase; DMARC report sent" },
	{ "mx.rcpt.example", MXA_RF_GREYLIST, 0, "", "",
	    "451 4.7.1 Greylisting in action, please come back later (SPF "
	    "none)" },
	{ "mx.rcpt.example", MXA_RF_TLS, 0, "", "",
	    "451 4.7.5 MTA-STS policy failure: no matching mx (dkim failed)" },
	{ "mx.rcpt.example", MXA_RF_CONTENT, 0, "", "",
	    "550 5.7.1 Message contains a URL listed by SURBL; "
	    "SPF none, DKIM none" },
	{ "mx.rcpt.example", MXA_RF_RULE, 0, "", "",
	    "550 5.7.1 Sender blocked by recipient (DKIM domain "
	    "firm.example on personal blocklist)" },
	{ "mx.rcpt.example", MXA_RF_HEADER_FORMAT, 0, "", "",
	    "550 5.7.1 Mail from newsletters needs a "
	    "List-Unsubscribe header; SPF and DKIM alone are not "
	    "enough" },
	{ "mx.rcpt.example", MXA_RF_RULE, 0, "", "",
	    "550 5.7.1 Your country is blocked by geographic "
	    "policy (DMARC not evaluated)" },
	{ "mx.rcpt.example", MXA_RF_CONTENT, 0, "", "",
	    "550 5.7.0 Message rejected: password protected "
	    "archive, SPF pass" },
	{ "mx.rcpt.example", MXA_RF_RATE, 0, "", "",
	    "421 4.7.0 Too many concurrent SMTP connections; "
	    "DMARC aligned senders get higher limits" },
	{ "mx.rcpt.example", MXA_RF_CONTENT, 0, "", "",
	    "552 5.7.0 This message was blocked because its "
	    "content presents a potential security issue. "
	    "Authentication-Results spf=pass dkim=pass" },
	{ "mx.rcpt.example", MXA_RF_UNKNOWN_USER, 0, "", "",
	    "550 5.1.1 <dmarc-reports@rcpt.example>: Recipient "
	    "address rejected: User unknown" },
	{ "mx.rcpt.example", MXA_RF_MAILBOX_FULL, 0, "", "",
	    "552 5.2.2 <spf@rcpt.example>: mailbox full" },
	{ "mx.rcpt.example", MXA_RF_UNKNOWN_USER, 0, "", "",
	    "550 5.1.1 <dkim@rcpt.example> user unknown" },
	{ "mx.rcpt.example", MXA_RF_DISABLED, 0, "", "",
	    "550 5.2.1 <dmarc@rcpt.example> account disabled" },
	{ "mx.rcpt.example", MXA_RF_RELAY, 0, "", "",
	    "554 5.7.1 <spf-check@dmarc.example>: Relay access "
	    "denied" },
	{ "mx.rcpt.example", MXA_RF_SIZE, 0, "", "",
	    "552 5.3.4 Message for <dkim-test@rcpt.example> too "
	    "large" },
	{ "mx.rcpt.example", MXA_RF_CONTENT, 0, "", "",
	    "550 5.7.1 Spam detected. SPF: PASS DKIM: PASS DMARC: "
	    "PASS" },
	{ "mx.rcpt.example", MXA_RF_CONTENT, 0, "", "",
	    "550 5.7.1 Message looks like spam (spf=pass dkim=pass "
	    "dmarc=pass)" },
	{ "mx.rcpt.example", MXA_RF_CONTENT, 0, "", "",
	    "554 5.7.1 Rejected as spam: SPF passed, DKIM passed" },
	{ "mx.rcpt.example", MXA_RF_CONTENT, 0, "", "",
	    "550 5.7.1 Message content rejected, see "
	    "https://help.rcpt.example/dmarc-and-spf" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_RATE, 0, "", "",
	    "421 4.7.28 Gmail has detected an unusual rate of "
	    "unsolicited mail originating from your DKIM domain "
	    "[firm.example 36]. a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_RATE, 0, "", "",
	    "421 4.7.28 Gmail has detected an unusual rate of "
	    "unsolicited mail originating from your SPF domain "
	    "[firm.example 36]. a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "mx.rcpt.example", MXA_RF_CONTENT, 0, "", "",
	    "550 5.7.1 Rejected as spam. Set up SPF records and "
	    "DKIM for your domain to improve delivery." },
	{ "mx.rcpt.example", MXA_RF_BLACKLIST, 0, "", "203.0.113.77",
	    "550 5.7.1 Your IP address 203.0.113.77 has a poor "
	    "reputation. Publish SPF, DKIM and DMARC to improve it." },
	{ "mx.rcpt.example", MXA_RF_BLACKLIST, 0, "", "203.0.113.77",
	    "554 5.7.1 Client host [203.0.113.77] blocked using "
	    "dnsbl.example; SPF record present" },
	{ "mx.rcpt.example", MXA_RF_RATE, 0, "", "",
	    "451 4.7.1 Rate limit exceeded for senders without "
	    "DMARC" },
	{ "mx.rcpt.example", MXA_RF_RATE, 0, "", "",
	    "450 4.7.1 Too many messages from SPF domain "
	    "firm.example" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_HEADER_FORMAT, 0, "", "",
	    "550 5.7.1 This message is not RFC 5322 compliant "
	    "because it has duplicate header 'DKIM-Signature'. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "mx.rcpt.example", MXA_RF_HEADER_FORMAT, 0, "", "",
	    "550 5.6.0 Duplicate header 'DKIM-Signature' in message" },
	{ "mx.rcpt.example", MXA_RF_HEADER_FORMAT, 0, "", "",
	    "550 5.6.0 Invalid header line \"Authentication-Results: "
	    "\"" },
	{ "mx.rcpt.example", MXA_RF_GREYLIST, 0, "", "",
	    "451 4.7.1 Greylisting in action for hosts whose DMARC "
	    "record is unknown" },
	{ "mx.rcpt.example", MXA_RF_RDNS, 0, "", "203.0.113.77",
	    "550 5.7.25 No PTR record for 203.0.113.77 (SPF=pass)" },
	{ "mx.rcpt.example", MXA_RF_RDNS, 0, "", "",
	    "554 5.7.1 Reverse DNS missing, see "
	    "https://spf.rcpt.example/rdns" },
	{ "mx.rcpt.example", MXA_RF_UNKNOWN_USER, 0, "", "",
	    "550 5.1.1 No such user; DKIM=pass" },
	{ "mx.rcpt.example", MXA_RF_UNKNOWN_USER, 0, "", "",
	    "550 5.1.1 User unknown (spf=pass, dmarc=pass)" },
	{ "mx.rcpt.example", MXA_RF_MAILBOX_FULL, 0, "", "",
	    "452 4.2.2 Over quota. DMARC=pass" },
	{ "mx.rcpt.example", MXA_RF_ROUTING, 0, "", "",
	    "550 5.4.4 Host not found: _dmarc.rcpt.example" },
	{ "mx.rcpt.example", MXA_RF_TLS, 0, "", "",
	    "530 5.7.0 Must issue a STARTTLS command first (SPF "
	    "pass)" },
	{ "mx.rcpt.example", MXA_RF_SENDER_DNS, 0, "", "",
	    "450 4.1.8 <x@spf.firm.example>: Sender address "
	    "rejected: Domain not found" },
	{ "mx.rcpt.example", MXA_RF_CONTENT, 0, "", "",
	    "554 5.7.1 Virus found by dkim-milter.rcpt.example" },
	{ "mx.rcpt.example", MXA_RF_CONTENT, 0, "", "",
	    "550 5.7.1 Phishing content; the DMARC=pass of "
	    "firm.example does not help" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_TENANT, 0, "", "",
	    "550 5.7.705 Access denied, tenant has exceeded "
	    "threshold, check SPF and DKIM of your domain" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_FORWARDING, 0, "",
	    "",
	    "550 5.7.520 Access denied, Your organization does not "
	    "allow external forwarding (DMARC)" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_RATE, 0, "",
	    "203.0.113.77",
	    "550 5.7.508 Access denied, 203.0.113.77 has exceeded "
	    "permitted limits; SPF and DKIM are not considered" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_BLACKLIST, 0, "",
	    "203.0.113.77",
	    "550 5.7.606 Access denied, banned sending IP "
	    "[203.0.113.77]. SPF is not the reason" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_HELO, 0, "", "",
	    "550 5.7.506 Access denied, bad HELO. SPF was not "
	    "checked" },
	{ "firm-example.mail.protection.outlook.com", MXA_RF_BUSY, 0, "", "",
	    "451 4.7.500 Server busy. SPF=temperror" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_OTHER, 0, "", "",
	    "504 5.7.40 Unrecognized authentication type. "
	    "a1-2b3c4d5e6f7si123456pla.8 - gsmtp" },
	{ "gmail-smtp-in.l.google.com", MXA_RF_RULE, 0, "", "",
	    "550 5.7.1 Messages without DMARC are not accepted here "
	    "by our rules. - gcdp "
	    "d9443c01a7336-2124a1b2c3dsi1234567plc.45 - gsmtp" },
	{ "mx.rcpt.example", MXA_RF_OTHER, 0, "", "",
	    "550 5.7.1 ARC validation failed, dmarc=pass" },
	{ "mx.rcpt.example", MXA_RF_OTHER, 0, "", "",
	    "550 5.7.1 arc chain validation failed" },
	{ "mx01.mail.icloud.com", MXA_RF_RULE, 0, "", "",
	    "554 5.7.1 [CS01] Message rejected due to local policy. "
	    "SPF=pass DKIM=pass DMARC=pass" },
	{ "mta7.am0.yahoodns.net", MXA_RF_CONTENT, 0, "", "",
	    "554 5.7.9 [PH01] Message not accepted; see our DMARC "
	    "page" },
	{ "mta7.am0.yahoodns.net", MXA_RF_DISABLED, 0, "", "",
	    "554 This mailbox is disabled, dmarc=pass" },
	{ "mx.rcpt.example", MXA_RF_SIZE, 0, "", "",
	    "552 5.3.4 Message size exceeds limit for senders "
	    "without DKIM" },
	{ "mx.rcpt.example", MXA_RF_RELAY, 0, "", "",
	    "550 5.7.1 Unable to relay for dmarc.example" },
	{ "mx.rcpt.example", MXA_RF_UNKNOWN_USER, 0, "", "",
	    "550 5.1.1 The mailbox spf@rcpt.example does not exist: "
	    "unknown user" },
	{ "mx.rcpt.example", MXA_RF_BLACKLIST, 0, "", "203.0.113.77",
	    "554 5.7.1 203.0.113.77 is listed at "
	    "spf-bl.rcpt.example" },
	{ "mx.rcpt.example", MXA_RF_NULL_MX, 0, "", "",
	    "550 5.7.27 Sender address has null MX (SPF -all)" },
};

#undef S
#undef D
#undef P

#endif
