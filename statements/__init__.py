"""What dbt runs send to DuckDB, recorded once and sent again without dbt.

The statements that dbt makes for a node follow from the project, the options of the run and a few
facts about the warehouse, whatever rows it holds; most of a run over few events is the price of
making them. `recording` keeps what a run sends, node by node; `situation` tells the facts that it
follows from; `runs` sends it again where they are the same, and has dbt itself run where they are
not.
"""
