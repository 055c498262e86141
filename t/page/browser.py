#!/usr/bin/env python3
"""browser.py [--shots DIRECTORY] PAGE... - looks at pages with Chromium.

Each page at 360, 768 and 1400 pixels, light and dark (large ones at 360, light),
with and without script:
nothing is wider than the window, nothing is loaded, no text of strangers became
markup, tables are sorted and filtered, axe-core finds nothing serious (where
AXE_CORE names its axe.min.js, or npm installed it for all).

Speaks the WebDriver protocol with chromedriver; needs no package.
"""
import base64
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.request

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--hide-scrollbars"]
WIDTHS = [360, 768, 1400]
PATIENCE = 120000  # ms; the usual 30 s were not enough at a load of 30
AXE = [os.environ.get("AXE_CORE", "")] + glob.glob(
    "/usr/*lib/node_modules/axe-core/axe.min.js") + glob.glob(
    "/usr/local/lib/node_modules/axe-core/axe.min.js")

WIDE = """
const wide = [];
if (document.documentElement.scrollWidth > window.innerWidth) wide.push('page');
for (const e of document.querySelectorAll('main *')) {
  const r = e.getBoundingClientRect();
  if (r.width && r.right > window.innerWidth + 1)
    wide.push(e.tagName + ' ' + e.className + ' ' + e.textContent.slice(0, 30));
  if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth &&
      getComputedStyle(e).overflowX === 'hidden') wide.push('cut ' + e.tagName);
}
return wide.slice(0, 5);"""

WHOLE = """
return {
  loaded: performance.getEntriesByType('resource').length,
  foreign: document.querySelectorAll('img,iframe,object,embed,link,form,base,' +
    'main script,[onerror],[onclick],[onload],a:not([href^="#"])').length,
  scripts: document.scripts.length,
  hacked: typeof window.hacked,
  lang: document.documentElement.lang,
  title: document.title.length > 0,
  rows: document.querySelectorAll('tbody tr').length,
  buttons: document.querySelectorAll('button').length,
  bidi: /[\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]/.test(
    document.documentElement.textContent),
  labels: Array.from(document.querySelectorAll('svg[role=img]')).every(
    s => s.getAttribute('aria-label')),
  scopes: Array.from(document.querySelectorAll('th')).every(h => h.scope)};"""

SORTED = """
const t = Array.from(document.querySelectorAll('table.sort')).find(
  t => t.tBodies[0].rows.length > 2 && t.querySelector('td[data-v]'));
if (!t) return 'no table';
const i = Array.from(t.tBodies[0].rows[0].cells).findIndex(c => c.dataset.v);
const b = t.querySelectorAll('thead th')[i].querySelector('button');
const values = () => Array.from(t.tBodies[0].rows, r => +r.cells[i].dataset.v);
const rising = v => v.every((x, k) => !k || v[k - 1] <= x);
b.click();
if (!rising(values())) return 'not rising: ' + values();
b.click();
if (!rising(values().reverse())) return 'not falling: ' + values();
return 'ok';"""

FILTERED = """
const f = document.querySelector('.tools input');
if (!f) return 'no field';  // tables are short
const rows = Array.from(f.closest('.tools').parentElement.querySelectorAll(
  'tbody tr'));
const cell = rows[0].cells[0];
const name = (cell.querySelector('b') || cell).textContent;
f.value = name;
f.dispatchEvent(new Event('input'));
const shown = rows.filter(r => !r.hidden);
if (!shown.length || !shown.every(r => r.textContent.includes(name)))
  return 'wrong rows for ' + name;
if (rows.length > 1 && shown.length === rows.length) return 'nothing is hidden';
f.value = '';
f.dispatchEvent(new Event('input'));
return rows.every(r => !r.hidden) ? 'ok' : 'rows stay hidden';"""

# Each domain's card has its answers on the first screen once a link led there.
ANSWERED = """
const cards = Array.from(document.querySelectorAll('section[id]')).filter(
  s => s.querySelector('.answer'));
const late = [];
for (const c of cards.slice(0, 20)) {
  location.hash = '#' + c.id;
  c.scrollIntoView();
  const r = c.querySelector('dl').getBoundingClientRect();
  if (c.querySelectorAll('dt').length < 5 || r.top < 0 ||
      r.bottom > window.innerHeight)
    late.push(c.id + ' ' + Math.round(r.top) + ' ' + Math.round(r.bottom));
}
return {cards: cards.length, late: late};"""

