"""A real nginx with the configuration of docs/deploying.md for several services and portals."""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from tests.support.needs import cannot
from tests.support.servers import Server, folder_of_server, running
from tests.support.service_process import ROOT

_FRAME = """
user root; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  log_format chosen '$server_port|$portal_key|$upstream_addr|$status|$request_method $uri';
  access_log {folder}/access.log chosen;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{documented}
}}
"""
_TLS = re.compile(r"^ +ssl_.*\n", re.MULTILINE)


@contextmanager
def running_nginx(
    portals: Sequence[int], services: Sequence[int], ports: Sequence[int]
) -> Iterator[Server]:
    """Run nginx on two ports: for the portals, below the folder `/etl/`, and for the services."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        cannot("no nginx on this machine (apt-get install nginx-light)")
    with folder_of_server("nginx") as folder:
        file = folder / "nginx.conf"
        documented = configuration(
            {"portals": portals, "services": services, "feeds": services}, ports
        )
        file.write_text(_FRAME.format(folder=folder, documented=documented))
        command = [program, "-c", str(file), "-e", str(folder / "error.log")]
        with running(Server(name="nginx", command=command, folder=folder, port=ports[0])) as server:
            yield server


def configuration(targets: Mapping[str, Sequence[int]], ports: Sequence[int]) -> str:
    """Return the documented configuration for these ports, without TLS and with the portals below a
    folder, as the document says how."""
    text = _documented()
    for name, numbers in targets.items():
        text = _with_servers(text, name, numbers)
    text = _TLS.sub("", text).replace("; Secure'", "'")
    for port in ports:
        text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port};", 1)
    before, portals = text.split("location / {", 1)
    return f"{before}location /etl/ {{{portals}".replace(
        "proxy_pass http://portals;", "proxy_pass http://portals/;"
    )


def _documented() -> str:
    document = (ROOT / "docs" / "deploying.md").read_text("utf-8")
    blocks: list[str] = re.findall(r"```nginx\n(.*?)```", document, re.DOTALL)
    (text,) = [block for block in blocks if "upstream" in block]
    return text


def _with_servers(text: str, upstream: str, ports: Sequence[int]) -> str:
    """Put these ports in place of the documented addresses; all else stays."""
    begin = text.index(f"upstream {upstream} {{")
    end = text.index("}", begin)
    numbers = iter(ports)
    block = re.sub(
        r"server \d+\.\d+\.\d+\.\d+:\d+",
        lambda _: f"server 127.0.0.1:{next(numbers)}",
        text[begin:end],
    )
    return text[:begin] + block + text[end:]


def portals_by_key(server: Server) -> dict[str, set[str]]:
    """Return the addresses of the portals that answered, by the key of the visitor's cookie."""
    chosen: dict[str, set[str]] = {}
    for line in (server.folder / "access.log").read_text("utf-8").splitlines():
        port, key, upstream = line.split("|")[:3]
        if int(port) == server.port and upstream != "-":
            chosen.setdefault(key, set()).add(upstream.rpartition(", ")[2])
    return chosen


def upstreams(server: Server, request: str) -> set[str]:
    """Return the addresses that answered this request, such as `POST /tests/results`."""
    lines = (server.folder / "access.log").read_text("utf-8").splitlines()
    entries = (line.split("|") for line in lines)
    return {
        upstream.rpartition(", ")[2] for _, _, upstream, _, logged in entries if logged == request
    }
