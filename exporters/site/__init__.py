"""The gallery as a site: an index and one page per network, with everything to download.

Private: it may change in any release.
"""

from .write_site import Written, write_site

__all__ = ["Written", "write_site"]
