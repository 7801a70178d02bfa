"""A real nginx with the files of docs/deploying.md."""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.needs import cannot
from tests.support.servers import Server, folder_of_server, running
from tests.support.service_process import ROOT

_FRAME = """
user root; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
{log}
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{documented}
}}
"""
_LOG = """
  log_format chosen '$server_port|$portal_key|$upstream_addr|$status|$request_method $uri';
  access_log {folder}/access.log chosen;
"""
_TLS = re.compile(r"^ +(ssl_|proxy_cookie_flags ).*\n", re.MULTILINE)
_REDIRECT = re.compile(r"^server \{\n    listen 80;.*?^\}\n", re.MULTILINE | re.DOTALL)


@contextmanager
def running_nginx(
    portals: Sequence[int], services: Sequence[int], ports: Sequence[int]
) -> Iterator[Server]:
    """Run nginx with the file for several services, without TLS, on two ports: for the portals,
    below the folder `/etl/`, and for the services."""
    targets = {"portals": portals, "services": services, "feeds": services}
    with _running(configuration(targets, ports), _LOG, port=ports[0]) as server:
        yield server


@contextmanager
def running_tls_nginx(
    documented: str, certificates: Path, *, portal: int, service: int, ports: Sequence[int]
) -> Iterator[Server]:
    """Run nginx with a file as it is documented, but for addresses and places, on three ports: for
    the portal, for the service, and for requests without TLS."""
    text = tls_configuration(documented, certificates, portal=portal, service=service, ports=ports)
    with _running(text, port=ports[0]) as server:
        yield server


@contextmanager
def _running(documented: str, log: str = "access_log off;", *, port: int) -> Iterator[Server]:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        cannot("no nginx on this machine (apt-get install nginx-light)")
    with folder_of_server("nginx") as folder:
        file = folder / "nginx.conf"
        file.write_text(
            _FRAME.format(folder=folder, log=log.format(folder=folder), documented=documented)
        )
        command = [program, "-c", str(file), "-e", str(folder / "error.log")]
        with running(Server(name="nginx", command=command, folder=folder, port=port)) as server:
            yield server


def tls_configuration(
    documented: str, certificates: Path, *, portal: int, service: int, ports: Sequence[int]
) -> str:
    """Return a documented file for these ports, with certificates from the folder."""
    text = documented
    for upstream, port in (("portals", portal), ("services", service), ("feeds", service)):
        if f"upstream {upstream} {{" in text:
            text = _with_servers(text, upstream, [port, port])
    text = re.sub(r"/etc/ssl/(certs|private)", str(certificates), text)
    text = text.replace("127.0.0.1:8501", f"127.0.0.1:{portal}")
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{service}")
    *tls, plain = ports
    return _listening(text, tls, " ssl").replace("listen 80;", f"listen 127.0.0.1:{plain};")


def _listening(text: str, ports: Sequence[int], how: str) -> str:
    for port in ports:
        text = text.replace("listen 443 ssl;", f"listen 127.0.0.1:{port}{how};", 1)
    return text


def configuration(targets: Mapping[str, Sequence[int]], ports: Sequence[int]) -> str:
    """Return the documented configuration for these ports, without TLS and with the portals below a
    folder, as the document says how."""
    text = _documented()
    for name, numbers in targets.items():
        text = _with_servers(text, name, numbers)
    text = _REDIRECT.sub("", _TLS.sub("", text)).replace("; Secure'", "'")
    text = _listening(text, ports, "")
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
