"""The dashboard: one document of numbers for a site and period, and the page that shows it.

`document` makes the documents from answers to calls and from the routines of
macros/operations/dashboard_answers.sql, so that the page has the numbers of the API. `questions`
are what the service is asked for. `assets` has the files of the page, served one by one, or joined
with documents to a single file that needs no service. Nothing here knows HTTP.
"""

from readership.service.dashboard.assets import FILE_POLICY, PAGE_POLICY, asset, single_file
from readership.service.dashboard.document import PERIODS, dashboard_of, post_of
from readership.service.dashboard.questions import DashboardCall, DashboardQuery, PostCall

__all__ = [
    "FILE_POLICY",
    "PAGE_POLICY",
    "PERIODS",
    "DashboardCall",
    "DashboardQuery",
    "PostCall",
    "asset",
    "dashboard_of",
    "post_of",
    "single_file",
]
