"""Rows of a run, `{name, target, measured, unit, ok}`: run them, print them, keep them as JSON."""

import importlib
import json
import os
import pkgutil
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from rich.console import Console
from rich.table import Table

Row = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]


def modules(package: ModuleType, having: str) -> Iterator[ModuleType]:
    """The modules of a package that have a function of this name, by name."""
    for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda each: each.name):
        if found.ispkg or found.name.startswith("_"):
            continue
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        if hasattr(module, having):
            yield module


def run(console: Console, name: str, measure: Callable[[], list[Row]]) -> list[Row]:
    """The rows of one measurement; one that breaks off is a row that is not met."""
    begun = time.monotonic()
    try:
        rows = measure()
    except Exception as error:
        traceback.print_exc()
        said = f"{type(error).__name__}: {error}"[:200]
        rows = [row(f"{name} broke off", "runs to its end", said, "", ok=False)]
    console.print(f"{name}: {time.monotonic() - begun:.0f} s", highlight=False)
    return rows


def row(name: str, target: object, measured: object, unit: str, *, ok: bool) -> Row:
    """One row; ``target`` is None or empty where a row only tells how the machine is."""
    return {"name": name, "target": target, "measured": measured, "unit": unit, "ok": ok}


def on_disk() -> Path:
    """A directory on the disk of the project: one for temporary files may lie in memory."""
    var = ROOT / "var"
    var.mkdir(exist_ok=True)
    return var


def finish(console: Console, title: str, file: str, rows: Iterable[Row]) -> int:
    """Print the table, write ``var/FILE``; 1 if any row is not met."""
    rows = list(rows)
    table = Table(title=title)
    for head in ("What", "Target", "Measured", "Unit", ""):
        table.add_column(head, overflow="fold")
    for each in rows:
        target = _target(each["target"])
        word = ("met" if each["ok"] else "NOT MET") if target else ""
        table.add_row(each["name"], target, str(each["measured"]), each["unit"], word)
    console.print(table, highlight=False)
    var = Path(os.environ.get("SCIF_VAR") or ROOT / "var")
    var.mkdir(parents=True, exist_ok=True)
    (var / file).write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", "utf-8")
    missed = sum(not each["ok"] for each in rows)
    told = f"{missed} of {len(rows)} rows not met" if missed else f"all {len(rows)} rows met"
    console.print(f"{told}; kept in {var / file}", highlight=False, soft_wrap=True)
    return 1 if missed else 0


def _target(target: object) -> str:
    """A bare number is the most that is allowed."""
    if target is None:
        return ""
    return f"≤ {target}" if isinstance(target, int | float) else str(target)
