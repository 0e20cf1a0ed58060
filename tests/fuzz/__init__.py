"""Parsers under any bytes: hypothesis in the suite, atheris beside it, the same checks for both.

Each ``*_target`` gives a function that takes one input and raises for what must never happen.
"""
