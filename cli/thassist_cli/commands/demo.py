"""``thassist demo``: the whole chain on made-up data, from a workbook with faults to two releases."""

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from thassist import messages
from thassist.errors import StorageError
from thassist_cli.common import lang_option
from thassist_cli.findings import numbers, show_findings

if TYPE_CHECKING:
    from thassist.intake.deliver import Delivery
    from thassist.snapshot import Snapshot

#: The made-up case work: the years that the releases look back on, and a seed of its own choice.
_YEARS = (2015, 2024)
_SEED = 1
_RELEASES = (("national-quarterly", "2024-Q4"), ("national-annual", "2022"))
_STEPS = 5 + len(_RELEASES)

_FAULTY = "intake-with-faults.xlsx"
_INTAKE = "intake.xlsx"
_DATABASE = "thassist.db"
_MARK = "demo.json"
#: A folder with more files is listed as one line.
_MOST_LISTED = 10


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("thassist-demo"),
    show_default=True,
    metavar="DIR",
    help="Folder to write into.",
)
@lang_option
def demo(out: Path, lang: str) -> None:
    """Show the whole chain on made-up data: workbook, findings, import, snapshot, two releases."""
    out = out.absolute()
    _refuse_foreign(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}-"))
    except OSError as error:
        raise StorageError("demo.not_writable", folder=out) from error
    try:
        _Demonstration(work, lang).run()
        files = sorted(str(path.relative_to(work)) for path in work.rglob("*") if path.is_file())
        mark = json.dumps({"made_by": "thassist demo", "files": [*files, _MARK]}, ensure_ascii=False, indent=1)
        (work / _MARK).write_text(mark + "\n", encoding="utf-8")
        _put(work, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _farewell(out, lang)


@dataclass
class _Demonstration:
    """The steps, in a folder of their own that becomes the asked one when all is done."""

    folder: Path
    lang: str
    number: int = 0

    def run(self) -> None:
        """All steps, in the order in which real data travel."""
        from thassist import snapshot
        from thassist.records.store import initialise

        url = f"sqlite:///{(self.folder / _DATABASE).as_posix()}"
        self.say("demo.welcome")
        with self.step("demo.writing"):
            self._write_workbooks()
        self.say("demo.wrote", faulty=_FAULTY, right=_INTAKE)
        with self.step("demo.validating", file=_FAULTY):
            faulty = self._validate(_FAULTY)
        self._show(faulty)
        with self.step("demo.validating_right", file=_INTAKE):
            right = self._validate(_INTAKE)
        self._show(right)
        with self.step("demo.importing", file=_INTAKE):
            initialise(url)
            count = self._import(url)
        self.say("demo.imported", count=count, database=_DATABASE)
        with self.step("demo.freezing"):
            frozen = snapshot.freeze(url, snapshot.default_folder(url))
        self.say("demo.frozen", id=frozen.id)
        for release, period in _RELEASES:
            self._build(release, period, frozen)

    def say(self, key: str, **params: object) -> None:
        """A line of explanation."""
        click.echo(messages.text(key, self.lang, part="what", **params))

    @contextmanager
    def step(self, key: str, **params: object) -> Iterator[None]:
        """Announce a step; on a terminal, say how long it took."""
        self.number += 1
        label = click.style(
            f"[{self.number}/{_STEPS}] {messages.text(key, self.lang, part='what', **params)}", bold=True
        )
        if not sys.stdout.isatty():
            click.echo(label)
            yield
            return
        click.echo(f"{label} … ", nl=False)
        start = time.monotonic()
        yield
        click.echo(f"{time.monotonic() - start:.1f} s")

    def _write_workbooks(self) -> None:
        """The made-up case work as an office would deliver it, once with faults and once as it should be."""
        from thassist.intake.template import write_workbook
        from thassist.synthetic import generate
        from thassist.synthetic.faults import with_faults

        dataset = generate(*_YEARS, _SEED)
        write_workbook(dataset, self.folder / _INTAKE, self.lang)
        write_workbook(with_faults(dataset), self.folder / _FAULTY, self.lang)

    def _validate(self, name: str) -> "Delivery":
        from thassist.intake import deliver

        return deliver.validate(self.folder / name, lang=self.lang)

    def _show(self, delivery: "Delivery") -> None:
        show_findings(delivery.findings, self.lang)
        counts = {"count": delivery.dataset.count(), **numbers(delivery.findings)}
        self.say("intake.summary" if delivery.findings else "intake.clean", **counts)

    def _import(self, url: str) -> int:
        """Store the right workbook; how many records were stored."""
        from thassist.intake import deliver

        result = deliver.import_file(url, self.folder / _INTAKE, lang=self.lang, by="demo")
        if result.stored is None:
            raise StorageError("demo.not_imported", file=_INTAKE)
        return sum(result.stored.inserted.values())

    def _build(self, release: str, period: str, frozen: "Snapshot") -> None:
        from thassist import publish

        with self.step("demo.building", release=release, period=period):
            built = publish.build(release, period, frozen, self.folder / f"{release}_{period}")
        self.say("demo.built", count=len(built.files), folder=built.folder.name)


def _refuse_foreign(out: Path) -> None:
    """Refuse a folder that holds anything that an earlier demonstration did not make."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        ours = set(json.loads((out / _MARK).read_text(encoding="utf-8"))["files"])
    except (OSError, ValueError, KeyError, TypeError):
        ours = set()
    foreign = [path.relative_to(out).as_posix() for path in sorted(out.rglob("*")) if path.is_file()]
    foreign = [name for name in foreign if name not in ours]
    if foreign or not out.is_dir():
        raise StorageError("demo.in_the_way", folder=out, file=foreign[0] if foreign else out.name)


def _put(work: Path, out: Path) -> None:
    """Let the finished folder take the place of an earlier demonstration."""
    old = work.with_name(f"{work.name}-old")
    try:
        if out.exists():
            out.replace(old)
        work.replace(out)
    except OSError as error:
        raise StorageError("demo.not_writable", folder=out) from error
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _farewell(out: Path, lang: str) -> None:
    """What was made and where, what it may be used for, and three commands to try next."""
    here = Path(os.path.relpath(out)) if out.is_relative_to(Path.cwd()) else out
    click.echo()
    click.echo(messages.text("demo.made", lang, folder=here))
    for name, size in _listed(out, lang):
        click.echo(f"  {name:<72} {size / 1024:>6.0f} kB")
    click.echo()
    click.echo(messages.text("demo.synthetic", lang))
    click.echo(messages.text("demo.internal", lang))
    click.echo()
    click.echo(messages.text("demo.next", lang))
    database = f"sqlite:///{(here / _DATABASE).as_posix()}"
    for command in (
        f"validate {here / _FAULTY} --lang {'sv' if lang == 'fi' else 'fi'}",
        f"release build national-annual --period 2023 --db {database} --out national-annual_2023",
        "template -o template.xlsx",
    ):
        click.echo(f"  {_program()} {command}")


def _listed(out: Path, lang: str) -> Iterator[tuple[str, int]]:
    """Every file with its size; where a folder holds many, the folder with their number."""
    for folder in sorted([out, *(path for path in out.rglob("*") if path.is_dir())]):
        files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != _MARK)
        if len(files) > _MOST_LISTED:
            name = f"{folder.relative_to(out).as_posix()}/"
            yield messages.text("demo.files", lang, folder=name, count=len(files)), sum(_size(path) for path in files)
        else:
            yield from ((path.relative_to(out).as_posix(), _size(path)) for path in files)


def _size(path: Path) -> int:
    """Bytes of a file."""
    return path.stat().st_size


def _program() -> str:
    """The program as its user called it: by its name, or by the path to it."""
    called = Path(sys.argv[0])
    if called.name != "thassist" or called.parent == Path():
        return "thassist"
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else str(called)
