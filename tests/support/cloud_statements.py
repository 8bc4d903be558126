"""What dbt sends to a cloud warehouse, and what in it the warehouse does not have."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

from tests.support.warehouses import ROOT

# The virtual environment of each adapter; those that are not named share one.
CLOUDS = ROOT / ".venv-clouds"
APART = {"databricks": ROOT / ".venv-databricks"}
LISTS = ROOT / "tests" / "engines"

# Words before a bracket that call nothing.
_NO_CALLS = frozenset({
    "all", "and", "any", "as", "between", "by", "case", "check", "distinct", "else", "end",
    "except", "exists", "filter", "from", "group", "having", "in", "insert", "intersect",
    "interval", "into", "is", "join", "lateral", "like", "limit", "not", "on", "or", "order",
    "over", "select", "set", "some", "table", "tblproperties", "then", "union", "update", "using",
    "values", "when", "where", "with", "within",
})  # fmt: skip
# Types with a size or parts, and what a table has in brackets.
_TYPES = frozenset({"decimal", "numeric", "options", "row", "struct", "timestamp", "varchar"})
# Engines whose regular expressions have no groups that are not counted, and no flags.
_POSIX = frozenset({"snowflake"})
# The longest statement that Athena takes:
# https://docs.aws.amazon.com/athena/latest/ug/service-limits.html
_LONGEST_OF_ATHENA = 262_144
_NO_TYPES_OF_BIGQUERY = frozenset({"double", "varchar"})
# Statements of dbt's own that sqlglot does not read.
_OF_DBT = ("alter table", "comment on")


@dataclass(frozen=True)
class Statement:
    """A statement with the node of dbt that sent it."""

    node: str
    text: str


def reason_not_to_run(target: str) -> str | None:
    """Return what is missing here to compile for a cloud warehouse; None if nothing is."""
    place = APART.get(target, CLOUDS).name
    ready = (ROOT / place / ".ready").exists()
    return None if ready else f"there is no {place}: make {place.replace('.venv', 'setup')}"


def sent(target: str, state: str, folder: Path, *command: str) -> list[Statement]:
    """Return the statements of a run of dbt, each once.

    Args:
        target: The target of profiles.yml.
        state: `empty` or `built`, see tests/support/cloud_driver.py.
        folder: Where dbt may write.
        command: The arguments of dbt.

    """
    done, file = driven(target, state, folder, *command)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, str] = {}
    for line in file.read_text().splitlines():
        node, text = json.loads(line)
        found.setdefault(text.strip().rstrip(";"), node)
    return [Statement(node, text) for text, node in found.items()]


def driven(
    target: str, state: str, folder: Path, *command: str, profiles: Path = ROOT / "profiles"
) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Run dbt; return what came of it, and the file with the statements.

    Args:
        target: The target of the profile.
        state: `empty` or `built`, see tests/support/cloud_driver.py.
        folder: Where dbt may write.
        command: The arguments of dbt.
        profiles: The folder of the profile.

    """
    file = folder / "statements.jsonl"
    python = APART.get(target, CLOUDS) / "bin" / "python"
    done = subprocess.run(
        [python, "-m", "tests.support.cloud_driver", target, state, file, *command],
        cwd=ROOT,
        env={
            **os.environ,
            "DBT_PROFILES_DIR": str(profiles),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done, file


def listed_functions(engine: str) -> frozenset[str]:
    """Return the functions that an engine has, as far as they are listed."""
    return _listed(LISTS / "functions" / f"{engine}.txt")


@cache
def _listed(file: Path) -> frozenset[str]:
    lines = file.read_text().splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def called_functions(engine: str, statement: Statement) -> set[str]:
    """Return the names that a statement calls, by its words: those before a bracket."""
    tokens = Dialect.get_or_raise(engine).tokenize(statement.text)
    found: set[str] = set()
    for index, token in enumerate(tokens[:-1]):
        name = token.text.lower()
        if (
            tokens[index + 1].token_type == TokenType.L_PAREN
            and token.token_type not in (TokenType.STRING, TokenType.NUMBER, TokenType.IDENTIFIER)
            and name.replace("_", "").isalnum()
            and name not in _NO_CALLS | _TYPES
            and not _is_of_a_relation(tokens, index)
            and not _has_its_columns_named(tokens, index)
        ):
            found.add(name)
    return found


def _is_of_a_relation(tokens: list[Token], index: int) -> bool:
    """Whether a name is a relation's, such as in `insert into schema.name (columns)`."""
    before = tokens[index - 1].text.lower() if index else ""
    if before == ".":
        # BigQuery's functions that give null instead of an error.
        return tokens[index - 2].text.lower() != "safe"
    return before in ("into", "table", "view")


def _has_its_columns_named(tokens: list[Token], index: int) -> bool:
    """Whether a name has its columns named: `name (column, ...) as (`, `as name (column, ...)`."""
    for after in range(index + 2, len(tokens)):
        if tokens[after].token_type == TokenType.R_PAREN:
            return tokens[index - 1].text.lower() == "as" or [
                one.text.lower() for one in tokens[after + 1 : after + 3]
            ] == ["as", "("]
        if tokens[after].token_type not in (TokenType.VAR, TokenType.COMMA):
            return False
    return False


def problems(engine: str, statement: Statement) -> Iterator[str]:
    """Yield what is wrong with a statement: it does not parse, or has what the engine lacks."""
    # It reads `describe`, but not of a query.
    text = re.sub(r"\A\s*describe query\b", "", statement.text)
    try:
        trees = sqlglot.parse(text, dialect=engine)
    except SqlglotError as error:
        yield f"does not parse: {str(error).splitlines()[0]}"
        return
    for tree in trees:
        for part in tree.walk() if tree else ():
            if isinstance(part, exp.Command) and not is_of_dbt(statement):
                yield f"is not read: {part.sql()[:60]}"
            elif (
                isinstance(part, exp.Identifier)
                and not part.args.get("quoted")
                and part.name.lower() in _listed(LISTS / "reserved" / f"{engine}.txt")
            ):
                yield f"names something by a reserved word: {part.name}"
            elif isinstance(part, exp.AtTimeZone):
                yield "has `at time zone`"
            elif isinstance(part, exp.Filter):
                yield "has `filter (where ...)`"
            elif isinstance(part, exp.With) and part.args.get("recursive"):
                yield from _recursive_unions(part)
    tokens = Dialect.get_or_raise(engine).tokenize(statement.text)
    if engine == "bigquery":
        yield from _refused_by_bigquery(trees, tokens)
    elif engine == "databricks":
        yield from _refused_by_databricks(trees, tokens)
    elif engine in ("trino", "athena"):
        yield from _refused_by_trino(trees, tokens)
    if engine == "athena" and len(statement.text.encode()) > _LONGEST_OF_ATHENA:
        yield f"is longer than {_LONGEST_OF_ATHENA:,} bytes"
    for token in tokens:
        if token.token_type == TokenType.STRING and "(?" in token.text and engine in _POSIX:
            yield f"has a pattern that is not of POSIX: {token.text[:60]}"
        elif token.token_type == TokenType.IDENTIFIER and _is_folded_otherwise(engine, token.text):
            yield f"quotes a name in another case than it has: {token.text}"


def _refused_by_bigquery(trees: list[exp.Expr | None], tokens: list[Token]) -> Iterator[str]:
    """Yield what sqlglot reads and BigQuery does not."""
    for token, after in pairwise(tokens):
        words = (token.text.lower(), after.text.lower())
        if words == ("lateral", "("):
            yield "has `lateral`"
        elif words[0] == "as" and words[1] in _NO_TYPES_OF_BIGQUERY:
            yield f"has the type {words[1]}"
    for tree in trees:
        for part in tree.walk() if tree else ():
            if (
                isinstance(part, exp.Select)
                and part.args.get("where")
                and not part.args.get("from_")
            ):
                yield "has `where` without `from`"
            elif isinstance(part, (exp.Delete, exp.Update)):
                yield from _changes_of_bigquery(part)
            elif isinstance(part, exp.WithinGroup):
                yield "has `within group`"
            elif isinstance(part, exp.In) and isinstance(part.this, exp.Tuple):
                yield "has several columns before `in`"
            elif isinstance(part, exp.RegexpExtract) and part.expression.name.count("(") > (
                part.expression.name.count("(?") + part.expression.name.count("[(") + 1
            ):
                yield f"has a pattern with several groups: {part.expression.name[:60]}"


def _changes_of_bigquery(change: exp.Delete | exp.Update) -> Iterator[str]:
    """Yield what is wrong with a `delete` or `update`."""
    # Those of a merge have the condition of their branch.
    if change.find_ancestor(exp.Merge):
        return
    condition = change.args.get("where")
    if not condition:
        yield "has no condition: a statement without `where`"
        return
    for exists in condition.find_all(exp.Exists):
        inner = exists.find(exp.Where)
        if not (inner and inner.find(exp.EQ)):
            yield "refers to the row outside by other than an equality"


def _refused_by_databricks(trees: list[exp.Expr | None], tokens: list[Token]) -> Iterator[str]:
    """Yield what sqlglot reads and Databricks does not, or not as it is meant."""
    for token, after in pairwise(tokens):
        if (token.text.lower(), after.text.lower()) == ("as", "timestamp"):
            yield "has the type timestamp, a time with a zone"
    if tokens and tokens[-1].text.lower() == "purge":
        yield "has `purge`"
    for tree in trees:
        for deletion in tree.find_all(exp.Delete) if tree else ():
            for query in deletion.find_all(exp.Select):
                if query.find_ancestor(exp.Select, exp.Delete) is not deletion:
                    yield "deletes by a subquery inside a subquery"


def _refused_by_trino(trees: list[exp.Expr | None], tokens: list[Token]) -> Iterator[str]:
    """Yield what sqlglot reads and Trino does not, or not as it is meant."""
    for token, after, third in zip(tokens, tokens[1:], [*tokens[2:], *tokens[-1:]], strict=False):
        words = (token.text.lower(), after.text.lower())
        if words == ("as", "timestamp") and third.token_type != TokenType.L_PAREN:
            yield "has the type timestamp, with milliseconds"
        elif words[0] == "is" and words[1] in ("true", "false"):
            yield f"has `is {words[1]}`"
        elif words[0] == "interval" and not after.text.isdigit():
            yield f"has an interval with its unit in the text: {after.text}"
    for tree in trees:
        for part in tree.walk() if tree else ():
            if isinstance(part, exp.WithinGroup):
                yield "has `within group`"
            elif isinstance(part, exp.Group) and isinstance(part.parent, exp.Select):
                made = {
                    one.alias
                    for one in part.parent.expressions
                    if isinstance(one, exp.Alias) and not isinstance(one.this, exp.Column)
                }
                for key in part.expressions:
                    if isinstance(key, exp.Column) and not key.table and key.name in made:
                        yield f"groups by an alias: {key.name}"


def _clauses(part: exp.Expr) -> set[str]:
    return {name for name, clause in part.args.items() if clause}


def _is_folded_otherwise(engine: str, name: str) -> bool:
    return engine == "snowflake" and name != name.upper()


def _recursive_unions(queries: exp.With) -> Iterator[str]:
    for query in queries.expressions:
        union = query.this
        if (
            isinstance(union, exp.Union)
            and union.args.get("distinct")
            and any(table.name == query.alias for table in union.find_all(exp.Table))
        ):
            yield f"has a recursive `union` without `all`: {query.alias}"


def is_of_dbt(statement: Statement) -> bool:
    """Whether a statement is one that dbt's adapter writes comments with."""
    return " ".join(statement.text.lower().split()).startswith(_OF_DBT)
