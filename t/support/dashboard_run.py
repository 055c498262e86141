"""dashboard_run.py PROMETHEUS HOST:PORT DASHBOARD DIRECTORY - runs every query of
a dashboard in a Prometheus that scrapes mxauthd at HOST:PORT.  Each must be
understood and answer something, but those that leave out zeros.  Prints what is
wrong.  Prometheus listens on loopback, keeps its files in DIRECTORY, and ends
with this."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

CONFIG = """global:
  scrape_interval: 1s
scrape_configs:
  - job_name: mxauth
    static_configs:
      - targets: ["%s"]
"""
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(base, query):
    url = base + "/api/v1/query?" + urllib.parse.urlencode({"query": query})
    try:
        with NO_PROXY.open(url, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        try:
            return json.load(error)
        except ValueError:  # "Service Unavailable": it is starting
            return {"error": str(error)}
    except OSError:
        return {}


def rows(answer):
    return answer.get("data", {}).get("result", [])


def wait_for(base, query, server):
    for _ in range(600):
        if rows(ask(base, query)):
            return True
        if server.poll() is not None:
            return False
        time.sleep(0.1)
    return False


def faults(base, board):
    for panel in board["panels"]:
        for target in panel["targets"]:
            expr = target["expr"].replace("$__rate_interval", "1m")
            answer = ask(base, expr.replace("$instance", ".*"))
            what = f"{panel['title']}: {target['expr']}"
            if answer.get("status") != "success":
                yield f"{what}: {answer.get('error')}"
            elif not rows(answer) and not expr.endswith("> 0"):
                yield f"{what}: no answer"


def main():
    prometheus, target, dashboard, directory = sys.argv[1:]
    config = os.path.join(directory, "prometheus.yml")
    with open(config, "w", encoding="utf-8") as f:
        f.write(CONFIG % target)
    with open(dashboard, encoding="utf-8") as f:
        board = json.load(f)
    port = free_port()
    with open(os.path.join(directory, "prometheus.log"), "wb") as log:
        server = subprocess.Popen(
            [prometheus, "--config.file=" + config,
             "--storage.tsdb.path=" + os.path.join(directory, "series"),
             "--web.listen-address=127.0.0.1:%d" % port],
            stdout=log, stderr=log)
    found = ["Prometheus did not come up"]
    try:
        base = "http://127.0.0.1:%d" % port
        # rates need two scrapes
        if wait_for(base, "count_over_time(mxauth_build_info[1m]) > 2", server):
            found = list(faults(base, board))
    finally:
        server.terminate()
        server.wait(30)
    for fault in found:
        print(fault)
    return 1 if found else 0


sys.exit(main())
