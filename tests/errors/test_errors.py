"""Error messages, and the secrets that no message contains."""

from __future__ import annotations

import json
import string
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readership.errors import UserError, redacted, without_callers, without_frame

SECRET = "s3cr/et+Value=0123"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://loader:pa55@db:5432/x", "postgresql://***@db:5432/x"),
        ("see https://:token@host/a.gz or b", "see https://***@host/a.gz or b"),
        ("https://ghp_abc123@host/a.gz", "https://***@host/a.gz"),
        ("s3://AKIA:pass/with/slashes@bucket/a", "s3://***@bucket/a"),
        (
            "https://b.s3.amazonaws.com/a.gz?X-Amz-Date=1&X-Amz-Credential=AKIA%2F1&"
            "X-Amz-Security-Token=t&X-Amz-Signature=abc&x=1",
            "https://b.s3.amazonaws.com/a.gz?X-Amz-Date=1&X-Amz-Credential=***&"
            "X-Amz-Security-Token=***&X-Amz-Signature=***&x=1",
        ),
        ("https://a/b.gz?sv=2024&se=2025&sig=a%2Fb=", "https://a/b.gz?sv=***&se=***&sig=***"),
        (
            "https://a/b?AWSAccessKeyId=A&Signature=b",
            "https://a/b?AWSAccessKeyId=***&Signature=***",
        ),
        ("https://a/b?token=c&key=d&page=2", "https://a/b?token=***&key=***&page=2"),
        ("https://a/b?access_token=c#top", "https://a/b?access_token=***#top"),
        ("AccountName=x;AccountKey=abc==;Suffix=y", "AccountName=x;AccountKey=***;Suffix=y"),
        ("host=db password='a b' dbname=x", "host=db password=*** dbname=x"),
    ],
)
def test_secrets_in_urls_and_parameters_are_hidden(text: str, expected: str) -> None:
    assert redacted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "/data/events/2024/05/01/a.jsonl.gz",
        "s3://bucket/events/2024/05/01/a@b.jsonl.gz",
        "http://127.0.0.1:9000/bucket/a@b.gz",
        "abfs://container@account.dfs.core.windows.net/a.gz",
        "check the key: it says secret, see the password file",
        "https://a/b?page=2&sort=asc",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize("spelling", [SECRET, quote(SECRET, safe=""), quote_plus(SECRET)])
def test_values_of_secret_variables_are_hidden_however_they_are_spelled(spelling: str) -> None:
    assert redacted(f"the store said <{spelling}> and no more") == (
        "the store said <***> and no more"
    )


@pytest.mark.parametrize(
    "name",
    [
        "AWS_SESSION_TOKEN",
        "MY_PASSWORD",
        "SOURCES__FILESYSTEM__CREDENTIALS__AZURE_STORAGE_ACCOUNT_KEY",
        "SOURCES__FILESYSTEM__CREDENTIALS__PRIVATE_KEY",
        "github_api_key",
        "AZURE_STORAGE_CONNECTION_STRING",
    ],
)
def test_many_names_of_variables_say_secret(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "abcdefgh-12")
    assert redacted("xabcdefgh-12x") == "x***x"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GOOGLE_APPLICATION_CREDENTIALS", "/home/me/key.json"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/home/me/key.json"),
        ("PWD", "/home/me"),
        ("SHORT_SECRET", "me"),
        ("AUTHOR", "home/me/key"),
    ],
)
def test_places_and_short_values_are_no_secrets(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    assert redacted("cannot read /home/me/key.json") == "cannot read /home/me/key.json"


def test_passwords_in_urls_of_the_environment_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", "postgresql://me:p%40ss@db:5432/x")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hunter2-hunter2@proxy")
    assert redacted("p@ss, p%40ss, hunter2-hunter2; passport") == "***, ***, ***; passport"


def test_secret_fields_of_json_in_the_environment_are_hidden(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    value = json.dumps({"client_email": "me@example.com", "private_key": "-----BEGIN 123"})
    monkeypatch.setenv("SOURCES__FILESYSTEM__CREDENTIALS", value)
    assert redacted("me@example.com -----BEGIN 123") == "me@example.com ***"


def test_all_parts_of_an_error_for_people_are_without_secrets() -> None:
    error = UserError(SECRET, f"s3://a:{SECRET}@b/c", f"?sig=abc {SECRET}")
    assert (error.what, error.where, error.remedy) == ("***", "s3://***@b/c", "?sig=*** ***")
    assert SECRET not in repr(error)


secrets = st.text(string.ascii_letters + string.digits + "/+=_-%:@!$.~", min_size=8, max_size=60)
words = st.text(max_size=30)


@given(secret=secrets, before=words, after=words)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_secret_of_the_environment_comes_through(
    secret: str, before: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("SOME_SECRET", secret)
        for spelling in (secret, quote(secret, safe=""), quote(secret), quote_plus(secret)):
            text = f"{before} {spelling} {after}"
            assert spelling not in redacted(text).replace("***", "\0")
            assert spelling not in str(UserError("x", text, "y")).replace("***", "\0")


parameters = st.sampled_from(
    [
        "X-Amz-Signature",
        "X-Amz-Credential",
        "X-Amz-Security-Token",
        "sig",
        "AWSAccessKeyId",
        "Signature",
        "token",
        "key",
        "X-Goog-Signature",
        "password",
        "client_secret",
    ]
)
marked = st.text(string.ascii_letters + string.digits, min_size=4, max_size=40).map("Zq9".__add__)


@given(
    name=parameters, value=marked, user=marked, password=marked,
    path=st.from_regex(r"[a-z/]{0,9}", fullmatch=True),
)  # fmt: skip
def test_no_login_and_no_signature_of_a_url_comes_through(
    name: str, value: str, user: str, password: str, path: str
) -> None:
    text = redacted(f"no answer from (https://{user}:{password}@host/{path}?a=1&{name}={value}).")
    assert "Zq9" not in text
    assert "a=1" in text


@given(st.text(max_size=200))
def test_hiding_twice_is_hiding_once(text: str) -> None:
    assert redacted(redacted(text)) == redacted(text)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "Compilation Error in operation readership-on-run-start-4 (./dbt_project.yml)\n"
            "  There is no\n  sites: run `dbt seed`\n  \n  > in macro check (macros/a.sql)\n"
            "  > called by <Unknown>",
            "There is no sites: run `dbt seed`",
        ),
        (
            "Compilation Error in model a (models/a.sql)\n  `b` is wrong\n  \n  > in macro c",
            "model a (models/a.sql): `b` is wrong",
        ),
        ("Compilation Error\n  no node", "no node"),
        ("Runtime Error\n  the file is locked", None),
        (
            # A query that a command asks the project for, as `readership enrich` does.
            "Runtime Error\n  Compilation Error in sql_operation inline_query (from remote x.sql)\n"
            "    `a` is wrong\n    \n    > in macro check (macros/a.sql)\n"
            "    > called by sql_operation inline_query (from remote x.sql)",
            "`a` is wrong",
        ),
    ],
)
def test_the_frame_of_dbt_is_taken_off_what_a_macro_says(message: str, said: str | None) -> None:
    assert without_frame(message) == said


def test_the_macros_through_which_an_error_came_are_left_out() -> None:
    said = "Failure in model a (models/a.sql)\n  Compilation Error in model a\n  `b` is wrong"
    trail = "\n  \n  > in macro check (macros/a.sql)\n  > called by macro c (macros/c.sql)\n"
    assert without_callers(said + trail) == said
    assert without_callers("1 > 0 is true\n\nanother line") == "1 > 0 is true\n\nanother line"
