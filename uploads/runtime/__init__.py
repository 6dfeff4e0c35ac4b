"""What runs in every server process: the heartbeat, its threads, the shared spool, the status report."""
