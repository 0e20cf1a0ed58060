"""Lists and records of the terminals in the officers' admin, registered on import."""

from terminals.admin import airlock, custody, harness, place, proof, session, stop, terminal

__all__ = ["airlock", "custody", "harness", "place", "proof", "session", "stop", "terminal"]
