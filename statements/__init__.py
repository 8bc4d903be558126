"""What a dbt run sends to DuckDB, recorded once and sent again without dbt.

dbt makes the same statements of the same project, command and warehouse, whatever rows the warehouse
holds; most of a run over few events is the price of making them. `recording` keeps what one run
sends, `situation` tells what of a warehouse those statements depend on, `runs` sends them again where
all of that is as it was, and has dbt itself run where it is not.
"""
