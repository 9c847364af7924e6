"""PDF: vector pages whose text can be searched.

Private: it may change in any release.
"""

from .pdf_pages import WRITER, write

__all__ = ["WRITER", "write"]
