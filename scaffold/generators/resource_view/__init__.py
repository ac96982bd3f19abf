"""A resource as its templates see it: names, lines of code and test data, all made here.

``view(resource, package, resources)`` is pure; the templates in ``templates/resource`` only place what it
gives.
"""

from scaffold.generators.resource_view.changes import ChangeView, change_view, unsafe
from scaffold.generators.resource_view.relations import (
    Resources,
    links_of,
    referring_to,
    showing,
    targets_of,
    unrelated,
)
from scaffold.generators.resource_view.seams import Woven, weave
from scaffold.generators.resource_view.view import ResourceView, variable_of, view

__all__ = [
    "ChangeView",
    "ResourceView",
    "Resources",
    "Woven",
    "change_view",
    "links_of",
    "referring_to",
    "showing",
    "targets_of",
    "unrelated",
    "unsafe",
    "variable_of",
    "view",
    "weave",
]
