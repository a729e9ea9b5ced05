"""Put the tokens of a template together: its main body, and the bodies that it defines by name."""

from collections.abc import Mapping

from common.sprig import Function
from sensor.templates import constants
from sensor.templates.errors import Fault
from sensor.templates.lexer import Kind, Token, tokens
from sensor.templates.nodes import (
    Action,
    Body,
    Bool,
    Break,
    Call,
    Chain,
    Command,
    Continue,
    Dot,
    Field,
    If,
    Include,
    Literal,
    Nil,
    Node,
    Number,
    Operand,
    Pipe,
    Range,
    Text,
    Variable,
)

MAIN = "param"
_DEEPEST = 100
_OPERANDS = frozenset({
    Kind.BOOL, Kind.CHARACTER, Kind.COMPLEX, Kind.DOT, Kind.FIELD, Kind.NAME, Kind.NUMBER, Kind.RAW, Kind.STRING,
    Kind.VARIABLE, Kind.OPEN,
})  # fmt: skip
_NO_COMMANDS = (Bool, Dot, Nil, Number, Text)


def parse(text: str, functions: Mapping[str, Function]) -> dict[str, Body]:
    """Give the bodies of a template by name; `MAIN` is its own. Raises `Fault`."""
    parser = _Parser(list(tokens(text)), functions)
    parser.main()
    return parser.bodies


