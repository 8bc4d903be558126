"""The HTTP application: routes, bodies, refusals, and the layer around all of them.

`app` adds a route per endpoint and `operations` those for whoever runs the service.
`authorization` checks site and secret, `bodies` renders JSON and JSONP, `description` is the text
of OpenAPI, and `routing` adds both together. `guard` is outermost: it limits requests, hides
tracebacks, and answers what the cache has.
"""

from readership.service.http.app import create_app

__all__ = [
    "create_app",
]
