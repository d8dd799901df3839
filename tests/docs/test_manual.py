"""The manual does not rot: its generated pages are current, and every code block runs as it stands.

Blocks are declared by their language. ``sh`` and ``python`` are run and must succeed; ``console`` holds commands after
``$`` and what they print, where ``…`` stands for any text and a line of ``…`` for any lines; one that may fail
shows how by ``echo "exit code $?"``. All blocks of a page run in order in one folder and one shell. What cannot be
run is ``text``, ``toml`` or ``csv``.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MANUAL = ROOT / "docs" / "manual"
PAGES = sorted([*MANUAL.rglob("*.md"), ROOT / "README.md"])
RUN = {"sh", "console", "python"}
SHOWN = {"text", "toml", "csv", "sql"}
_END = "--- end of block ---"


def blocks(page: Path) -> list[tuple[str, str, int]]:
    """(language, content, line) of every fenced block."""
    found: list[tuple[str, str, int]] = []
    lines = page.read_text(encoding="utf-8").splitlines()
    start, language = 0, ""
    for number, line in enumerate(lines, 1):
        if not line.startswith("```"):
            continue
        if start:
            found.append((language, "\n".join(lines[start : number - 1]), start))
            start = 0
        else:
            start, language = number, line.removeprefix("```").strip()
    assert not start, f"{page.name}: a block is not closed"
    return found


def runnable(page: Path) -> bool:
    return page.name != "README.md" and any(language in RUN for language, _, _ in blocks(page))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_block_says_what_it_is(page: Path) -> None:
    assert {language for language, _, _ in blocks(page)} <= RUN | SHOWN


def expected(shown: str) -> re.Pattern[str]:
    """What a command prints, with … for any text and a line of … for any lines."""
    pattern = ""
    for line in shown.splitlines():
        pattern += r"(?:.*\n)*?" if line == "…" else ".*".join(re.escape(part) for part in line.split("…")) + r"\n"
    return re.compile(pattern)


def script(page: Path) -> tuple[str, list[tuple[int, re.Pattern[str] | None]]]:
    """One shell script of the whole page that ends each command with a mark, and what each command must print."""
    lines, wanted = ["set -e"], []
    for language, content, line in blocks(page):
        if language == "sh":
            lines += [content, f"echo '{_END}'"]
            wanted.append((line, None))
        elif language == "python":
            lines += [f"python - <<'END-OF-PYTHON'\n{content}\nEND-OF-PYTHON", f"echo '{_END}'"]
            wanted.append((line, None))
        elif language == "console":
            for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
                command, _, shown = part.partition("\n")
                told = "exit code $?" in command
                lines += ["set +e" if told else "", command, "set -e", f"echo '{_END}'"]
                wanted.append((line, expected(shown)))
    return "\n".join(lines), wanted


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if runnable(page)], ids=lambda page: page.relative_to(ROOT).as_posix()
)
def test_every_code_block_runs(page: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "reports", tmp_path / "reports")
    shutil.copytree(ROOT / "tests" / "data", tmp_path / "tests" / "data")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "THASSIST_LANG": "en",
        "HOME": str(tmp_path),
    }
    text, wanted = script(page)
    done = subprocess.run(
        ["bash", "-c", text],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    parts = done.stdout.split(f"{_END}\n")
    assert done.returncode == 0, f"after block {len(parts)} of {len(wanted)}:\n{parts[-1]}"
    for (line, pattern), printed in zip(wanted, parts, strict=False):
        if pattern is not None:
            assert pattern.fullmatch(printed), f"{page.name}, block at line {line}, printed:\n{printed}"


def test_generated_files_are_current() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "write_reference.py"), "--check"],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_links_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert links
    assert not [link for link in links if "://" not in link and not (ROOT / link).exists()]
