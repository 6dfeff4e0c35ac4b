"""Send randomly changed input to every entry point, and look for invalid responses."""
