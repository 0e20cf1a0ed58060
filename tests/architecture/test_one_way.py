"""State changes have one way: a service. These tests read the code, not a convention."""

import ast
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, files, name_of, tree

STATE_FIELDS = {"state", "status"}
WRITES = {
    "save",
    "create",
    "bulk_create",
    "update",
    "bulk_update",
    "delete",
    "get_or_create",
    "update_or_create",
}
# What may write: services of an app, the journal's own machinery, and commands that call services.
WRITERS = ("services", "journal")
READERS = (
    "views",
    "admin",
    "tasks.py",
    "consumers.py",
    "api",
    "selectors",
    "templatetags",
    "forms",
    "signals.py",
)


def in_services(path: Path) -> bool:
    return "services" in path.parts


@pytest.mark.parametrize("path", list(files()), ids=name_of)
def test_state_is_assigned_only_in_services(path: Path) -> None:
    if (
        in_services(path)
        or "gateway" in path.parts
        or "simulators" in path.parts
        or "drivers" in path.parts
    ):
        return
    assigned = [
        target.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Attribute)
        and target.attr in STATE_FIELDS
        and not (isinstance(target.value, ast.Name) and target.value.id == "self")
    ]
    assert not assigned, f"{name_of(path)}:{assigned} assigns a state outside services/"


@pytest.mark.parametrize("path", list(files()), ids=name_of)
def test_views_admin_and_tasks_do_not_write(path: Path) -> None:
    if not any(part in READERS for part in path.parts):
        return
    writes = [
        (node.lineno, node.func.attr)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WRITES
        and _is_orm(node.func.value)
    ]
    assert not writes, f"{name_of(path)}: {writes} writes outside a service"


def _is_orm(value: ast.expr) -> bool:
    """Whether a call's receiver looks like a manager, a queryset or a saved record."""
    source = ast.unparse(value)
    return ".objects" in source or source in {"obj", "instance", "form", "record"}


def test_no_model_overrides_save_or_uses_signals() -> None:
    found = []
    for path in files():
        for node in ast.walk(tree(path)):
            line = getattr(node, "lineno", 0)
            overrides = isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"}
            if overrides and "models" in path.parts:
                found.append(f"{name_of(path)}:{line} overrides save() or delete()")
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            if module.endswith("signals") and not module.startswith("celery"):
                found.append(f"{name_of(path)}:{line} imports {module}")
    assert not found


def test_migrations_import_no_app_code() -> None:
    allowed_models = {"scif.journal.migrations"}
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in files(migrations=True)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom | ast.Import)
        for module in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
        )
        if module.split(".")[0] in {"scif", "hardware", "inspections", "access", "terminals"}
        and module not in allowed_models
    ]
    assert not found


def test_records_are_protected_not_cascaded() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in files()
        if "models" in path.parts
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"CASCADE", "SET_NULL", "DO_NOTHING"}
    ]
    assert not found, f"what the journal mentions is PROTECTed: {found}"


def test_the_package_root_is_empty() -> None:
    assert (ROOT / "scif" / "__init__.py").read_text() == ""


def test_nothing_sleeps_in_tests() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "asyncio.sleep"}
    ]
    assert not found


def test_services_take_keywords_and_an_actor() -> None:
    """A service is ``<noun>_<verb>(*, …, actor)``; helpers of services begin with an underscore."""
    found = []
    for path in files():
        if not in_services(path):
            continue
        for node in tree(path).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            if "atomic" not in {ast.unparse(d).rsplit(".", 1)[-1] for d in node.decorator_list}:
                continue
            if node.args.args or node.args.posonlyargs:
                found.append(
                    f"{name_of(path)}:{node.lineno} {node.name} takes positional arguments"
                )
    assert not found
