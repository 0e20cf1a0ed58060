#!/usr/bin/env python
"""Django's command line. Settings come from DJANGO_SETTINGS_MODULE; without it the strict ones."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scif.settings.production")
    from django.core.management import execute_from_command_line

    import scif.celery  # noqa: F401  commands that send tasks send them through this application

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
