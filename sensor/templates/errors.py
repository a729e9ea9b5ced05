"""What may be wrong with a template: its text, or what it does with a document."""


class TemplateError(ValueError):
    """A template cannot be read, or fails on this document. The text names line and column, both from 1."""

    def __init__(self, why: str, line: int = 0, column: int = 0) -> None:
        super().__init__(f"line {line}, column {column}: {why}" if line else why)
        self.why, self.line, self.column = why, line, column


class Fault(Exception):
    """The same inside the engine, where places are counted in characters from the start of the text."""

    def __init__(self, why: str, at: int) -> None:
        super().__init__(why)
        self.why, self.at = why, at

    def in_text(self, text: str) -> TemplateError:
        """Word the fault for people."""
        before = text[: self.at]
        return TemplateError(self.why, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
