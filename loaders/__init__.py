"""Event files into the warehouse: every line once, nothing lost, nothing interpreted.

The way of a file, and where each step is:

* found: `planning` asks `listing` (with `days`, `kinds`, `sources`, `stores`) what there is, and
  the `ledger` what is known;
* read: `workers` share the files among processes, each a `Taker` of `taking`, which has `reading`
  make lines of bytes and `blocks` make rows of lines, by the rule in `gate`; `agents` and `hosts`
  describe what is met for the first time, as `met` tells; `limits` bound what one may take;
* loaded: `pipeline` gives the rows to `packages`, one dlt package at a time, into one of the
  `targets` through its `destination`; the last commit is the `ledger`'s;
* looked at: `progress` and `reports` tell of a load, `status` and `questions` of the warehouse,
  `showing` how that looks; `replay` takes rejected lines again.
"""
