"""The models built and the data tested by dbt, in one process, with the progress shown."""
