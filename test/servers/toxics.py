#!/usr/bin/env python3
"""Tell toxiproxy how a network is to behave, by its HTTP API.

usage: toxics.py API proxy NAME PORT UPSTREAM_PORT
       toxics.py API add NAME TYPE STREAM [KEY=VALUE ...]
       toxics.py API enable NAME
       toxics.py API disable NAME
       toxics.py API heal                            no toxic, all enabled
       toxics.py API heal-after SECONDS              returns at once
       toxics.py API wait-healed                     until there is no toxic left

API is its port.  STREAM is "downstream" (answers) or "upstream" (requests).
"""
import json
import subprocess
import sys
import time
import urllib.request


def ask(api, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{api}{path}", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def proxy(api, name, port, upstream):
    ask(api, "/proxies", {"name": name, "listen": f"127.0.0.1:{port}",
                          "upstream": f"127.0.0.1:{upstream}", "enabled": True})


def add(api, name, kind, stream, *attributes):
    values = {key: int(value) for key, value in (word.split("=") for word in attributes)}
    ask(api, f"/proxies/{name}/toxics", {"type": kind, "stream": stream, "attributes": values})


def enable(api, name):
    ask(api, f"/proxies/{name}", {"enabled": True})


def disable(api, name):
    ask(api, f"/proxies/{name}", {"enabled": False})


def heal(api):
    ask(api, "/reset", {})


def heal_after(api, seconds):
    subprocess.Popen([sys.executable, __file__, api, "heal-now-after", seconds], start_new_session=True,
                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def heal_now_after(api, seconds):
    time.sleep(float(seconds))
    heal(api)


def wait_healed(api):
    while not all(proxy["enabled"] and not proxy["toxics"] for proxy in ask(api, "/proxies").values()):
        time.sleep(0.05)


COMMANDS = {
    "proxy": proxy,
    "add": add,
    "enable": enable,
    "disable": disable,
    "heal": heal,
    "heal-after": heal_after,
    "heal-now-after": heal_now_after,
    "wait-healed": wait_healed,
}

if __name__ == "__main__":
    COMMANDS[sys.argv[2]](sys.argv[1], *sys.argv[3:])
