from tests.support.draft_fixtures import *  # noqa: F403 - fixtures
from tests.support.erp_fixtures import *  # noqa: F403 - fixtures
