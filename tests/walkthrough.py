"""
Pages that are run: commands of a document in one shell, in order, with what each printed.

``python tests/walkthrough.py docs/auditor.md`` writes the outputs of a fresh run into the page.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
FENCE: Final = "```"
MARK: Final = "\x1e"
"""A character that no command prints, between their outputs."""
VARIES: Final = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "‹uuid›"),
    (re.compile(r"\b[a-z]-[a-z2-7]{24}\b"), "‹person›"),
    (re.compile(r"\b[0-9a-f]{32,64}\b"), "‹hash›"),
    (re.compile(r"(?=[A-Za-z0-9+/=]*[A-Z])(?=[A-Za-z0-9+/=]*[a-z])[A-Za-z0-9+/=]{18,}"), "‹text›"),
    (re.compile(r"\b20[2-9]\d-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d+)?(\+08:00)?)?"), "‹today›"),
    (re.compile(r"/\S*/(operator|auditor)"), r"\1"),
    (re.compile(r"[ ─]+"), " "),
)
"""What differs between two runs, and the width of columns that follows from it."""


class Step(NamedTuple):
    """A command and what it printed, line by line."""

    command: str
    printed: tuple[str, ...]


def steps(page: str) -> list[Step]:
    """The commands of the console blocks of a page, each a line that begins with ``$``."""
    found: list[Step] = []
    for block in re.findall(rf"^{FENCE}console\n(.*?)^{FENCE}$", page, re.DOTALL | re.MULTILINE):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *printed = part.rstrip("\n").split("\n")
            found.append(Step(command, tuple(printed)))
    return found


def run(commands: list[str], folder: Path) -> list[Step]:
    """Run commands in one shell that starts in *folder*."""
    script = "\n".join(f"printf '{MARK}'\n{command}" for command in commands)
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(folder), "LANG": "C.UTF-8", "TZ": "UTC",
        },
    )  # fmt: skip
    outputs = done.stdout.split(MARK)[1:]
    return [
        Step(command, tuple(line.rstrip() for line in output.rstrip("\n").split("\n") if output))
        for command, output in zip(commands, outputs, strict=True)
    ]


def alike(step: Step) -> list[str]:
    """What a step printed, without what differs between two runs."""
    lines = []
    for line in step.printed:
        shown = line
        for pattern, name in VARIES:
            shown = pattern.sub(name, shown)
        lines.append(shown.strip())
    return lines


def written(page: str, fresh: list[Step]) -> str:
    """The page with the outputs of *fresh*."""
    parts = iter(fresh)

    def block(found: re.Match[str]) -> str:
        count = len(re.findall(r"^\$ ", found[1], flags=re.MULTILINE))
        lines: list[str] = []
        for step in (next(parts) for _ in range(count)):
            lines += [f"$ {step.command}", *step.printed]
        return "\n".join([f"{FENCE}console", *lines, FENCE])

    return re.sub(rf"^{FENCE}console\n(.*?)^{FENCE}$", block, page, flags=re.DOTALL | re.MULTILINE)


if __name__ == "__main__":
    document = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        text = document.read_text(encoding="utf-8")
        fresh = run([step.command for step in steps(text)], Path(scratch))
        document.write_text(written(text, fresh), encoding="utf-8")
