"""Every error of the command is one line on stderr, and leaves the file as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from readership.audience import main


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("teir=5+", "no such rule: 'teir=5+': did you mean tier?"),
        ("visitor_key is not null", "use one of tier, rolling-tier, section, segment"),
        ("tier", "a rule has no value: 'tier': write tier=VALUE"),
        ("tier=5", "there is no tier 5: 'tier=5': use one of 1, 2-4, 5+"),
        ("tier=silent", "there is no tier silent: 'tier=silent': use one of 1, 2-4, 5+"),
        ("rolling-tier=3", "there is no rolling-tier 3: 'rolling-tier=3': use one of silent, 1,"),
        ("seen-within=30", "write seen-within=30d or seen-within=12h"),
        ("not-seen-within=0d", "days or hours"),
        ("section=Politcs", "no visitor has the section: 'Politcs': did you mean Politics?"),
        ("section=x' or 'x'='x", "no visitor has the section"),
        ("segment=gold", "no visitor has the segment: 'gold': there are premium, trial"),
    ],
)
def test_a_wrong_rule_is_refused(run: Callable, tmp_path: Path, rule: str, words: str) -> None:
    file = tmp_path / "audience.csv"
    file.write_text("of yesterday")
    fails_with(run(rule), words)
    assert file.read_text() == "of yesterday"


def test_two_spans_of_one_kind_are_refused(run: Callable) -> None:
    fails_with(run("seen-within=1d", "seen-within=2d"), "a rule is given twice: seen-within")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column visitor_site_id"),
        ("visitor\nann\n", "no column visitor_site_id"),
        ("visitor_site_id,agreed\nann,no\n", "other columns (agreed)"),
        ("visitor_site_id\nann\n", "does not say on which site"),
        ("visitor_site_id,site_id\nann,\n", "agreed.csv:2: give each row"),
        ("visitor_site_id,site_id\nann\n", "agreed.csv:2: give each row"),
        ('visitor_site_id,site_id\n"ann,a.example\n', "cannot be read"),
        ("visitor_site_id,site_id\n\udcff,a.example\n", "name a CSV in UTF-8"),
        (None, "No such file"),
    ],
)
def test_a_consent_list_that_is_not_clear_is_refused(
    run: Callable, tmp_path: Path, text: str | None, words: str
) -> None:
    listed = tmp_path / "agreed.csv"
    if text is not None:
        listed.write_bytes(text.encode(errors="surrogateescape"))
    fails_with(run("tier=5+", f"--consent={listed}"), words)
    assert not (tmp_path / "audience.csv").exists()


@pytest.mark.parametrize("key", ["marketing", "=true", 'a"b=true'])
def test_a_consent_key_needs_the_value_that_means_yes(run: Callable, key: str) -> None:
    fails_with(run("tier=5+", f"--consent-key={key}"), "write --consent-key KEY=VALUE")


def test_a_consent_key_that_no_event_has_is_refused(run: Callable, tmp_path: Path) -> None:
    done = run("tier=5+", "--consent-key=marketting=true")
    fails_with(done, "no event has the consent key: 'marketting': name the key as it is in")
    assert not (tmp_path / "audience.csv").exists()


def test_other_things_that_stop_it_are_one_line(
    run: Callable, warehouse: Path, tmp_path: Path
) -> None:
    fails_with(run("tier=5+", out="audience.xlsx"), "end the name with .csv or .parquet")
    fails_with(run("tier=5+", out="none/audience.csv"), "name another file with --out")
    fails_with(run("tier=5+", "--site=c.example"), "no such site: c.example: use one of a.example")
    fails_with(run("tier=5+", "--schema=marts"), "no such schema: marts")
    listed = tmp_path / "audience.csv"
    listed.write_text("visitor_site_id,site_id\nann,a.example\n")
    fails_with(run("tier=5+", f"--consent={listed}"), "the consent list would be overwritten")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("drop table fct_sessions")
    fails_with(run("tier=5+"), "fct_sessions", "run `readership build`")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "name --rule and --out"),
        (["--rule", "tier=1"], "name --out"),
        (["--rule", "tier=1", "--out", "a.csv"], "give one of --consent, --consent-key and"),
        (
            ["--rule", "tier=1", "--out", "a.csv", "--consent", "b", "--without-consent-list"],
            "give one of --consent, --consent-key and",
        ),
    ],
)
def test_a_command_line_without_rules_file_or_word_of_consent_is_wrong(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert words in capsys.readouterr().err.splitlines()[-1]


def fails_with(done: object, *words: str) -> None:
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("readership audience: ")
    assert done.err.count("\n") == 1
    for word in words:
        assert word in done.err
