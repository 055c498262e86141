"""metrics_check.py METRICS FILE... - whether every expression in dashboards
(Grafana, JSON) and rules (Prometheus, YAML) names only metrics, and labels of
them, that mxauthd serves; and whether every metric is on a dashboard or in a
rule.  METRICS is the text of /metrics.  Prints what is wrong."""

import json
import re
import sys

NAME = re.compile(r"\bmxauth_[a-z0-9_]+")
SELECTOR = re.compile(r"\b(mxauth_[a-z0-9_]+)\s*\{([^}]*)\}")
PROMETHEUS_LABELS = {"instance", "job"}


def served(path):
    """Names of series, with the labels of each."""
    series = {}
    with open(path, encoding="utf-8") as text:
        for line in text:
            match = re.match(r"(mxauth_\w+)(?:\{(.*)\})? ", line)
            if match:
                labels = re.findall(r"(\w+)=\"", match.group(2) or "")
                series.setdefault(match.group(1), set()).update(labels)
    return series


def expressions(value):
    """All texts of a dashboard, wherever they stand."""
    if isinstance(value, dict):
        for part in value.values():
            yield from expressions(part)
    elif isinstance(value, list):
        for part in value:
            yield from expressions(part)
    elif isinstance(value, str):
        yield value


def dashboard_faults(board):
    """What Grafana would stumble over."""
    seen = set()
    for panel in board["panels"]:
        title = panel.get("title")
        if panel["id"] in seen:
            yield f"two panels have the id {panel['id']}"
        seen.add(panel["id"])
        if not title or not panel.get("targets"):
            yield f"panel {panel['id']} has no title or no targets"
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            yield f"panel {title} is wider than the page"
        refs = [target["refId"] for target in panel.get("targets", [])]
        if len(refs) != len(set(refs)):
            yield f"panel {title}: two targets have the same refId"
        for target in panel.get("targets", []):
            expr = target["expr"]
            for opening, closing in ("()", "{}", "[]"):
                if expr.count(opening) != expr.count(closing):
                    yield f"panel {title}: {opening} {closing} in {expr}"


def main():
    series = served(sys.argv[1])
    used = set()
    faults = [] if series else ["no metrics in " + sys.argv[1]]
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as text:
            content = text.read()
        texts = [content]
        if path.endswith(".json"):
            board = json.loads(content)
            faults += [f"{path}: {f}" for f in dashboard_faults(board)]
            texts = list(expressions(board))
        for text in texts:
            for name in NAME.findall(text):
                used.add(name)
                if name not in series:
                    faults.append(f"{path}: no such metric: {name}")
            for name, inside in SELECTOR.findall(text):
                labels = set(re.findall(r"(\w+)\s*(?:=|!)", inside))
                labels -= PROMETHEUS_LABELS
                for label in labels - series.get(name, set()):
                    faults.append(f"{path}: {name} has no label {label}")
    for name in sorted(set(series) - used):
        faults.append(f"{name} is on no dashboard and in no rule")
    for fault in sorted(set(faults)):
        print(fault)
    return 1 if faults else 0


sys.exit(main())
