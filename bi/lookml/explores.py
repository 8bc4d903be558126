"""An explore of LookML for each mart with measures, joined to what its keys lead to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bi.lookml.marts import Mart, Reference
from bi.lookml.words import label, one_line


def explore(mart: Mart, marts: Mapping[str, Mart]) -> dict[str, Any]:
    """Give the explore of a mart.

    Every join leads from many rows to one, so that it adds no rows and no measure counts twice.
    """
    return {
        "name": mart.view,
        "label": label(mart.view),
        "group_label": "readership",
        "description": one_line(mart.description),
        "joins": [join(mart, one, marts[one.table]) for one in mart.references],
    }


def join(mart: Mart, reference: Reference, other: Mart) -> dict[str, Any]:
    """Give a join from a mart to another.

    Raises:
        ValueError: If the column that it leads to does not alone make a row unique.

    """
    if reference.other_column != other.primary_key:
        raise ValueError(
            f"{mart.table}.{reference.column} leads to {other.table}.{reference.other_column}, "
            "which is not its primary key"
        )
    name = joined_as(mart, reference, other)
    given: dict[str, Any] = {"name": name}
    if name != other.view:
        given |= {"from": other.view, "view_label": label(name)}
    return given | {
        "type": "left_outer",
        "relationship": "many_to_one",
        "sql_on": f"${{{mart.view}.{reference.column}}} = ${{{name}.{reference.other_column}}}",
    }


def joined_as(mart: Mart, reference: Reference, other: Mart) -> str:
    """Give the name of a joined view: the view's, or that of the part it plays.

    `post_key` leads to `posts`, `referrer_post_key` to `referrer_posts`.
    """
    if reference.column == reference.other_column and other.view != mart.view:
        return other.view
    return reference.column.removesuffix("_key") + "s"
