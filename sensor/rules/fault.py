"""What a rule gives."""

Place = tuple[str | int, ...]
"""Where in the document: `("spec", "triggers", 0)`."""
Fault = tuple[Place, str]
"""Where, and what is wrong."""
