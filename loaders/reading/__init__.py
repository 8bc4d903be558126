"""From the bytes of an event file to typed rows, or to the reason why a line is none.

A file goes through four steps, some thousand lines at a time:

* `lines` inflates gzip and cuts the bytes into lines, whatever state the file is in;
* `blocks` decodes the lines that fit the field list exactly, column by column: the fast way;
* `gate` judges every other line, field by field: it is the rule, and the fast way gives the same
  rows; `forms` has the one form in which each kind of value is kept;
* `file_reader` goes through one file, opens it again where its store breaks off, and gives a
  `Batch` of Arrow rows at a time, with the `Account` of the file at its end: lines = events +
  rejected + blank.

The records of a stream have no file: `records` gives their lines, which take the same way.
`workers` shares files out to processes (`read_files`), or reads in this one where that is not worth
it. No event is judged by its meaning here, and nothing is known of the warehouse or of dlt.
"""

from loaders.reading.file_reader import Account, Batch, FileReader, Status
from loaders.reading.workers import read_files, read_records, refuse_rerun

__all__ = ["Account", "Batch", "FileReader", "Status", "read_files", "read_records", "refuse_rerun"]
