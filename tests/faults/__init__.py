"""Faults played on real components, with a seed; `python -m tests.faults`."""
