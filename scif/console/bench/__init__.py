"""The bench: the virtual devices of one facility, to play with. Demonstration settings only.

It acts on virtual devices alone, as a hand at the real ones would; what follows from that reaches
the system by the wires and the gateway, as everywhere.
"""
