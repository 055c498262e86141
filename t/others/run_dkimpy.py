"""Cases of `dump dkim` on standard input through dkimpy, compared with ours.

Compares pass with no pass: dkimpy does not tell permerror from fail.  Run by
t/others/others.sh.
"""
import collections
import re
import sys

import dkim



def unpadded(message):
    """Whether b= or bh= lacks the padding of its base64."""
    field = re.split(rb"\n(?![ \t])", message, maxsplit=1)[0]
    for value in re.findall(rb"(?:^|;)\s*bh?=([^;]*)", field.split(b":", 1)[1]):
        if len(re.sub(rb"\s", b"", value)) % 4:
            return True
    return False


def spaced_name(message):
    return re.search(rb"(?m)^[!-9;-~]+[ \t]+:", message)


# How dkimpy 1.1.4 is known to differ from RFC 6376.
KNOWN = [
    (unpadded, "refuses base64 without padding, which the grammar allows"),
    (spaced_name, "refuses a message with a space before a field's colon"),
]


def known(message):
    for differs, reason in KNOWN:
        if differs(message):
            return reason
    return None


def cases(stream):
    case = {}
    for line in stream:
        word, _, value = line.rstrip(b"\n").partition(b" ")
        if word == b"message":
            case["message"] = stream.read(int(value))
            stream.readline()
            yield case
            case = {}
        else:
            case[word.decode()] = value


def verify(case):
    def key(name, timeout=5):
        if name.rstrip(b".").lower() == case["name"].lower():
            return case["key"]
        return None

    try:
        return dkim.verify(case["message"], dnsfunc=key, minkey=1024)
    except Exception:  # whatever it is, it is no pass
        return False


def main():
    counts = collections.Counter()
    for case in cases(sys.stdin.buffer):
        ours = case["result"].decode()
        theirs = verify(case)
        if theirs == (ours == "pass"):
            counts["the same, pass" if theirs else "the same, no pass"] += 1
            continue
        reason = known(case["message"])
        counts["known: " + reason if reason else "different"] += 1
        if reason is None:
            print("DIFFERENT case %s: ours %s, dkimpy %s\n%s" % (
                case["case"].decode(), ours, "pass" if theirs else "no pass",
                case["message"].decode("latin-1")))
    for what, n in sorted(counts.items(), key=lambda c: -c[1]):
        print("%7d %s" % (n, what))
    sys.exit(1 if counts["different"] or not counts["the same, pass"] else 0)


main()
