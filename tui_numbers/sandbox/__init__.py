"""Emulate the five APIs, wire-compatible, over one seeded world.

Importing this package loads nothing; callers import ``world``, ``app``, ``faults``, ``accounts``
or ``server`` when they need them.
"""
