"""The console: pages for stewards and analysts, served by the API's app under /console.

It is no twin of the API: a page calls the same functions as a route, with the same access, and leaves the same receipts.
"""

from context_api.console.routes import router

__all__ = ["router"]
