"""The relations of a resource as its templates see them: both sides of each, under free names.

Names depend on the resources alone, not on the order in which they came to be: the same set gives
the same files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scaffold.api import Refuse
from scaffold.spec.errors import UsageError
from scaffold.spec.fields import Field, Key
from scaffold.spec.kinds import INTEGERS
from scaffold.spec.known import Resources as Known
from scaffold.spec.naming import link_table_name, parse_name, pascal
from scaffold.spec.reserved import TIMESTAMPS, why_not_field
from scaffold.spec.resource import Resource

Resources = Mapping[str, Resource]


@dataclass(frozen=True)
class Relation:
    """A relation of ``owner``; ``back`` is the relationship of the target to its owners."""

    field: Field
    owner: Resource
    target: Resource
    back: str

    @property
    def name(self) -> str:
        """The relationship: what ``include`` calls it, the last part of a path of links."""
        return self.field.name

    @property
    def plural(self) -> str:
        """The modules of the target."""
        return self.target.name.snake_plural

    @property
    def model(self) -> str:
        """The class of the target."""
        return self.target.name.pascal

    @property
    def to_itself(self) -> bool:
        """Whether both sides are one table."""
        return self.owner.name == self.target.name


@dataclass(frozen=True)
class Reference(Relation):
    """A many-to-one.

    ``several`` tells that the two tables have more than one foreign key between them.
    """

    several: bool

    @property
    def attribute(self) -> str:
        """The column that has the target's key."""
        return self.field.attribute

    @property
    def key(self) -> Key:
        """The column that it refers to."""
        return self.target.key[0]


@dataclass(frozen=True)
class Link(Relation):
    """A many-to-many: a table of links with a column for each side; ``one`` is a linked row."""

    one: str

    @property
    def title(self) -> str:
        """One of the target in a sentence."""
        return self.target.name.title

    @property
    def key(self) -> str:
        """The attribute that is the target's key."""
        return self.target.key[0].name

    @property
    def path_type(self) -> str:
        """The type of the target's key in a path, one of the project's own."""
        key = self.target.key[0]
        return "Id" if key.numbered else "Int32" if key.type == "int" else "Int64"

    @property
    def query(self) -> str:
        """The schema of the query of its list."""
        return f"{self.owner.name.pascal}{pascal(self.name)}Query"

    @property
    def variable(self) -> str:
        """The table in Python."""
        return f"{self.owner.name.snake_plural}_{self.name}"

    @property
    def table(self) -> str:
        """The table in the database."""
        return link_table_name(self.owner.name.snake_plural, self.name)

    @property
    def own_column(self) -> str:
        """The column of the owner's key; a parameter of the path too."""
        return f"{self.owner.name.snake}_id"

    @property
    def other_column(self) -> str:
        """The column of the target's key; a parameter of the path too."""
        same = self.one == self.owner.name.snake
        return f"other_{self.one}_id" if same else f"{self.one}_id"

    @property
    def segment(self) -> str:
        """The part of the path after the owner's key."""
        return self.name.replace("_", "-")


@dataclass(frozen=True)
class Relations:
    """All relations that a resource has a side of, its own in the order of its fields.

    ``circular`` are those of its references that other tables lead back from, and that can be null.
    """

    references: tuple[Reference, ...] = ()
    links: tuple[Link, ...] = ()
    referrers: tuple[Reference, ...] = ()
    linkers: tuple[Link, ...] = ()
    circular: tuple[Reference, ...] = ()

    def target_of(self, field: Field) -> Resource:
        """The resource that the reference ``field`` refers to."""
        return next(one.target for one in self.references if one.field == field)

    def key_of(self, field: Field) -> Key:
        """The key that the reference ``field`` holds."""
        return self.target_of(field).key[0]


def relations_of(resource: Resource, resources: Resources) -> Relations:
    """The relations of ``resource``, which may be one of ``resources`` in another shape."""
    known = among(resource, resources)
    others = tuple(known.relating_to(resource.name.snake_plural))
    own = references_of(resource, known)
    return Relations(
        references=own,
        links=links_of(resource, known),
        circular=tuple(
            one
            for one in own
            if one.field.optional and not one.to_itself and leads_back(one, known)
        ),
        referrers=tuple(
            one for other in others for one in references_of(other, known) if one.target == resource
        ),
        linkers=tuple(
            one for other in others for one in links_of(other, known) if one.target == resource
        ),
    )


def among(resource: Resource, resources: Resources) -> Known:
    """``resources`` with ``resource`` as one of them; none is read that nobody asks for."""
    known = resources if isinstance(resources, Known) else Known({}, resources)
    return known | {resource.name.snake_plural: resource}


def targets_of(resource: Resource) -> frozenset[str]:
    """The plural names of the other resources that it relates to."""
    names = (field.to for field in (*resource.references, *resource.links))
    return frozenset(name for name in names if name and name != resource.name.snake_plural)


def leads_back(one: Reference, resources: Resources) -> bool:
    """Whether references lead from the target to the resource that refers to it."""
    owner = one.owner.name.snake_plural
    seen: set[str] = set()
    ahead = [one.target.name.snake_plural]
    while ahead:
        name = ahead.pop()
        if name == owner:
            return True
        if name not in seen and name in resources:
            seen.add(name)
            ahead += [field.to for field in resources[name].references if field.to]
    return False


