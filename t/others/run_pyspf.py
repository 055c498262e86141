"""Cases of `dump spf` on standard input through pyspf, compared with ours.

Reads the zone of each case; no network.  Where pyspf says something else, it is
asked again with one of its known deviations from RFC 7208 corrected, then with
all of them: a difference is known only if the corrected pyspf agrees with us.
Run by t/others/others.sh.
"""
import collections
import re
import sys

import spf


class Zone:
    """Records by (name, type), and names that fail."""

    def __init__(self, lines):
        self.records = {}
        self.failing = []
        for line in lines:
            self.take(line)

    def take(self, line):
        if line.startswith(";! "):
            words = line[3:].split()
            kind = words[2].upper() if len(words) > 2 else None
            self.failing.append((words[1].lower(), kind))
            return
        if line.startswith("$") or not line.strip():
            return
        name, rest = line.split(None, 1)
        kind, data = rest.split(None, 1)
        if kind.isdigit():
            kind, data = data.split(None, 1)
        name = re.sub(r"\\([0-9]{3})", lambda m: chr(int(m[1])), name)
        key = (name.lower().rstrip("."), kind.upper())
        self.records.setdefault(key, []).append(self.value(kind, data))

    @staticmethod
    def value(kind, data):
        kind = kind.upper()
        if kind == "TXT":
            parts, at = [], 0
            while at < len(data):
                if data[at] != '"':
                    at += 1
                    continue
                at += 1
                part = ""
                while at < len(data) and data[at] != '"':
                    if data[at] == "\\" and data[at + 1:at + 4].isdigit():
                        part += chr(int(data[at + 1:at + 4]))
                        at += 4
                    elif data[at] == "\\":
                        part += data[at + 1]
                        at += 2
                    else:
                        part += data[at]
                        at += 1
                parts.append(part.encode("latin-1"))
                at += 1
            return tuple(parts)
        if kind == "MX":
            priority, host = data.split()
            return int(priority), host.rstrip(".")
        return data.strip().rstrip(".")

    def fails(self, name, kind):
        return any(n == name and k in (None, kind) for n, k in self.failing)

    def closest(self, name, kind):
        """The records of the name, or of a wildcard above it."""
        if any(n == name or n.endswith("." + name) for n, _ in self.records):
            return self.records.get((name, kind), [])
        labels = name.split(".")
        for i in range(1, len(labels)):
            above = ".".join(labels[i:])
            wild = self.records.get(("*." + above, kind))
            if wild is not None:
                return wild
            if any(n == above or n.endswith("." + above)
                   for n, _ in self.records):
                break
        return []

    def lookup(self, name, kind, strict=True, timeout=0):
        name = name.lower().rstrip(".")
        if self.fails(name, kind):
            raise spf.TempError("DNS failure")
        return [((name, kind), v) for v in self.closest(name, kind)]


def cases(stream):
    case = {}
    for line in stream:
        word, _, value = line.rstrip("\n").partition(" ")
        if word == "zone":
            case["zone"] = [next(stream).rstrip("\n")
                            for _ in range(int(value))]
            yield case
            case = {}
        else:
            case[word] = value


# --- pyspf 2.0.14, corrected ---

# Its deviations from RFC 7208: what it does, by the name of the correction.
DEVIATIONS = {
    "digits": "takes a macro's digits of value 0 (section 7.1 wants above 0)",
    "grammar": "takes what the grammar has not: bytes, text in a macro (7.1)",
    "percent": "refuses a domain-spec that ends in %% (section 7.1)",
    "joiner": "joins split parts with the old delimiter, ignores R (7.3)",
    "modifiers": "refuses unknown modifiers that come twice (section 6)",
    "self": "refuses an include of itself before it is reached",
    "ptr": "counts the hosts of PTR, and %{p}, as void lookups (4.6.4)",
    "dns": "gives temperror when the client's names fail (5.5: no match)",
    "mx": "counts MX hosts as void lookups (4.6.4 counts terms)",
    "order": "stops at an MX host that fails before one that matches (5.4)",
}


