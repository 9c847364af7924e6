"""Pictures and layouts beside those of other tools."""
