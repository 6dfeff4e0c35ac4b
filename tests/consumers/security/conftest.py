from tests.support.draft_fixtures import *  # noqa: F403 - fixtures
