"""Lists and records of the terminals in the officers' admin, registered on import."""

from terminals.admin import custody, proof, session, stop, terminal

__all__ = ["custody", "proof", "session", "stop", "terminal"]
