"""PDF: vector pages whose text can be searched."""

from .pdf_pages import write

__all__ = ["write"]
