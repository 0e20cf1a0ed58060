"""The harness adapter: what a lab's research harness gives away is counted and capped.

It stands between an engagement's connection and the harness (docs/harness-adapter.md).
Pure Python over ASGI: it knows no app of this project and runs on the lab's own machines.
"""
