"""Developer tools: emulated services, each with its own tests."""
