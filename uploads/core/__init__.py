"""Rules over plain values shared by several domains: states, errors, limits, names, ordering, service time."""
