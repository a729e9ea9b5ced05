"""What an event means to a trigger: whose event it is (`match`), and whether it is enough (`conditions`)."""
