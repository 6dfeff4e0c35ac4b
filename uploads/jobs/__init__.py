"""Store jobs: durable requests for one idempotent effect on the store, and their runner."""
