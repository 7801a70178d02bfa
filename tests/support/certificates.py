"""An authority whose certificates only those trust who have its file."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.needs import cannot

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True)
class Authority:
    """`folder` gets `NAME.pem` and `NAME.key` of each certificate."""

    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "authority.pem"

    def issue(self, name: str) -> None:
        """Make a certificate for a host name and for `localhost`."""
        names = ["-addext", f"subjectAltName=DNS:{name},DNS:localhost"]
        use = ["-addext", "basicConstraints=critical,CA:FALSE"]
        signed = ["-CA", str(self.file), "-CAkey", str(self.folder / "authority.key")]
        self._make(name, *names, *use, *signed)

    def _make(self, name: str, *options: str) -> None:
        out, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        request = ["openssl", "req", "-x509", *_KEY, "-days", "1", "-subj", f"/CN={name}"]
        files = ["-out", str(out), "-keyout", str(key)]
        subprocess.run([*request, *options, *files], check=True, capture_output=True)


def new_authority(folder: Path) -> Authority:
    if shutil.which("openssl") is None:
        cannot("no openssl on this machine (apt-get install openssl)")
    authority = Authority(folder)
    authority._make("authority", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    return authority