# The index of several domains has the five answers of each on one screen.
BRIEF = """
const rows = Array.from(document.querySelectorAll('main > table tbody tr'));
return {rows: rows.length, height: window.innerHeight,
  whole: rows.every(r => r.querySelectorAll('small').length === 1 &&
    r.querySelectorAll('.brief dd').length === 4 &&
    Array.from(r.querySelectorAll('small,dd')).every(
      e => e.checkVisibility() && e.textContent.trim())),
  bottom: Math.round(rows.length && window.scrollY +
    rows[rows.length - 1].getBoundingClientRect().bottom)};"""

# A link to something that is folded opens it.
OPENED = """
const done = arguments[arguments.length - 1];
const link = Array.from(document.querySelectorAll('a[href^="#"]')).find(
  a => document.getElementById(a.hash.slice(1)).closest('details'));
if (!link) { done('no link'); return; }
link.click();
let turns = 50;
const wait = setInterval(() => {
  const e = document.getElementById(link.hash.slice(1));
  const r = e.getBoundingClientRect();
  const got = !e.closest('details').open ? 'closed' :
    r.top < -1 || r.top > window.innerHeight ?
    'out of sight ' + r.top : 'ok';
  if (got !== 'ok' && turns--) return;
  clearInterval(wait);
  done(got);
}, 100);"""

# Everything that reacts can be reached by the keyboard, and shows that.
KEYS = """
const dead = [];
for (const e of document.querySelectorAll('button,input,summary,a')) {
  if (!e.checkVisibility()) continue;
  e.focus({focusVisible: true});
  if (document.activeElement !== e) dead.push(e.tagName + e.textContent);
  else if (getComputedStyle(e).outlineStyle === 'none')
    dead.push('no ring: ' + e.tagName);
  if (dead.length > 4) break;
}
return dead;"""

