"""The scripted visit: one visit through the whole chain, as its people would make it.

It acts only where a person or a card could: pages over HTTP with a login, and the virtual
devices' controls. What it expects is read back from the pages' own data and the journal.
"""
