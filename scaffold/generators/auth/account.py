"""The resource that accounts are rows of: what it must be, and as its templates see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scaffold.api import Field, Refuse, Resource, Seam, make_resource, parse_field, print_field
from scaffold.generators.resource_view import Woven
from scaffold.generators.resource_view.enums import enum_views
from scaffold.generators.resource_view.imports import Scope
from scaffold.generators.resource_view.samples import varied
from scaffold.generators.resource_view.schemas import request_lines

EMAIL = "email:email:unique:folded"
ROLE = "role:enum:admin,user:readonly:default=user"
ACTIVE = "is_active:bool:readonly:default=true"
ADMIN = "admin"
_READ_AS_JSON = ("int", "bigint", "float", "bool", "json")


@dataclass(frozen=True)
class ProfileField:
    """What people tell of themselves: its line in a schema, its option, a value in the tests."""

    name: str
    line: str
    option: str
    json: bool
    sample: str


@dataclass(frozen=True)
class UserName:
    """The second name to log in with; ``least`` is how many characters it has."""

    required: bool
    least: int


@dataclass(frozen=True)
class AccountView:
    """Names that the templates of ``templates/auth`` need of the account's resource.

    ``roles`` are the values of its enum ``role`` with their members; ``admin`` and ``member`` are
    those of administrators and of everybody new.
    """

    package: str
    pascal: str
    plural: str
    title: str
    table: str
    path: str
    role: str
    admin: str
    member: str
    member_value: str
    roles: tuple[tuple[str, str], ...]
    username: UserName | None
    fields: tuple[ProfileField, ...]
    seams: tuple[Seam, ...]

    @property
    def named(self) -> bool:
        """Whether every user has a second name to log in with."""
        return self.username is not None and self.username.required

    @property
    def reads_json(self) -> bool:
        """Whether an option of the command line has JSON."""
        return any(field.json for field in self.fields)

    @property
    def numbered(self) -> bool:
        """Whether the values of the tests differ by a number."""
        return any("number" in field.sample for field in self.fields)

    def profile(self, name: str) -> str:
        """What follows in a dict of a request of this user, if anything is to be told."""
        return f", **profile({name})" if self.fields else ""

    def imports(self, module: str, own: str) -> str:
        """The import statements of a module, with those that its fields need."""
        return Woven(self.package, self.seams).imports(module, own)


def fitted(users: str, known: Resource | None) -> Resource | tuple[Refuse, ...]:
    """The account's resource, made of the one that is there if any; or why that can't be one."""
    if known is None:
        wanted = make_resource(users, (EMAIL, ROLE, ACTIVE))
    else:
        other = "--users with another name makes accounts a resource of their own"
        refusals = tuple(replace(one, reason=f"{one.reason} ({other})") for one in _unfit(known))
        if refusals:
            return refusals
        wanted = replace(known, fields=tuple(_fields(known)))
    return replace(wanted, aspects={**wanted.aspects, "account": {}})


def newly_folded(known: Resource | None, wanted: Resource) -> tuple[str, ...]:
    """The fields whose rows don't have their one form yet."""
    if known is None:
        return ()
    before = {field.name for field in known.fields if field.folded}
    return tuple(f.name for f in wanted.fields if f.folded and f.name not in before)


def _fields(known: Resource) -> Iterator[Field]:
    there = {field.name for field in known.fields}
    for field in known.fields:
        names = field.name == "email" or (field.name == "username" and field.unique)
        rights = field.name in ("role", "is_active")
        yield replace(field, folded=field.folded or names, readonly=field.readonly or rights)
    yield from (parse_field(text) for text in (ROLE, ACTIVE) if text.split(":")[0] not in there)


def _unfit(known: Resource) -> Iterator[Refuse]:
    """Why accounts can't be rows of this resource, each reason with the way on."""
    plural = known.name.snake_plural
    fields = {field.name: field for field in known.fields}
    if [(key.name, key.type) for key in known.key] != [("id", "bigint")]:
        yield Refuse(f"the key of {plural} is not a number called id, which accounts need")
    email = fields.get("email")
    if email is None or email.type != "email" or not email.unique or _hidden(email):
        said = f"is {print_field(email)}" if email else "is missing"
        yield Refuse(f"the field email of {plural} {said}: accounts need email:email:unique")
    username = fields.get("username")
    if username is not None and (username.type != "str" or not username.unique):
        yield Refuse(
            f"the field username of {plural} is {print_field(username)}: accounts need it to be "
            "username:str:unique, or to have another name"
        )
    for field in known.references:
        if _is_told(field):
            yield Refuse(
                f"the field {field.name} of {plural} is required and refers to another resource: "
                "who registers can't name one, so make it optional"
            )
    role = fields.get("role")
    if role is not None and not _is_role(role):
        yield Refuse(
            f"the field role of {plural} is {print_field(role)}: accounts need an enum with the "
            f"value {ADMIN} and another one as its default, as {ROLE}"
        )
    active = fields.get("is_active")
    if active is not None and (active.type != "bool" or active.default != "true"):
        yield Refuse(f"the field is_active of {plural} is {print_field(active)}, not {ACTIVE}")


def _hidden(field: Field) -> bool:
    return field.optional or field.readonly or field.writeonly


def _is_role(field: Field) -> bool:
    known = field.type == "enum" and ADMIN in field.values and not field.optional
    return known and not field.writeonly and field.default not in (None, ADMIN)


def account_view(resource: Resource, package: str) -> AccountView:
    """The account's resource as the templates of ``templates/auth`` see it."""
    fields = {field.name: field for field in resource.fields}
    told = [field for field in resource.columns if _is_told(field)]
    lines, imports = request_lines(resource, package, [field.name for field in told])
    scope = Scope(())
    role, enum = fields["role"], enum_views(resource)["role"]
    username = fields.get("username")
    return AccountView(
        package=package,
        pascal=resource.name.pascal,
        plural=resource.name.snake_plural,
        title=resource.name.title,
        table=resource.table,
        path=resource.path,
        role=enum.name,
        admin=enum.members[ADMIN],
        member=enum.members[role.typed_default],
        member_value=role.typed_default,
        roles=tuple(enum.members.items()),
        username=UserName(_is_told(username), username.typed_min or 0) if username else None,
        fields=tuple(_profile_fields(told, lines, scope)),
        seams=(
            Seam("schemas", "", (), tuple(imports.splitlines())),
            Seam("tests", "", (), tuple(scope.lines(package).splitlines())),
        ),
    )


def _is_told(field: Field) -> bool:
    """Whether a user can't be without it, and has to say it."""
    required = not field.optional and field.default is None and not field.readonly
    return required and field.name != "email"


def _profile_fields(
    told: Iterable[Field], lines: Iterable[str], scope: Scope
) -> Iterator[ProfileField]:
    for field, line in zip(told, lines, strict=True):
        sample = "username(name)" if field.name == "username" else varied(field, scope).expression
        option = "--" + field.name.replace("_", "-")
        yield ProfileField(field.name, line, option, field.type in _READ_AS_JSON, sample)
