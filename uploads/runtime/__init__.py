"""The runtime of every server process: heartbeat, threads, shared spool, status report."""
