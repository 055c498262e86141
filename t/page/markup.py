#!/usr/bin/env python3
"""markup.py PAGE... - what must hold for the text of every page, without a
browser: only elements and attributes that mxauth writes, all of them closed, so
that no text of strangers has become markup; nothing that could be loaded; a
Content-Security-Policy whose hashes fit; links that lead somewhere; colours
with enough contrast."""
import base64
import hashlib
import html.parser
import re
import sys

VOID = {"meta", "br"}
ATTRIBUTES = {
    "html": {"lang"}, "head": set(), "meta": {"charset", "http-equiv",
                                              "content", "name"},
    "title": set(), "style": set(), "script": set(),
    "body": {"data-filter", "data-copy", "data-copied"}, "main": set(),
    "h1": set(), "h2": {"id"}, "h3": set(), "p": {"class", "id"},
    "section": {"class", "id", "aria-labelledby"}, "div": {"class"},
    "span": {"class"}, "b": set(), "small": {"class"}, "br": set(),
    "a": {"href"}, "dl": {"class"}, "dt": set(), "dd": set(),
    "ul": set(), "li": set(), "pre": {"class"},
    "table": {"class"}, "caption": set(), "thead": set(), "tbody": set(),
    "tr": set(), "th": {"scope", "class"}, "td": {"class", "data-v"},
    "details": {"id"}, "summary": set(),
    "svg": {"class", "role", "viewbox", "aria-label", "aria-hidden"},
    "path": {"class", "d"}, "line": {"x1", "x2", "y1", "y2"},
    "rect": {"class", "x", "y", "width", "height"},
}
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
POLICY = ("default-src 'none'; base-uri 'none'; form-action 'none'; "
          "style-src 'sha256-%s'; script-src 'sha256-%s'")

passed = failed = 0


def check(what, ok, got=""):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print("FAIL: %s: %s" % (what, got))


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.ids, self.links = [], [], [], []
        self.texts = {"style": [], "script": [], "title": []}
        self.policy = self.lang = None
        self.tags = set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        extra = {k for k, _ in attributes} - ATTRIBUTES.get(tag, set())
        if tag not in ATTRIBUTES or extra:
            self.wrong.append("<%s %s>" % (tag, " ".join(sorted(extra))))
        a = dict(attributes)
        if "id" in a:
            self.ids.append(a["id"])
        if "href" in a:
            self.links.append(a["href"] or "")
        if tag == "html":
            self.lang = a.get("lang")
        if a.get("http-equiv") == "Content-Security-Policy":
            self.policy = a["content"]
        if tag == "th" and "scope" not in a:
            self.wrong.append("th without scope")
        if tag == "svg" and not (a.get("aria-label") or
                                 a.get("aria-hidden") == "true"):
            self.wrong.append("svg without label")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append("</%s> closes another" % tag)

    def handle_data(self, data):
        if self.open and self.open[-1] in self.texts:
            self.texts[self.open[-1]].append(data)

    def handle_comment(self, data):
        self.wrong.append("<!-- %s" % data[:20])

    def unknown_decl(self, data):
        self.wrong.append("<![%s" % data[:20])


def digest(texts):
    raw = hashlib.sha256("".join(texts).encode()).digest()
    return base64.b64encode(raw).decode()


def brightness(colour):
    c = colour.lstrip("#")
    c = "".join(2 * x for x in c) if len(c) == 3 else c
    v = [int(c[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    v = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4
         for x in v]
    return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2]


def contrast(a, b):
    a, b = sorted((brightness(a), brightness(b)), reverse=True)
    return (a + 0.05) / (b + 0.05)


def check_colours(name, style):
    """WCAG 2.2: text 4.5:1 (1.4.3), parts of charts 3:1 (1.4.11)."""
    for n, block in enumerate(re.findall(r":root\{([^}]*)\}", style)):
        c = dict(re.findall(r"--(\w+):(#[0-9a-f]+)", block))
        for ground in ("bg", "card"):
            for word in ("fg", "soft", "ok", "wait", "no", "link"):
                got = contrast(c[word], c[ground])
                check("%s: contrast of %s on %s in scheme %d" %
                      (name, word, ground, n), got >= 4.5, got)
        for word in ("pass", "tagged", "failed", "quarantined", "refused"):
            got = contrast(c[word], c["card"])
            check("%s: contrast of bars, %s, in scheme %d" % (name, word, n),
                  got >= 3, got)
    check(name + ": two schemes", style.count(":root{") == 2)


def check_page(path):
    name = path.rsplit("/", 1)[-1]
    with open(path, encoding="utf-8") as f:
        text = f.read()
    page = Page()
    page.feed(text)
    page.close()
    style = "".join(page.texts["style"])
    script = "".join(page.texts["script"])
    check(name + ": only markup of ours", not page.wrong, page.wrong[:5])
    check(name + ": all closed", not page.open, page.open)
    check(name + ": one script and one style", text.count("<script>") == 1
          and text.count("<style>") == 1)
    check(name + ": its policy", page.policy == POLICY % (
        digest(page.texts["style"]), digest(page.texts["script"])),
        page.policy)
    check(name + ": the style loads nothing",
          not re.search(r"url\(|@import|expression|//", style))
    check(name + ": the script asks nobody", not re.search(
        r"fetch|XMLHttp|WebSocket|import\(|innerHTML|insertAdjacent|"
        r"document\.write|eval|src", script))
    check(name + ": links stay in the page", all(
        x.startswith("#") for x in page.links), page.links[:5])
    lost = {x[1:] for x in page.links} - set(page.ids)
    check(name + ": links lead somewhere", not lost, sorted(lost)[:5])
    check(name + ": no id twice", len(page.ids) == len(set(page.ids)))
    check(name + ": language and title", page.lang in ("en", "ja") and
          page.texts["title"])
    check(name + ": no mark of direction", not BIDI.search(text))
    check(name + ": no control character", not CONTROL.search(text))
    check(name + ": print style", "@media print" in style)
    check_colours(name, style)


for argument in sys.argv[1:]:
    check_page(argument)
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed != 0)
