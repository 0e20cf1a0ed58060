"""Whether a session at a laptop looks like its person: baseline, detector, words, consequence.

Pure Python: no framework, no clock, no store. Whoever calls keeps the baseline and the state (both
are JSON) and acts on what is returned. Detection is evidence; the budget and the rate cap of the
bastion are the control. docs/anomaly.md says how it works and what it misses.
"""
