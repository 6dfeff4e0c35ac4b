"""Checking, stripping and previewing images in child processes. No Django here."""
