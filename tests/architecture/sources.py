"""The project's own source files, parsed, for tests about how the code is built."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("scif", "hardware", "inspections", "access", "terminals")


def files(*, migrations: bool = False) -> Iterator[Path]:
    """Python files of the product, without tests; migrations only where asked for."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if ("migrations" in path.parts) == migrations:
                yield path


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name_of(path: Path) -> str:
    """A path as it is written in messages, relative to the project."""
    return str(path.relative_to(ROOT))
