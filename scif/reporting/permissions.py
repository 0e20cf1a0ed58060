"""Permissions of reports, as words of ``scif/people/rules/roles.py``."""

MAKE_REPORT = "access.make_report"
