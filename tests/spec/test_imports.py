"""The floor is light: what only some commands need is imported when they need it."""

from __future__ import annotations

import subprocess
import sys

LATE = "datetime decimal difflib hashlib json unicodedata urllib uuid inflection libcst jinja2 rich"


def test_importing_the_spec_imports_little() -> None:
    code = (
        "import sys; bare = set(sys.modules); import scaffold.spec.resource;"
        "print(*(set(sys.modules) - bare))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "scaffold.spec.kinds" in loaded
    assert loaded & set(LATE.split()) == set()
