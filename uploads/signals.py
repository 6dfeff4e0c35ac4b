"""What `uploads` tells those it does not know."""

from django.dispatch import Signal

draft_changed = Signal()
"""After the commit of every durable change. Arguments: ``draft_id`` (UUID)."""

draft_ended = Signal()
"""After a draft was committed, discarded or has expired. Arguments: ``draft_id`` (UUID)."""

jobs_written = Signal()
"""After the commit of a transaction that wrote store jobs. No arguments."""

file_promoted = Signal()
"""Inside the transaction that makes a file PERMANENT. Arguments: ``file`` (UUID), ``url`` (str).
A receiver that raises undoes the switch; the promotion is tried again later."""
