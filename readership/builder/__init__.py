"""Build the models and test the data with dbt, in one process that reports its progress."""
