"""Accounts added to projects of ours: what is planned, what is refused, what comes back."""

from __future__ import annotations

from typing import Any

import pytest

from scaffold.chance import MARK
from scaffold.generators.auth import auth
from scaffold.generators.project import project
from scaffold.generators.resource import resource
from scaffold.plan import Plan, Status
from scaffold.record import read_record
from scaffold.testing import changed, paths, run, tree
from scaffold.tree import Tree
from tests.generated.harness import SHOP


def shop(*fields: str, name: str = "users", **options: object) -> Tree:
    """A project, with the resource ``name`` if it has fields."""
    made = run(project, {"name": "shop"}, name="new")
    if not fields:
        return made.after
    return run(resource, {"name": name, "fields": fields, **options}, on=made.after).after


def add(on: Tree, **options: Any) -> Plan:
    return run(auth, options, on=on)


def reasons(plan: Plan) -> list[str]:
    return [refusal.reason for refusal in plan.refusals]


def test_the_users_of_the_shop_become_accounts() -> None:
    plan = add(shop(*SHOP[0][1:]))
    assert reasons(plan) == []
    files = changed(plan)
    patched = {
        *(".env.example", "README.md", "app/config.py", "app/main.py", "pyproject.toml"),
        *("app/routers/users.py", "app/schemas/users.py", "tests/test_users.py"),
    }
    assert paths(plan, Status.PATCHED) == patched
    assert "require_role(UserRole.ADMIN)" in files["app/routers/users.py"]
    assert "UserEmail = Annotated[Email, Folded]" in files["app/schemas/users.py"]
    assert "username: UserUsername" in files["app/schemas/auth.py"]
    assert 'app.include_router(auth_router, prefix="/api/v1")' in files["app/main.py"]
    assert '"pwdlib[argon2]>=0.3"' in files["pyproject.toml"]
    recorded = read_record(plan.after).resources["users"]
    assert recorded["aspects"] == {"account": {}}
    assert [field["name"] for field in recorded["fields"] if field.get("folded")] == [
        "email",
        "username",
    ]
    (migration,) = (text for path, text in files.items() if "create_accounts" in path)
    assert 'names = ("email", "username")' in migration


def test_without_users_they_are_made() -> None:
    plan = add(shop())
    assert reasons(plan) == []
    assert {"app/models/users.py", "app/models/auth.py"} <= paths(plan, Status.CREATED)
    revisions = [text for path, text in changed(plan).items() if path.startswith("migrations/")]
    assert len(revisions) == 2
    assert not any("fold" in text for text in revisions)


def test_another_resource_can_be_the_one_of_accounts() -> None:
    plan = add(shop("email:email:unique", "born:date", name="members"), users="members")
    files = changed(plan)
    assert "from app.models.members import Member, MemberRole" in files["app/auth/dependencies.py"]
    assert 'sa.ForeignKey("members.id", ondelete="CASCADE")' in files["app/models/auth.py"]
    assert "born: Date" in files["app/schemas/auth.py"]
    assert "is_active: Mapped[bool]" in files["app/models/members.py"]


def test_rights_are_for_nobody_to_set_on_themselves() -> None:
    plan = add(
        shop("email:email:unique", "role:enum:a,admin:default=a", "is_active:bool:default=true")
    )
    schemas = changed(plan)["app/schemas/users.py"]
    written = schemas[: schemas.index("class UserRead")]
    assert "role" not in written
    assert "is_active" not in written


def test_the_same_again_changes_nothing() -> None:
    for tree_ in (shop(), shop(*SHOP[0][1:])):
        assert add(add(tree_).after).changes == ()


def test_the_secret_is_in_its_file_alone() -> None:
    plan = add(shop())
    files = changed(plan)
    assert files[".env"] == f"AUTH_SECRET={MARK}\nENVIRONMENT=development\n"
    entry = plan.after.get(".env")
    assert entry is not None
    assert entry.mode == 0o600
    assert plan.diff(".env") == ""
    assert [path for path, text in files.items() if MARK in text] == [".env"]
    assert next(step for step in plan.steps if step.path == ".env").hidden


def test_a_dotenv_file_that_is_there_gets_what_it_lacks() -> None:
    there = shop().with_entry(".env", tree({"x": "LOG_LEVEL=DEBUG\nENVIRONMENT=x\n"}).get("x"))
    plan = add(there)
    assert changed(plan)[".env"] == f"LOG_LEVEL=DEBUG\nENVIRONMENT=x\nAUTH_SECRET={MARK}\n"
    assert plan.diff(".env") == ""


def test_no_secret_goes_where_git_would_see_it() -> None:
    plan = add(shop().with_entry(".gitignore", tree({"x": "*.db\n"}).get("x")))
    assert ".env" not in paths(plan)
    assert any("AUTH_SECRET" in line.command for line in plan.next)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (["name:str"], "the field email of users is missing"),
        (["email:str:unique"], "email of users is email:str:unique: accounts need email:email"),
        (["email:email"], "accounts need email:email:unique"),
        (["email:email:unique:optional"], "accounts need email:email:unique"),
        (["email:email:unique", "role:str"], "the field role of users is role:str"),
        (["email:email:unique", "role:enum:a,b:default=a"], "the value admin"),
        (["email:email:unique", "role:enum:a,admin:default=admin"], "as its default"),
        (["email:email:unique", "role:enum:a,admin"], "as its default"),
        (["email:email:unique", "is_active:bool:default=false"], "the field is_active of users"),
        (["email:email:unique", "username:str"], "the field username of users"),
    ],
)
def test_users_that_accounts_cannot_be_made_of(fields: list[str], reason: str) -> None:
    plan = add(shop(*fields))
    assert len(plan.refusals) == 1
    assert reason in plan.refusals[0].reason
    assert paths(plan) == set()


def test_every_reason_is_told() -> None:
    assert len(reasons(add(shop("email:str", "role:str", "is_active:str")))) == 3


def test_a_project_of_another_kind_is_refused() -> None:
    plan = add(tree({"app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"}))
    assert "scaffold did not make this project" in reasons(plan)[0]
    assert len(plan.refusals) == 1
    assert paths(plan) == set()


def test_the_users_of_a_project_of_another_kind_are_named() -> None:
    main = "from fastapi import FastAPI\n\napp = FastAPI()\n"
    model = "class Person(Base):\n    __tablename__ = 'people'\n    password_hash: Mapped[str]\n"
    plan = add(tree({"app/main.py": main, "app/models.py": model}))
    told = [(one.reason, one.path, one.line) for one in plan.refusals]
    assert told[1:] == [("its users are there: class Person", "app/models.py", 1)]
    assert paths(plan) == set()


@pytest.mark.parametrize("ours", [True, False])
def test_a_way_to_log_in_that_is_there_is_not_doubled(ours: bool) -> None:
    text = (
        "from fastapi import FastAPI\nfrom fastapi_users import FastAPIUsers\n\napp = FastAPI()\n"
    )
    path = "app/own.py" if ours else "app/main.py"
    entry = tree({"x": text.replace("app = FastAPI()\n", "" if ours else "app = FastAPI()\n")}).get(
        "x"
    )
    there = (shop() if ours else tree({})).with_entry(path, entry)
    plan = add(there)
    refusal = plan.refusals[0]
    assert refusal.reason.startswith("there is a way to log in already: from fastapi_users import")
    assert (refusal.path, refusal.line) == (path, 2)
    assert paths(plan) == set()