class Corrected(spf.query):
    """pyspf without the deviations that `fix` names."""

    def __init__(self, case, fix):
        super().__init__(i=case["ip"], s=case["mailfrom"], h=case["helo"])
        self.fix = fix

    def result(self):
        return self.check()[0]

    # Section 4.6.4 limits the terms whose question has no answer: hosts behind
    # an mx or a ptr are not the term's own, nor is what %{p} asks.
    def uncounted(self, ask):
        before = self.void_lookups
        self.void_lookups = -1000
        try:
            return ask()
        finally:
            self.void_lookups = before

    def validated_ptrs(self):
        if not {"dns", "ptr"} & self.fix:
            return super().validated_ptrs()
        return self.living_names()

    def getp(self):
        if "ptr" in self.fix:
            return self.uncounted(super().getp)
        return super().getp()

    # Section 5.5: a PTR question that fails matches nothing, a name whose
    # address question fails is left out.
    def living_names(self):
        try:
            names = self.dns_ptr(self.i)[:spf.MAX_PTR]
        except spf.TempError:
            if "dns" not in self.fix:
                raise
            return []
        return [name for name in names if self.is_client(name)]

    def is_client(self, name):
        def ask():
            return self.cidrmatch(self.dns_a(name, self.A), self.cidrmax)

        try:
            return self.uncounted(ask) if "ptr" in self.fix else ask()
        except spf.TempError:
            if "dns" not in self.fix:
                raise
            return False

    def dns_mx(self, domainname):
        if "mx" not in self.fix:
            return super().dns_mx(domainname)
        hosts = self.dns(domainname, "MX")
        if len(hosts) > spf.MAX_MX:
            raise spf.PermError("too many MX records")
        return self.each_host(hosts)

    def each_host(self, hosts):
        failed = None
        for _, host in sorted(hosts):
            try:
                yield from self.uncounted(lambda: self.dns_a(host, self.A))
            except spf.TempError as error:
                failed = error
                if "order" not in self.fix:
                    raise
        if failed is not None:
            raise failed

    def cidrmatch(self, ipaddrs, n):
        if isinstance(ipaddrs, list):
            return super().cidrmatch(ipaddrs, n)
        return any(super(Corrected, self).cidrmatch([one], n)
                   for one in ipaddrs)

    def note_error(self, *msg):
        twice = "MUST appear at most once" in msg[0]
        if twice and not msg[0].startswith("exp=") and "modifiers" in self.fix:
            return None
        return super().note_error(*msg)

    def validate_mechanism(self, mech):
        try:
            return super().validate_mechanism(mech)
        except spf.PermError as error:
            if "self" in self.fix and "trivial recursion" in str(error):
                word = mech.lstrip("+-~?")
                qualifier = spf.RESULTS.get(mech[0], "pass")
                return mech, "include", self.expand_domain(
                    word.partition(":")[2]), 32, qualifier
            raise

    def check0(self, text, recursion):
        for term in text.split(" ") if text and "grammar" in self.fix else []:
            macros = re.findall(r"%\{([^}]*)(\}?)", term)
            if re.search(r"[^!-~]", term) or not all(
                    re.fullmatch(r"[a-zA-Z][0-9]*[rR]?[-.+,/_=]*", inside)
                    and end for inside, end in macros):
                raise spf.PermError("not in the grammar", term)
        return super().check0(text, recursion)

    def expand(self, s, stripdot=True):
        for digits in re.findall(r"%\{[a-zA-Z]([0-9]+)", s):
            if "digits" in self.fix and int(digits) == 0:
                raise spf.PermError("digits of value 0")
        return super().expand(s, stripdot)


class AfterMacros:
    """What is left of '%' when the macros that the grammar has are gone."""

    @staticmethod
    def search(text):
        return "%" in spf.RE_CHAR.sub("", text) or None


def expand_one(expansion, transformers, _):
    """Section 7.3: split at the delimiters, reverse, cut, join with dots."""
    number, reverse, delimiters = re.fullmatch(
        r"([0-9]*)([rR]?)(.*)", transformers, re.S).groups()
    if not transformers:
        return expansion
    parts = re.split("[%s]" % re.escape(delimiters or "."), expansion)
    if reverse:
        parts.reverse()
    if number:
        parts = parts[-int(number):]
    return ".".join(parts)


ORIGINAL = {"expand_one": spf.expand_one, "macros": spf.RE_INVALID_MACRO}


def ask(case, fix):
    spf.DNSLookup = Zone(case["zone"]).lookup
    spf.expand_one = expand_one if "joiner" in fix else ORIGINAL["expand_one"]
    spf.RE_INVALID_MACRO = (
        AfterMacros if "percent" in fix else ORIGINAL["macros"])
    return Corrected(case, fix).result()


def reason(case):
    """The corrections that make pyspf agree, none of them too many; None: all
    of them do not."""
    needed = set(DEVIATIONS)
    if ask(case, needed) != case["result"]:
        return None
    for name in DEVIATIONS:
        if ask(case, needed - {name}) == case["result"]:
            needed.discard(name)
    return " and ".join(sorted(needed))


def main():
    sys.stdin.reconfigure(encoding="latin-1")
    counts = collections.Counter()
    for case in cases(sys.stdin):
        result = ask(case, set())
        if result == case["result"]:
            counts["the same"] += 1
            continue
        why = reason(case)
        counts["known: " + why if why is not None else "different"] += 1
        if why is None:
            print("DIFFERENT case %s: ours %s, pyspf %s, corrected %s\n%s" % (
                case["case"], case["result"], result,
                ask(case, set(DEVIATIONS)),
                "".join("  %s\n" % line for line in case["zone"])))
            print("  ip %s helo %s mailfrom %s" % (
                case["ip"], case["helo"], case["mailfrom"]))
    for what, n in sorted(counts.items(), key=lambda c: -c[1]):
        print("%7d %s" % (n, what))
    for name, text in DEVIATIONS.items():
        print("  %s: %s" % (name, text))
    sys.exit(1 if counts["different"] or not counts["the same"] else 0)


main()
