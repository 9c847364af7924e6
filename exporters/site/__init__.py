"""The gallery as a site: an index and a page per network, with everything to download (private)."""

from .write_site import Written, write_site

__all__ = ["Written", "write_site"]
