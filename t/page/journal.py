#!/usr/bin/env python3
"""journal.py DIRECTORY [DAYS [MESSAGES]] - writes a journal of mxauthd: DAYS days
that end on 2026-11-21, with so many messages each: ordinary mail, mail that
was refused, held, deferred or tagged, a profile that only monitors, lists and
forwarders, slow messages, and texts that try to become markup."""
import json
import os
import sys
import time

directory = sys.argv[1]
days = int(sys.argv[2]) if len(sys.argv) > 2 else 7
each = int(sys.argv[3]) if len(sys.argv) > 3 else 60
EVIL = '<img src=x onerror=hacked=1>\u202e</pre></details>'
END = 1795219200  # 2026-11-21, a Saturday
FILE = "0123456789abcdef"


def stamp(t):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t))


def dmarc(author, result, policy):
    return {"result": result, "worst": 0, "policy": policy, "domains": [
        {"result": result, "domain": author, "organizational": author,
         "record_domain": author, "record": "v=DMARC1; p=" + policy,
         "tag": "p", "published": policy, "policy": policy,
         "spf_aligned": result == "pass",
         "reason": "no aligned identifier passed"}]}


def signature(domain, result, cause):
    return {"result": result, "cause": cause, "d": domain,
            "s": "s1", "a": "rsa-sha256", "b": "AbCdEfGh",
            "reason": "" if result == "pass" else "the body was changed"}


def message(k, t):
    kind = k % 20
    author = "news%d.example" % (k % 6)
    client = "192.0.2.%d" % (k % 200 + 1)
    act = {"action": "accept", "profile": "standard", "rule": "default",
           "disposition": "none", "author": 0, "grounds": []}
    m = {"v": 1, "time": stamp(t), "id": "4F%05X" % k, "ip": client,
         "helo": "mail." + author, "mfrom": "anna.schmidt@" + author,
         "spf": {"result": "pass", "identity": "mailfrom", "domain": author,
                 "reason": client + " matches ip4:192.0.2.0/24"},
         "dkim": [signature(author, "pass", "ok")], "from": [author],
         "dmarc": dmarc(author, "pass", "reject"), "rcpts": 1,
         "rcpt": ["taro.yamada@example.jp"], "ms": 40 + 13 * k % 300,
         "action": act}
    if kind < 12:
        return m
    m["dmarc"] = dmarc(author, "fail", "reject")
    m["dkim"] = []
    m["spf"].update(result="fail", reason=client + " is not listed in the "
                    "record of " + author)
    if kind == 12:
        act.update(action="reject", cause="dmarc-reject", disposition="reject",
                   grounds=["no-signature", "spf-fail"], code="550",
                   enhanced="5.7.26", text=["mail of %s from %s is refused: "
                                            "its policy is reject" %
                                            (author, client)])
    elif kind == 13:
        act.update(action="quarantine", cause="dmarc-quarantine",
                   disposition="quarantine", grounds=["no-signature"],
                   quarantine="mxauth: dmarc-quarantine")
    elif kind == 14:
        m["spf"].update(result="temperror", reason="the DNS did not answer")
        m["dmarc"]["result"] = "temperror"
        m["ms"] = 9000 + 37 * k % 2000
        act.update(action="defer", cause="temperror", code="451",
                   enhanced="4.7.24", text=["the DNS did not answer"])
    elif kind == 15:
        act.update(action="tag", cause="spf-softfail", grounds=["spf-softfail"])
    elif kind == 16:
        act.update(action="accept", would="reject", cause="dmarc-reject",
                   profile="monitor", override="local_policy",
                   grounds=["no-signature"])
    elif kind == 17:
        m["mfrom"] = "list-bounces+taro@lists.example"
        m["dkim"] = [signature("lists.example", "pass", "ok"),
                     signature(author, "fail", "body")]
        act.update(override="mailing_list", turned="list-signature",
                   grounds=["list-signature"])
    elif kind == 18 and k % 40 == 18:
        act.update(override="trusted_forwarder",
                   turned="trusted-forwarder-network",
                   grounds=["trusted-forwarder-network"])
    elif kind == 18:
        m["arc"] = {"result": "pass", "trusted": True,
                    "trusted_sealer": "sealer.example"}
        act.update(override="local_policy", turned="trusted-sealer",
                   grounds=["trusted-sealer"])
    else:
        m["from"] = [EVIL]
        m["helo"] = m["mfrom"] = EVIL + "@" + EVIL
        m["rcpt"] = [EVIL]
        m["dmarc"] = dmarc(EVIL, "fail", "none")
        act.update(action="reject", cause="no-author", code="550",
                   enhanced="5.7.1", text=[EVIL])
    return m


os.makedirs(directory, exist_ok=True)
begin = END - (days - 1) * 86400
path = os.path.join(directory, time.strftime("%Y%m%dT%H%M%SZ-", time.gmtime(
    begin)) + FILE + ".jsonl")
with open(path, "w", encoding="utf-8") as f:
    f.write(json.dumps({"v": 1, "time": stamp(begin), "file": FILE,
                        "mxauth": "mxauthd test"}, separators=(",", ":")) +
            "\n")
    k = 0
    for day in range(days):
        if days > 3 and day == days - 3:
            continue  # a gap
        for i in range(each):
            at = begin + day * 86400 + 3600 + i * 60000 // each
            f.write(json.dumps(message(k, at), separators=(",", ":"),
                               ensure_ascii=False) + "\n")
            k += 1
os.utime(path, (END + 86400, END + 86400))
