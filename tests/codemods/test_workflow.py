"""A step in front of the tests of a workflow, and out again."""

from __future__ import annotations

import pytest

from scaffold.codemods import Already, Cannot, Patched, apply, invert

RUN = "sudo apt-get install --yes redis-server"
STEP = {"run": RUN}
WORKFLOW = """\
on: push
jobs:
  lint:
    steps:
      - run: ruff check
  test:
    steps:
      - uses: actions/checkout@v5  # first
      # Everything it needs.
      - run: |
          uv sync
      - name: Tests
        run: uv run pytest
"""
BEFORE = "      - run: |\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_step_comes_and_goes(ending: str) -> None:
    content = WORKFLOW.replace("\n", ending).encode()
    added = apply("add_step", content, STEP)
    wanted = WORKFLOW.replace(BEFORE, f"      - run: {RUN}\n{BEFORE}").replace("\n", ending)
    assert added == Patched(wanted.encode())
    assert apply("add_step", wanted.encode(), STEP) == Already(10)
    assert invert("add_step", wanted.encode(), STEP) == Patched(content)
    assert invert("add_step", content, STEP) == Already()


def test_the_last_step_goes_where_no_line_ends_the_file() -> None:
    content = f"jobs:\n  t:\n    steps:\n    - run: pytest\n    - run: {RUN}".encode()
    assert invert("add_step", content, STEP) == Patched(
        b"jobs:\n  t:\n    steps:\n    - run: pytest\n"
    )


def test_a_step_that_somebody_changed_stays() -> None:
    content = f"jobs:\n  t:\n    steps:\n    - run: {RUN} && pytest\n".encode()
    assert apply("add_step", content, STEP) == Already(4)
    assert invert("add_step", content, STEP) == Already()


@pytest.mark.parametrize(
    "text",
    [
        "jobs:\n  t:\n    steps: [{ run: pytest }]\n",
        "jobs:\n  a:\n    steps:\n    - run: pytest\n  b:\n    steps:\n    - run: pytest -x\n",
        "jobs: 1\n",
        "- 1\n",
        "a: [\n",
    ],
)
def test_what_is_not_understood_is_left_alone(text: str) -> None:
    outcome = apply("add_step", text.encode(), STEP)
    assert isinstance(outcome, Cannot)
    assert outcome.snippet == f"    - run: {RUN}\n" * 2 * ("b:" in text)
    assert isinstance(invert("add_step", text.encode(), STEP), Cannot)
