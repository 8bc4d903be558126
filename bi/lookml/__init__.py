"""LookML for the public marts: `python -m bi.lookml MANIFEST FOLDER`.

Views, explores, joins and measures come from dbt's manifest: contracts, unique keys,
`relationships` tests, and the metrics of the semantic layer. So a column or metric is described
once, for dbt, MetricFlow and Looker alike. Only the dashboards and the README are laid out by hand.
"""

from bi.lookml.files import files
from bi.lookml.marts import Column, Mart, Measure, Reference, marts

__all__ = ["Column", "Mart", "Measure", "Reference", "files", "marts"]
