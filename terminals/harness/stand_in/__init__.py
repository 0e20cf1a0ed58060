"""A stand-in for a lab's research harness, so that a demonstration's session is a real one.

It is no harness and its model is no model: a few kilobytes of random numbers made from a seed. The
connection, the counting and the answers are real; what they say means nothing.
"""
