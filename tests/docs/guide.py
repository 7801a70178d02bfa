"""The commands and files of docs/deploying.md, with a test's places instead of its own."""

import re
from dataclasses import dataclass, field

from tests.docs.test_deploying import DOCUMENT, blocks
from tests.docs.test_deploying_commands import lines_of
from tests.support.machine import Machine

_FILES = re.compile(r"`(/etc/[\w/.-]+)`[^`]*(?:`chmod 600`[^`]*)?```(?:sh|ini)\n(.*?)```", re.S)


@dataclass(frozen=True, kw_only=True)
class Guide:
    """The document, with our places instead of its own."""

    places: dict[str, str]
    tried: set[str] = field(default_factory=set)

    def ours(self, text: str) -> str:
        for documented, ours in self.places.items():
            text = text.replace(documented, ours)
        return text

    def follow(self, machine: Machine, *commands: str, typed: str = "") -> str:
        """Run commands of the document in one shell. Returns what they print."""
        self.tried.update(commands)
        script = "\n".join(["cd /opt/etl-monitor", *map(self.ours, commands)])
        return machine.run(script, typed=typed)

    def follow_block(self, machine: Machine, part: str, **environment: str) -> str:
        """Run the block that contains `part`. Returns what it prints."""
        self.tried.update(lines_of(_block(part)))
        return machine.run(self.ours(_block(part)), **environment)

    def lines(self, part: str) -> list[str]:
        """Return the commands of the block that contains `part`."""
        return lines_of(_block(part))

    def write(self, machine: Machine, file: str, *more: str, token: str = "") -> None:
        """Write a file of the document, with `more` lines, and `token` for its `…`."""
        (text,) = [text for name, text in _FILES.findall(DOCUMENT) if name == file]
        lines = [self.ours(text.replace("=…", f"={token}")), *more, ""]
        machine.write(file, "\n".join(lines), "-m 600" if file.endswith(".env") else "-m 644")


def _block(part: str) -> str:
    (found,) = [block for block in blocks("sh") if part in block]
    return found
