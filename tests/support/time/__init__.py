"""Clocks for tests.

`service_clock.FakeClock` replaces the database's clock and moves only on request, so that a test of a grace period
takes no real time.
"""
