"""Clocks of tests.

`service_clock.FakeClock` stands for the database's clock and moves only when a test moves it: with it, a test of a
grace period takes no second of it.
"""
