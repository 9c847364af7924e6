"""What is left when a command that writes is killed, stopped, refused or runs twice at once."""
