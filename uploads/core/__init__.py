"""Rules over plain values that several domains share: states, errors, limits, names, ordering, service time."""
