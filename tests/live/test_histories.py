"""The random histories of the resolver, many more of them. CROSSWALK_TEST_HISTORIES says how many."""

from tests.integration.test_resolver_histories import (
    test_an_undo_restores_exactly_what_was,
    test_any_history_gives_what_a_full_run_gives,
    world,
)

__all__ = ["test_an_undo_restores_exactly_what_was", "test_any_history_gives_what_a_full_run_gives", "world"]
