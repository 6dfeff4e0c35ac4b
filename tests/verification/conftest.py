from tests.support.draft_fixtures import *  # noqa: F403 - fixtures
from tests.support.erp_fixtures import *  # noqa: F403 - fixtures
from tests.support.request_fixtures import asked, clock  # noqa: F401 - fixtures