class _Parser:
    def __init__(self, found: list[Token], functions: Mapping[str, Function]) -> None:
        self.tokens = found
        self.at = 0
        self.functions = functions
        self.bodies: dict[str, Body] = {}
        self.variables = ["$"]
        self.ranges = 0
        self.depth = 0

    # ------------------------------------------------------------------------------------------------------- tokens

    def peek(self, *, spaces: bool = False) -> Token:
        """Look at the next token, past spaces unless they matter."""
        at = self.at
        while not spaces and self.tokens[at].kind is Kind.SPACE:
            at += 1
        return self.tokens[at]

    def next(self, *, spaces: bool = False) -> Token:
        """Take the next token."""
        while not spaces and self.tokens[self.at].kind is Kind.SPACE:
            self.at += 1
        token = self.tokens[self.at]
        self.at += token.kind is not Kind.END
        return token

    def expect(self, kind: Kind, context: str) -> Token:
        """Take the next token, which must be of a kind."""
        token = self.next()
        if token.kind is not kind:
            raise self.unexpected(token, context)
        return token

    def unexpected(self, token: Token, context: str) -> Fault:
        """Word the fault of a token that does not belong there."""
        return Fault(f"unexpected {token.text or 'end of the template'!r} in {context}", token.at)

    def keyword(self, *words: str) -> bool:
        """Say whether a keyword comes next."""
        token = self.peek()
        return token.kind is Kind.KEYWORD and token.text in words

    # ------------------------------------------------------------------------------------------------------- bodies

    def main(self) -> None:
        """Read the whole template."""
        body: list[Node] = []
        while self.peek().kind is not Kind.END:
            start = self.at
            if self.next().kind is Kind.LEFT and self.keyword("define"):
                self.define()
                continue
            self.at = start
            node = self.node()
            if isinstance(node, Token):
                raise Fault(f"unexpected {{{{{node.text}}}}}", node.at)
            body.append(node)
        self.add(MAIN, tuple(body), 0)

    def define(self) -> None:
        """Read `{{ define "name" }}`."""
        self.next()
        name = self.name("define clause")
        self.expect(Kind.RIGHT, "define clause")
        self.separate(name, "define clause")

    def separate(self, name: str, context: str) -> None:
        """Read a body that knows no variables or ranges of what stands around it."""
        outer, self.variables, self.ranges, ranges = self.variables, ["$"], 0, self.ranges
        start = self.peek().at
        body, end = self.body()
        if end.text != "end":
            raise self.unexpected(end, context)
        self.variables, self.ranges = outer, ranges
        self.add(name, body, start)

    def add(self, name: str, body: Body, at: int) -> None:
        """Keep a body, unless it is empty and there is one already."""
        if name in self.bodies and not _is_empty(self.bodies[name]):
            if not _is_empty(body):
                raise Fault(f"multiple definition of template {name!r}", at)
            return
        self.bodies[name] = body

    def name(self, context: str) -> str:
        """Read the name of a body."""
        token = self.next()
        if token.kind not in {Kind.STRING, Kind.RAW}:
            raise self.unexpected(token, context)
        return constants.text(token)

    def body(self) -> tuple[Body, Token]:
        """Read up to `{{ end }}` or `{{ else }}`; give that keyword too."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Fault("nested too deeply", self.peek().at)
        nodes: list[Node] = []
        while self.peek().kind is not Kind.END:
            node = self.node()
            if isinstance(node, Token):
                self.depth -= 1
                return tuple(nodes), node
            nodes.append(node)
        raise Fault("unexpected end of the template: an {{end}} is missing", self.peek().at)

    def node(self) -> Node | Token:
        """Read a text or an action; `end` and `else` are given as their tokens."""
        token = self.next()
        if token.kind is Kind.TEXT:
            return Literal(token.at, token.text)
        if token.kind is not Kind.LEFT:
            raise self.unexpected(token, "input")
        if self.peek().kind is Kind.KEYWORD and self.peek().text in _CONTROLS:
            word = self.next()
            return _CONTROLS[word.text](self, word)
        at = self.peek().at
        return Action(at, self.pipeline("command", Kind.RIGHT))

    # ----------------------------------------------------------------------------------------------------- controls

    def end(self, word: Token) -> Token:
        """Read `{{ end }}`."""
        self.expect(Kind.RIGHT, "end")
        return word

    def otherwise(self, word: Token) -> Token:
        """Read `{{ else }}`; an `if` or `with` behind it is left to the control that it belongs to."""
        if not self.keyword("if", "with"):
            self.expect(Kind.RIGHT, "else")
        return word

    def jump(self, word: Token) -> Node:
        """Read `{{ break }}` or `{{ continue }}`."""
        self.expect(Kind.RIGHT, f"{{{{{word.text}}}}}")
        if not self.ranges:
            raise Fault(f"{{{{{word.text}}}}} outside {{{{range}}}}", word.at)
        return Break(word.at) if word.text == "break" else Continue(word.at)

    def block(self, word: Token) -> Node:
        """Read `{{ block "name" pipeline }}`."""
        name = self.name("block clause")
        pipe = self.pipeline("block clause", Kind.RIGHT)
        self.separate(name, "block clause")
        return Include(word.at, name, pipe)

    def include(self, word: Token) -> Node:
        """Read `{{ template "name" pipeline }}`."""
        name = self.name("template clause")
        if self.peek().kind is Kind.RIGHT:
            self.next()
            return Include(word.at, name, None)
        return Include(word.at, name, self.pipeline("template clause", Kind.RIGHT))

    def control(self, word: Token) -> Node:
        """Read `if`, `with` or `range` up to its end; variables declared there are gone behind it."""
        known = len(self.variables)
        pipe = self.pipeline(word.text, Kind.RIGHT)
        self.ranges += word.text == "range"
        body, end = self.body()
        self.ranges -= word.text == "range"
        otherwise: Body = ()
        if end.text == "else":
            otherwise = self.alternative(word)
        del self.variables[known:]
        if word.text == "range":
            return Range(word.at, pipe, body, otherwise)
        return If(word.at, pipe, body, otherwise, sets_dot=word.text == "with")

    def alternative(self, word: Token) -> Body:
        """Read what follows `{{ else`."""
        if word.text != "range" and self.keyword(word.text):
            self.depth += 1
            if self.depth > _DEEPEST:
                raise Fault("nested too deeply", word.at)
            node = self.control(self.next())
            self.depth -= 1
            return (node,)
        if self.keyword("if", "with"):
            raise self.unexpected(self.peek(), "input")
        body, end = self.body()
        if end.text != "end":
            raise Fault("expected end; found {{else}}", end.at)
        return body

    # ---------------------------------------------------------------------------------------------------- pipelines

    def pipeline(self, context: str, end: Kind) -> Pipe:
        """Read `$x := command | command` up to its end."""
        at = self.peek().at
        names, assigns = self.declarations(context)
        commands: list[Command] = []
        while True:
            token = self.peek()
            if token.kind is end:
                self.next()
                break
            if token.kind not in _OPERANDS and not self.keyword("nil"):
                raise self.unexpected(token, context)
            commands.append(self.command())
        if not commands:
            raise Fault(f"missing value for {context}", at)
        for number, command in enumerate(commands[1:], 2):
            if isinstance(command.operands[0], _NO_COMMANDS):
                raise Fault(f"non executable command in pipeline stage {number}", command.at)
        return Pipe(at, tuple(commands), tuple(names), assigns)

    def declarations(self, context: str) -> tuple[list[str], bool]:
        """Read the variables in front of `:=` or `=`."""
        names: list[str] = []
        while self.peek().kind is Kind.VARIABLE:
            start, variable = self.at, self.next()
            following = self.peek()
            if following.kind in {Kind.ASSIGN, Kind.DECLARE}:
                self.next()
                self.variables.append(variable.text)
                return [*names, variable.text], following.kind is Kind.ASSIGN
            if following.text != "," or following.kind is not Kind.OTHER:
                self.at = start
                break
            self.next()
            self.variables.append(variable.text)
            names.append(variable.text)
            if context != "range" or len(names) > 1:
                raise Fault(f"too many declarations in {context}", variable.at)
            if self.peek().kind not in {Kind.VARIABLE, Kind.RIGHT, Kind.CLOSE}:
                raise Fault("range can only initialize variables", variable.at)
        return names, False

    def command(self) -> Command:
        """Read operands up to `|` or the end of the pipeline."""
        at = self.peek().at
        operands: list[Operand] = []
        while True:
            operand = self.operand()
            if operand is not None:
                operands.append(operand)
            token = self.next(spaces=True)
            if token.kind is Kind.SPACE:
                continue
            if token.kind in {Kind.RIGHT, Kind.CLOSE}:
                self.at -= 1
            elif token.kind is not Kind.PIPE:
                raise self.unexpected(token, "operand")
            break
        if not operands:
            raise Fault("empty command", at)
        return Command(at, tuple(operands))

    def operand(self) -> Operand | None:
        """Read a term and the fields behind it."""
        term = self.term()
        if term is None:
            return None
        names = []
        while self.peek(spaces=True).kind is Kind.FIELD:
            names.append(self.next(spaces=True).text[1:])
        if not names:
            return term
        if isinstance(term, Field):
            return Field(term.at, (*term.names, *names))
        if isinstance(term, Variable):
            return Variable(term.at, term.name, (*term.names, *names))
        if isinstance(term, _NO_COMMANDS):
            raise Fault("unexpected . after a constant", term.at)
        return Chain(term.at, term, tuple(names))

    def term(self) -> Operand | None:
        """Read one value; None where there is none."""
        token = self.peek()
        if token.kind not in _OPERANDS and not self.keyword("nil"):
            return None
        self.next()
        if token.kind is Kind.OPEN:
            return self.parenthesis(token)
        if token.kind is Kind.NAME:
            return self.call(token)
        if token.kind is Kind.VARIABLE:
            if token.text not in self.variables:
                raise Fault(f"undefined variable {token.text!r}", token.at)
            return Variable(token.at, token.text, ())
        return _constant(token)

    def parenthesis(self, token: Token) -> Pipe:
        """Read a pipeline in parentheses."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Fault("nested too deeply", token.at)
        pipe = self.pipeline("parenthesized pipeline", Kind.CLOSE)
        self.depth -= 1
        return pipe

    def call(self, token: Token) -> Call:
        """Find a function by its name."""
        function = self.functions.get(token.text)
        if function is None:
            raise Fault(f"function {token.text!r} not defined", token.at)
        if function.refused:
            raise Fault(function.refused, token.at)
        return Call(token.at, token.text, function)


def _constant(token: Token) -> Operand:
    if token.kind is Kind.DOT:
        return Dot(token.at)
    if token.kind is Kind.FIELD:
        return Field(token.at, (token.text[1:],))
    if token.kind is Kind.BOOL:
        return Bool(token.at, token.text == "true")
    if token.kind in {Kind.STRING, Kind.RAW}:
        return Text(token.at, constants.text(token))
    return Nil(token.at) if token.kind is Kind.KEYWORD else constants.number(token)


def _is_empty(body: Body) -> bool:
    return all(isinstance(node, Literal) and not node.text.strip() for node in body)


_CONTROLS = {
    "block": _Parser.block,
    "break": _Parser.jump,
    "continue": _Parser.jump,
    "else": _Parser.otherwise,
    "end": _Parser.end,
    "if": _Parser.control,
    "range": _Parser.control,
    "template": _Parser.include,
    "with": _Parser.control,
}
