"""The gateway: owns its buses, decides at its doors, and writes down what happened.

Pure Python over protocols, with the clock and the monotonic clock handed in, so that the same code
runs in threads beside real wires and, step by step, in a simulation.
"""
