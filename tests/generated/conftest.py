from __future__ import annotations

import pytest

from tests.generated.harness import Project, make_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shop; tests read it and run it, none changes it."""
    return make_shop(tmp_path_factory.mktemp("shop"))
