"""The models of users are found by what they are; what only looks like one isn't."""

from __future__ import annotations

import pytest

from tests.project.repos import project


def found(text: str, path: str = "app/models.py") -> list[str]:
    return [f"{one}: {one.text}" for one in project({path: text}).users]


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        ("class User(Base):\n    __tablename__ = 'people'\n", 1, "User"),
        ("import x\n\n\nclass Account(SQLModel, table=True):\n    id: int\n", 4, "Account"),
        (
            "class Person(Base):\n    __tablename__ = 'p'\n    hashed_password = Column(String)\n",
            1,
            "Person",
        ),
        (
            "class Member(Base):\n    __tablename__: str = 'm'\n    password: Mapped[str]\n",
            1,
            "Member",
        ),
    ],
)
def test_a_model_of_users_is_found(text: str, line: int, name: str) -> None:
    assert found(text) == [f"app/models.py:{line}: class {name}"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "class User(BaseModel):\n    email: str\n    password: str\n",
        "class User(SQLModel, table=False):\n    email: str  # table=True\n",
        "class Order(Base):\n    __tablename__ = 'orders'\n    user_id: Mapped[int]\n",
        "class UserOrder(Base):\n    __tablename__ = 'orders'\n",
        "# class User: __tablename__\n",
        "class User(Base:\n    __tablename__ = 'users'\n",
    ],
)
def test_what_is_none_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_those_of_tests_and_samples_are_none() -> None:
    assert found("class User(Base):\n    __tablename__ = 'u'\n", "tests/models.py") == []
