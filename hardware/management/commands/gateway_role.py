"""``manage.py gateway_role CODE``: the database role of one gateway, made by the owner."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from psycopg import sql


class Command(BaseCommand):
    """Idempotent: a role that is there gets the password anew and stays what it is."""

    help = "Make the database role scif_gateway_CODE; run as scif_owner, which may create roles"
    requires_system_checks = ()  # they load every page; `migrate` makes them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("code", help="the gateway's code")
        words = "a file with the password; else it is read from standard input"
        parser.add_argument("--password-file", type=Path, help=words)

    def handle(self, *args: Any, code: str, password_file: Path | None, **options: Any) -> None:
        password = (password_file.read_text() if password_file else sys.stdin.readline()).strip()
        if not password:
            self.stderr.write("no password was given")
            sys.exit(1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT hardware_gateway_role(%s)", [code])
            ((role,),) = cursor.fetchall()
            # The verifier, not the password: statements may be logged.
            verifier = connection.connection.pgconn.encrypt_password(
                password.encode(), role.encode(), b"scram-sha-256"
            )
            statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
            cursor.execute(
                statement.format(sql.Identifier(role), sql.Literal(verifier.decode())).as_string(
                    connection.connection
                )
            )
        self.stdout.write(role)
