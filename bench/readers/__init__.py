"""Files for other people's tools, opened by these tools' own readers in a browser."""
