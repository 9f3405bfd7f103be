"""An incident's public page: from the app, from the app as a proxy would ask again for it, and its copy from nginx.

The clients and both servers share the machine. First load: the page and everything it links to in its head, compressed
as a server in front of us sends it (gzip, level 6).
"""

import argparse
import gzip
import re
import shutil
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.load.centres import Centre, centre
from bench.load.clients import Measured, measure
from bench.load.servers import free_port, running, wait_until_answered

CLIENTS = 16
NGINX = """
daemon off; master_process off; worker_processes 1; pid {home}/nginx.pid; error_log {home}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 10000000; default_type text/html; types {{ text/css css; }} sendfile on;
  client_body_temp_path {home}; proxy_temp_path {home}; fastcgi_temp_path {home}; uwsgi_temp_path {home};
  scgi_temp_path {home};
  server {{ listen 127.0.0.1:{port}; root {root}; index index.html; }}
}}
"""


@contextmanager
def nginx(root: Path, home: Path) -> Iterator[int]:
    """An nginx of our own over these files; yields its port."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(program).exists():
        raise SystemExit("nginx is not installed (Debian: nginx-light)")
    port = free_port()
    config = home / "nginx.conf"
    config.write_text(NGINX.format(home=home, port=port, root=root))
    for folder in (home, home.parent):
        folder.chmod(0o755)  # nginx serves as another user
    with running([program, "-c", config], {}, home / "nginx.out"):
        wait_until_answered(f"http://127.0.0.1:{port}/")
        yield port


def get(path: str, port: int, **headers: str) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *(f"{name}: {text}" for name, text in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def first_load(address: str, page: str) -> list[tuple[str, int]]:
    """What a first visit fetches before the page is whole, with its compressed length."""
    found = [(page, _compressed(address + page))]
    html = urllib.request.urlopen(address + page).read().decode()
    if "htmx" in html:
        raise SystemExit("there is htmx on the public page")
    links = dict.fromkeys(re.findall(r'(?:href|src)="(/static/[^"]+)"', html))
    return [*found, *((link, _compressed(address + link)) for link in links)]


def _compressed(url: str) -> int:
    body = urllib.request.urlopen(url).read()
    return min(len(gzip.compress(body, 6)), len(body))


def copies(one: Centre) -> Path:
    """The static copies, written by the worker's own loop."""
    page = one.data / "public" / "en" / "i" / "storm" / "index.html"
    with one.worker("pages", "page-copies"):
        until = time.monotonic() + 30
        while not page.exists() and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(1)
    return one.data / "public"


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two seconds for each line instead of eight")
    seconds = 2.0 if parser.parse_args().quick else 8.0
    with centre("SQLite") as one:
        one.example()
        root = copies(one)
        path = "/en/i/storm/"
        print(f"{'':34}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'of nginx':>10}{'clients CPU':>13}")
        with nginx(root, one.data) as files, one.web() as (port, _pid):
            address = f"http://127.0.0.1:{port}"
            etag = urllib.request.urlopen(address + path).headers["ETag"]
            since = {"If-None-Match": etag}
            rows = [
                ("copy, nginx", get(path, files), files, 200),
                ("app", get(path, port), port, 200),
                ("app, asked whether it changed", get(path, port, **since), port, 304),
            ]
            base = 0.0
            for name, request, where, status in rows:
                told = measure(request, port=where, clients=CLIENTS, seconds=seconds)
                rate = _rate(told, status)
                base = base or rate
                figures = f"{rate:12,.0f}{told.p50_ms:9.2f}{told.p99_ms:9.2f}{rate / base:10.1%}{told.cpu_share:13.0%}"
                print(f"{name:34}{figures}", flush=True)
            print(f"\n{'first load, compressed':50}{'bytes':>9}")
            loaded = first_load(address, path)
            for name, size in loaded:
                print(f"{name:50}{size:9,}")
            print(f"{'all':50}{sum(size for _name, size in loaded):9,}")


def _rate(told: Measured, status: int) -> float:
    if set(told.statuses) != {status}:
        raise SystemExit(f"unexpected answers: {dict(told.statuses)}")
    return told.statuses[status] / told.seconds


if __name__ == "__main__":
    sys.exit(main())
