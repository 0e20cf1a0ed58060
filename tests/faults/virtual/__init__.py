"""A building, its people and their accidents, in one thread, by a clock that is moved by hand.

Ours and real: the decision (``access.decider``), ``hardware.gateway.gateway.Gateway`` with doors,
zones, PINs, orders and recorder, the edge journal in SQLite, the snapshot and its store, uplink and
downlink. The wire is cut at ``hardware.drivers.base.Driver``: readers, strikes and contacts are
virtual, and OSDP itself is not played here (``tests/faults/wires.py`` and its neighbours do that).
The centre is cut at ``hardware.gateway.centre.Centre``: a list of signed deltas and an inbox.

Everything random comes from the seed, save identifiers, which decide nothing. ``rules.py`` is a
second opinion on who may enter, written from the rule book and sharing no code with ``access``.
"""
