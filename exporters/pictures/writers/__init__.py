"""The writers: from pages to the bytes of a file, one format a module or package (private)."""
