"""The table of all images that are sent to whatever accepts images."""

from __future__ import annotations

from tests.support.corpus.bombs import BOMBS, OVER
from tests.support.corpus.broken import BROKEN
from tests.support.corpus.forgiven import FORGIVEN
from tests.support.corpus.good import GOOD
from tests.support.corpus.liars import LIARS, POLYGLOTS, PRIVACY

CASES = [*GOOD, *OVER, *BOMBS, *BROKEN, *FORGIVEN, *LIARS, *POLYGLOTS, *PRIVACY]