AXE_RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations']}).then(r => done(
  r.violations.filter(v => v.impact === 'serious' || v.impact === 'critical')
    .map(v => v.id + ': ' + v.nodes[0].html.slice(0, 120))),
  e => done(['axe: ' + e]));"""

passed = failed = 0


def check(what, ok, got=""):
    global passed, failed
    if ok:
        passed += 1
    else:
        failed += 1
        print("FAIL: %s: %s" % (what, got))


class Browser:
    def __init__(self):
        self.home = tempfile.TemporaryDirectory(prefix="mxauth-browser.")
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL)
        port = None
        for line in self.driver.stdout:
            found = re.search(r"on port (\d+)", line)
            if found and "successfully" in line:
                port = found.group(1)
                break
        self.base = "http://127.0.0.1:%s/session" % port
        self.filtered = 0  # pages on which that was tried
        try:
            self.begin()
        except OSError as e:  # HTTP errors are some
            self.driver.terminate()
            reason = e.read().decode() if hasattr(e, "read") else e
            print("skipped: Chromium does not start: %.200s" % reason)
            sys.exit(77)

    def begin(self):
        options = {"args": FLAGS + ["--user-data-dir=" + self.home.name]}
        answer = self.ask("", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options,
            "timeouts": {"script": PATIENCE, "pageLoad": PATIENCE},
            "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.base += "/" + answer["sessionId"]

    def ask(self, path, body):
        request = urllib.request.Request(
            self.base + path, json.dumps(body).encode(),
            {"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=PATIENCE / 1000 + 30) as answer:
            return json.load(answer)["value"]

    def run(self, script, *args):
        return self.ask("/execute/sync", {"script": script,
                                          "args": list(args)})

    def run_async(self, script):
        return self.ask("/execute/async", {"script": script, "args": []})

    def tell(self, command, **params):
        return self.ask("/goog/cdp/execute", {"cmd": command,
                                              "params": params})

    def open(self, path, width, dark, script=True):
        self.tell("Emulation.setDeviceMetricsOverride", width=width,
                  height=900, deviceScaleFactor=1, mobile=False)
        self.tell("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme",
             "value": "dark" if dark else "light"}])
        self.tell("Emulation.setFocusEmulationEnabled", enabled=True)
        self.tell("Emulation.setScriptExecutionDisabled", value=not script)
        self.ask("/url", {"url": "file://" + os.path.abspath(path)})

    def complaints(self):
        log = self.ask("/se/log", {"type": "browser"})
        return [e["message"] for e in log if e["level"] == "SEVERE"]

    def shot(self, path):
        data = self.tell("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as f:
            f.write(base64.b64decode(data))

    def close(self):
        try:
            opener = urllib.request.build_opener(
                urllib.request.ProxyHandler({}))
            opener.open(urllib.request.Request(self.base, method="DELETE"),
                        timeout=20).close()
        except OSError:
            pass
        self.driver.terminate()
        self.driver.wait(20)
        try:
            self.home.cleanup()
        except OSError:
            pass


def check_whole(what, w, script):
    check(what + ": nothing is loaded", w["loaded"] == 0, w["loaded"])
    check(what + ": no foreign element", w["foreign"] == 0, w["foreign"])
    check(what + ": one script", w["scripts"] == 1, w["scripts"])
    check(what + ": strangers run nothing", w["hacked"] == "undefined")
    check(what + ": language and title", w["lang"] and w["title"])
    check(what + ": no mark of direction", not w["bidi"])
    check(what + ": charts have labels", w["labels"])
    check(what + ": headings have scopes", w["scopes"])
    if not script:
        check(what + ": no dead button", w["buttons"] == 0, w["buttons"])


def check_axe(browser, what, axe):
    if not axe:
        return
    browser.run(axe + ";return 0")
    found = browser.run_async(AXE_RUN)
    check(what + ": axe-core", not found, found)


def check_page(browser, path, axe, shots):
    name = os.path.basename(path)
    rows = set()
    large = os.path.getsize(path) > 300000
    for width in [360] if large else WIDTHS:
        for dark in [False] if large else [False, True]:
            what = "%s %d %s" % (name, width, "dark" if dark else "light")
            browser.open(path, width, dark)
            if shots:
                browser.shot(os.path.join(shots, what.replace(" ", "-") +
                                          ".png"))
            wide = browser.run(WIDE)
            check(what + ": fits", not wide, wide)
            w = browser.run(WHOLE)
            rows.add(w["rows"])
            check_whole(what, w, True)
            if dark == (width == 768):  # slow: each width, each scheme
                check_axe(browser, what, axe)
        if name.startswith("report"):
            b = browser.run(BRIEF)
            check("%s %d: the five answers of five domains" % (name, width),
                  b["rows"] == 5 and b["whole"], b)
            if width == 1400:
                check(name + ": above the fold", b["bottom"] <= b["height"], b)
        if width >= 768 and name.startswith("report"):
            a = browser.run(ANSWERED)
            check("%s %d: the answers of each domain are on one screen" %
                  (name, width), a["cards"] > 0 and not a["late"], a)
    browser.open(path, 768, False)
    if not large:
        dead = browser.run(KEYS)
        check(name + ": keyboard", not dead, dead)
        got = browser.run_async(OPENED)
        check(name + ": links open what is folded", got in ("ok", "no link"),
              got)
    if browser.run("return document.querySelector('.tools') !== null"):
        got = browser.run(SORTED)
        check(name + ": sorts", got in ("ok", "no table"), got)
        got = browser.run(FILTERED)
        check(name + ": filters", got in ("ok", "no field"), got)
        browser.filtered += got == "ok"
    check(name + ": no complaint", not (c := browser.complaints()), c)
    browser.open(path, 768, False, script=False)
    w = browser.run(WHOLE)
    rows.add(w["rows"])
    check_whole(name + " without script", w, False)
    check(name + ": the same rows everywhere", len(rows) == 1, rows)


def main():
    args = sys.argv[1:]
    shots = None
    if args[:1] == ["--shots"]:
        shots = args[1]
        args = args[2:]
    axe = ""
    for path in AXE:
        if path and os.path.exists(path) and not axe:
            with open(path, encoding="utf-8") as f:
                axe = f.read()
    if not axe:
        print("not run: axe-core is missing (npm install -g axe-core)")
    browser = Browser()
    try:
        for path in args:
            check_page(browser, path, axe, shots)
    finally:
        browser.close()
    check("filters were tried", browser.filtered > 0)
    print("%d passed, %d failed" % (passed, failed))
    sys.exit(failed != 0)


main()
