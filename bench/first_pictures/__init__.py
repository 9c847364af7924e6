"""The first picture of any network, drawn without an option, and what is wrong with it."""
