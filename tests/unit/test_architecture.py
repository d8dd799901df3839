"""The house: rooms import only what they may, modules stay readable, forbidden things stay out."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]

#: Room → the rooms it may import, as the explanation page of the manual says ("The house").
MAY_IMPORT: dict[str, set[str]] = {
    "codes": set(),
    "engine": set(),
    "records": {"codes"},
    "rules": {"codes", "records", "engine"},
    "duplicates": {"codes", "records", "engine"},
    "intake": {"codes", "records", "rules"},
    "snapshot": {"records", "codes", "engine"},
    "tables": {"snapshot", "codes", "engine"},
    "disclosure": {"tables", "intake"},
    "release": {"disclosure"},
    "publish": {"release"},
    "quality": {"codes", "records", "rules", "engine", "publish"},
    "exchange": {"snapshot", "records", "codes", "engine"},
    "synthetic": {"records", "codes"},
    "verify": {"codes", "rules", "intake"},
}
#: What every room may import.
FREE = {"_data", "_workbook", "errors", "messages", "dates", "__version__"}


def reachable(room: str) -> set[str]:
    """The rooms below a room: what it may import, and what those may."""
    below = set(MAY_IMPORT[room])
    for one in MAY_IMPORT[room]:
        below |= reachable(one)
    return below


def modules(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Every module of ours that a module imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            module = node.module or ""
            yield from (f"{module}.{name.name}" for name in node.names) if module == "thassist" else [module]


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_rooms_import_only_what_they_may(room: str) -> None:
    wrong = []
    for path in modules(f"thassist/{room}"):
        for name in imported(path):
            first, _, rest = name.partition(".")
            other = rest.partition(".")[0]
            if first == "thassist" and other and other not in reachable(room) | {room} | FREE:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
            if first == "thassist_cli":
                wrong.append(f"{path.relative_to(ROOT)} imports the command line")
    assert not wrong


def test_the_rooms_form_a_tree_without_circles() -> None:
    for room in MAY_IMPORT:
        assert room not in reachable(room)


def test_every_folder_is_a_room() -> None:
    folders = {path.parent.name for path in (ROOT / "thassist").glob("*/__init__.py")}
    assert folders - {"messages"} == set(MAY_IMPORT)


def test_the_free_modules_import_no_room() -> None:
    for name in FREE - {"messages", "__version__"}:
        rooms = {
            found.split(".")[1] for found in imported(ROOT / f"thassist/{name}.py") if found.startswith("thassist.")
        }
        assert rooms <= FREE


def test_the_command_line_knows_no_sql_and_no_file_format() -> None:
    forbidden = {"openpyxl", "sqlalchemy", "duckdb", "sqlglot", "reportlab", "pandas", "alembic", "python_calamine"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("cli")
        for name in imported(path)
        if name.partition(".")[0] in forbidden
    ]
    assert not wrong


def test_definitions_are_data_only() -> None:
    assert not list((ROOT / "reports").rglob("*.py"))


def test_engines_never_name_a_definition() -> None:
    """No code branches on the id of a table, a release or a collection: those stand in files."""
    ids = {
        tomllib.loads(path.read_text(encoding="utf-8"))["id"]
        for folder in ("tables", "releases", "views")
        for path in (ROOT / "reports" / folder).glob("*.toml")
    }
    wrong = []
    for path in modules("thassist"):
        constants = [
            node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)
        ]
        wrong += [
            f"{path.relative_to(ROOT)}:{node.lineno} names {node.value}" for node in constants if node.value in ids
        ]
    assert not wrong


@pytest.mark.parametrize("folder", ["thassist", "cli", "scripts"])
def test_modules_stay_readable(folder: str) -> None:
    long = [path.name for path in modules(folder) if len(path.read_text(encoding="utf-8").splitlines()) > 500]
    assert not long


def tracked() -> list[Path]:
    """The files that git keeps; without git (an unpacked source archive) this is not checked."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("no git here")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_registry_address_and_no_workplace_path_is_tracked() -> None:
    address = re.compile(
        r"(index-url|find-links)\s*=|https?://[^\s\"'<>]+\.(whl|tgz|tar\.gz|deb)\b|files\.pythonhosted|/work/(main|shared)"
    )
    wrong = []
    for path in tracked():
        if path == Path(__file__):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        wrong += [
            f"{path.relative_to(ROOT)}: {line.strip()[:100]}" for line in text.splitlines() if address.search(line)
        ]
    assert not wrong


def test_no_leftovers_in_the_code() -> None:
    leftover = re.compile(r"\b(TODO|FIXME|HACK|raise NotImplementedError|breakpoint\()")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("thassist", "cli")
        for path in modules(folder)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if leftover.search(line)
    ]
    assert not wrong


def test_no_case_data_is_tracked() -> None:
    assert not [path.name for path in tracked() if path.suffix in {".db", ".sqlite", ".parquet"}]


def pins(lock: str) -> dict[str, str]:
    """Name → version, of one lock file."""
    found = {}
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        match = re.match(r"([a-z0-9._-]+)==([^\s;\\]+)", line)
        if match:
            found[match[1]] = match[2]
    return found


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-build.lock", "requirements-dev.lock"])
def test_a_lock_holds_names_versions_and_hashes_only(lock: str) -> None:
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"[a-z0-9._-]+==[^\s;]+( ; .+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line), line


def test_locks_agree_with_the_project_and_with_each_other() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = {
        "requirements.lock": project["project"]["dependencies"],
        "requirements-build.lock": groups["build"],
        "requirements-dev.lock": [
            *project["project"]["dependencies"],
            *groups["build"],
            *(item for item in groups["dev"] if isinstance(item, str)),
        ],
    }
    development = pins("requirements-dev.lock")
    for lock, requirements in wanted.items():
        locked = pins(lock)
        for text in requirements:
            requirement = Requirement(text)
            assert requirement.specifier.contains(locked[requirement.name]), f"{lock}: {text}; run make lock"
        assert locked.items() <= development.items(), f"{lock} differs from the development lock; run make lock"
    assert len(pins("requirements.lock")) < len(development)
