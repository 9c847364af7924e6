"""PDF: vector pages whose text can be searched (private)."""

from .pdf_pages import WRITER, write

__all__ = ["WRITER", "write"]
