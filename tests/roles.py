"""Acting as another database role on the test's own connection, inside its transaction."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from hardware.services.ingest import inbox_apply


@contextmanager
def as_ingester() -> Generator[None]:
    """Be the ingester for the length of a block, and web again."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE scif_ingester")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE scif_web")


@contextmanager
def as_control() -> Generator[None]:
    """Be the laptops' control process for a block, which is a transaction, and web again."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE scif_control")
    try:
        with transaction.atomic():
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE scif_web")


def ingest(**options: Any) -> int:
    """Let the ingester apply what waits in the inbox, as its role; see ``inbox_apply``."""
    with as_ingester():
        return inbox_apply(**options)
