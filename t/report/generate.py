#!/usr/bin/env python3
"""generate.py DIRECTORY [DAYS [SOURCES [FILES]]] - aggregate reports of five
domains, the same ones each time.

DAYS (90) end on 2026-11-20; SOURCES (50) strangers a domain; FILES (0: one a
domain and day) reporters share the rows when more files are wanted.

  ready.example     all of its senders pass; strangers fail
  service.example   its newsletter service authenticates for itself only
  lists.example     3 % of its mail is broken by mailing lists
  parked.example    nothing passes: strangers only
  fresh.example     as ready.example, but of three days
"""
import gzip
import os
import random
import sys

DAY = 86400
LAST = 1795132800  # 2026-11-20T00:00:00Z

ROW = """<record><row><source_ip>%s</source_ip><count>%d</count>
<policy_evaluated><disposition>%s</disposition><dkim>%s</dkim><spf>%s</spf>%s
</policy_evaluated></row><identifiers><header_from>%s</header_from>
</identifiers><auth_results>%s</auth_results></record>
"""
REPORT = """<?xml version="1.0" encoding="UTF-8"?>
<feedback><report_metadata><org_name>%s</org_name><email>dmarc@%s</email>
<report_id>%s</report_id><date_range><begin>%d</begin><end>%d</end>
</date_range></report_metadata><policy_published><domain>%s</domain>
<adkim>r</adkim><aspf>r</aspf><p>none</p></policy_published>
%s</feedback>
"""


def dkim(domain, result, selector="s1"):
    return ("<dkim><domain>%s</domain><selector>%s</selector>"
            "<result>%s</result></dkim>" % (domain, selector, result))


def spf(domain, result):
    return "<spf><domain>%s</domain><result>%s</result></spf>" % (
        domain, result)


def row(ip, n, author, by_dkim, by_spf, results, reason=""):
    if reason:
        reason = "<reason><type>%s</type></reason>" % reason
    return ROW % (ip, n, "none", by_dkim, by_spf, reason, author, results)


def own(d, net):
    return [row("192.0.2.%d" % net, 400, d, "pass", "pass",
                dkim(d, "pass") + spf(d, "pass")),
            row("192.0.2.%d" % (net + 1), 80, d, "fail", "pass",
                spf(d, "pass"))]


def forwarder(d, net):
    return [row("203.0.113.%d" % net, 6, d, "pass", "fail",
                dkim(d, "pass") + spf(d, "fail"))]


def strangers(d, rng, n):
    return [row("2001:db8:%x::%x" % (rng.randrange(0x100, 0x100 + n),
                                     rng.randrange(1, 9)),
                rng.randrange(1, 4), d, "fail", "fail", spf(d, "fail"))
            for _ in range(n // 10 + 1)]


def rows_of(d, index, day, days, rng, sources):
    if d == "parked.example":
        return strangers(d, rng, sources)
    rows = own(d, 10 * (index + 1)) + forwarder(d, index + 1)
    rows += strangers(d, rng, sources)
    if d == "service.example":
        rows += [row("198.51.100.%d" % ip, 30, d, "fail", "fail",
                     dkim("esp.example", "pass", "k1") +
                     spf("bounce.esp.example", "pass")) for ip in (7, 8)]
        if day >= days - 3:
            rows.append(row("198.51.100.200", 9, d, "fail", "fail",
                            spf("crm.example", "pass")))
    if d == "lists.example":
        rows.append(row("203.0.113.77", 15, d, "fail", "fail",
                        dkim(d, "fail") + spf("list.example", "pass"),
                        "mailing_list"))
    return rows


def write(path, text, packed):
    data = text.encode()
    with open(path, "wb") as f:
        f.write(gzip.compress(data, mtime=0) if packed else data)


def main():
    where = sys.argv[1]
    days, sources, files = ([int(a) for a in sys.argv[2:5]] +
                            [90, 50, 0][len(sys.argv) - 2:])
    domains = ["ready.example", "service.example", "lists.example",
               "parked.example", "fresh.example"]
    rng = random.Random(9990)
    reporters = max(1, files // (days * len(domains)))
    os.makedirs(where, exist_ok=True)
    for index, d in enumerate(domains):
        for day in range(days):
            if d == "fresh.example" and day < days - 3:
                continue
            begin = LAST - (days - 1 - day) * DAY
            for k in range(reporters):
                org = "receiver%d.example" % k
                rows = rows_of(d, index, day, days, rng, sources)
                name = "%s!%s!%d!%d" % (org, d, begin, begin + DAY - 1)
                text = REPORT % (org, org, "%d.%d.%d" % (index, day, k),
                                 begin, begin + DAY - 1, d, "".join(rows))
                packed = k % 2 == 0
                write(os.path.join(where, name + (".xml.gz" if packed
                                                  else ".xml")),
                      text, packed)


main()
