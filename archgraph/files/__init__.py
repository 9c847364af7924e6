"""Files read and written: whole or not at all, under names that every system takes (private)."""

from archgraph.files.file_names import FileNames
from archgraph.files.whole_files import (
    Both,
    is_stream,
    plain_file,
    read_text,
    replacing,
    replacing_both,
    temporary_folder,
    write_bytes,
    write_text,
)

__all__ = [
    "Both",
    "FileNames",
    "is_stream",
    "plain_file",
    "read_text",
    "replacing",
    "replacing_both",
    "temporary_folder",
    "write_bytes",
    "write_text",
]