def showing(resource: Resource, resources: Resources) -> tuple[Resource, ...]:
    """The other resources that show rows of ``resource``: by a reference or by links."""
    name = resource.name.snake_plural
    others = (other for other in resources.values() if other.name != resource.name)
    return tuple(o for o in others if name in {f.to for f in (*o.references, *o.links)})


def referring_to(resource: Resource, resources: Resources) -> tuple[Resource, ...]:
    """The other resources that references lead from to ``resource``, over others or not."""
    known = among(resource, resources)
    found: dict[str, Resource] = {}
    ahead = [resource.name.snake_plural]
    while ahead:
        target = ahead.pop()
        for other in known.relating_to(target):
            name = other.name.snake_plural
            if name not in found and target in {field.to for field in other.references}:
                found[name] = other
                ahead.append(name)
    found.pop(resource.name.snake_plural, None)
    return tuple(found.values())


def unrelated(resource: Resource, resources: Resources) -> Iterator[Refuse]:
    """Why the relations of ``resource`` can't be, given the other ``resources``."""
    known = among(resource, resources)
    for field in (*resource.references, *resource.links):
        target = known.get(field.to or "")
        if target is None:
            there = ", ".join(sorted(known)) or "none"
            yield Refuse(
                f"{field.name} refers to {field.to}, and there is no such resource "
                f"(there are: {there}): add it first, or say another one as "
                + (f"{field.name}:ref:to=…" if field.type == "ref" else f"{field.name}:many:…")
            )
        else:
            yield from _unusable_keys(field, resource, target)
    links = links_of(resource, known)
    tables = _tables(resource, known) if links else {}
    for link in links:
        if link.table in tables:
            yield Refuse(f"the links {link.name} would be in the table of {tables[link.table]}")


def _tables(resource: Resource, known: Resources) -> dict[str, str]:
    """What each table holds, those of the links of ``resource`` left out."""
    tables = {other.table: name for name, other in known.items()}
    return tables | {
        link.table: f"the links of {name}"
        for name, other in known.items()
        for link in links_of(other, known)
        if other.name != resource.name
    }


def _unusable_keys(field: Field, resource: Resource, target: Resource) -> Iterator[Refuse]:
    several = "is of several columns"
    if len(target.key) > 1:
        yield Refuse(f"{field.name} refers to {field.to}, whose key {several}")
    elif field.type == "ref":
        key = target.key[0]
        if key.type == "enum" or not (key.given or key.type in INTEGERS):
            yield Refuse(f"{field.name} refers to {field.to}, whose key is {key.type}")
    else:
        for one in {resource.name: resource, target.name: target}.values():
            if len(one.key) > 1 or one.key[0].given or one.key[0].type not in INTEGERS:
                plural = one.name.snake_plural
                yield Refuse(f"{field.name}: links need a numbered key, and {plural} has another")


def references_of(owner: Resource, known: Resources) -> tuple[Reference, ...]:
    """The references of ``owner`` to resources that are ``known``."""
    return tuple(_references(owner, known))


def links_of(owner: Resource, known: Resources) -> tuple[Link, ...]:
    """The links of ``owner`` to resources that are ``known``."""
    return tuple(_links(owner, known))


def _target(owner: Resource, field: Field, known: Resources) -> Resource | None:
    return owner if field.to == owner.name.snake_plural else known.get(field.to or "")


def _references(owner: Resource, known: Resources) -> Iterator[Reference]:
    for field in owner.references:
        target = _target(owner, field, known)
        if target is not None:
            keys = {(owner.name, one.name) for one in _to(owner, target)}
            keys |= {(target.name, one.name) for one in _to(target, owner)}
            back = _back_name(owner, field, target)
            yield Reference(field, owner, target, back, len(keys) > 1)


def _links(owner: Resource, known: Resources) -> Iterator[Link]:
    ones = [_one_of(field) for field in owner.links]
    for field, one in zip(owner.links, ones, strict=True):
        target = _target(owner, field, known)
        if target is not None:
            single = one if ones.count(one) == 1 else field.name
            yield Link(field, owner, target, _back_name(owner, field, target), single)


def _to(owner: Resource, target: Resource) -> list[Field]:
    return [field for field in owner.references if field.to == target.name.snake_plural]


def _one_of(field: Field) -> str:
    """What one of the linked rows is called: the singular of the field's name."""
    try:
        return parse_name(field.name).snake
    except UsageError:
        return field.name


def _back_name(owner: Resource, field: Field, target: Resource) -> str:
    """``orders``; ``orders_by_payer`` where another relation between the two has that name."""
    plain = owner.name.snake if field.unique else owner.name.list_name
    long = f"{plain}_by_{field.name}"
    first = next(one for one in owner.fields if one.to == field.to)
    if owner.name != target.name and first == field and not _taken(plain, target):
        return plain
    while _taken(long, target):
        long += "_"
    return long


def _taken(name: str, resource: Resource) -> bool:
    names = {key.name for key in resource.key} | {*TIMESTAMPS}
    names |= {field.name for field in resource.fields}
    names |= {field.attribute for field in resource.fields}
    return name in names or why_not_field(name) is not None
