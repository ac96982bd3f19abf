from __future__ import annotations

import pytest

from tests.project.repos import project


def found(text: str, path: str = "app/main.py") -> list[str]:
    return [f"{one}: {one.text}" for one in project({path: text}).logins]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("from fastapi_users import FastAPIUsers\n", 1, "from fastapi_users import FastAPIUsers"),
        ("import os\nimport authx.core as a\n", 2, "import authx.core as a"),
        (
            "from fastapi.security import OAuth2PasswordBearer\n\nx = OAuth2PasswordBearer('t')\n",
            3,
            "OAuth2PasswordBearer",
        ),
        (
            "from fastapi.security.oauth2 import HTTPBearer as B\n\n\nasync def f(b: B): ...\n",
            4,
            "B",
        ),
        (
            "import fastapi.security\nx = fastapi.security.HTTPBearer()\n",
            2,
            "fastapi.security.HTTPBearer",
        ),
        ("@router.post('/auth/login')\nasync def f(): ...\n", 2, "POST /auth/login"),
        ("@app.post(path='/token')\ndef f(): ...\n", 2, "POST /token"),
        (
            "class A:\n    @r.post('/access-token/')\n    def f(self): ...\n",
            3,
            "POST /access-token/",
        ),
    ],
)
def test_a_way_to_log_in_is_found(text: str, line: int, said: str) -> None:
    assert found(text) == [f"app/main.py:{line}: {said}"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "from fastapi import FastAPI\napp = FastAPI()\n",
        "from mine.security import OAuth2PasswordBearer\nx = OAuth2PasswordBearer()\n",
        "import fastapi_users_of_mine\n",
        "from .authx import x\n",
        "from fastapi.security import APIKeyHeader\nx = APIKeyHeader(name='X')\n",
        "client.post('/login')\n",
        "@router.get('/login')\ndef f(): ...\n",
        "@router.post('/devices/register')\ndef f(): ...\n",
        "@router.post(f'/{x}/login')\ndef f(): ...\n",
        "# from fastapi_users import x\n'OAuth2PasswordBearer'\n",
        "from fastapi_users import (\n",
    ],
)
def test_what_is_none_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("path", ["tests/test_a.py", "docs/a.py", "examples/app.py"])
def test_tests_and_samples_are_no_evidence(path: str) -> None:
    assert found("import fastapi_users\n", path) == []
