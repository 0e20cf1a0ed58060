"""The bastion: the one way from a locked-down laptop to the lab's research harness.

A process and user of its own: no Django, no database, no key of an authority. It takes stock
OpenSSH clients with a short-lived user certificate, forwards them to one address, counts what
passes and ends a session when it is told to, when its time or its bytes are used up, or when the
control plane falls silent. What it may do it is told over a unix socket (``wire``); it remembers
grants in memory only, and the bytes that were let through in a ledger on disk.
docs/bastion.md describes it from outside.
"""
