"""What archgraph runs on: Pythons, with the newest packages and with the lowest allowed."""
