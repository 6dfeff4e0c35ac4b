"""Sends what is changed at random to whatever takes something from outside, and looks for an answer that is none."""
