"""Parsing shell commands: their syntax errors, the programs that they run, and the variables that they use."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from pipegen.frozen import frozen

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

_PLAIN = re.compile(r"[\w./:=@,+%-]+(?: +(?:(?:&&|\|) +)?[\w./:=@,+%-]+)*")
"""Matches words separated only by `&&` and `|`, which do not need a parser."""
_RESERVED = {"do", "done", "elif", "else", "esac", "fi", "then", "}"}
"""Words that only continue or close a block. https://www.gnu.org/software/bash/manual/html_node/Reserved-Words.html"""
_PREFIXES = {"command", "env", "exec", "nice", "nohup", "sudo", "time"}
"""Programs that run another program, which follows them."""


@frozen
class Fault:
    """A fault of a command. is_certain: whether bash rejects it too."""

    words: str
    fix: str
    is_certain: bool = False


@frozen
class Program:
    """A program that a command runs. words: its name and arguments; words with expansions are empty.
    is_guarded: whether the command continues if the program fails."""

    words: Sequence[str]
    is_guarded: bool = False


@dataclass(slots=True)
class Script:
    """The effects of a command, as far as its text shows.

    reads: the variables that it requires. sets: the variables that it sets, or that are optional.
    arrays: the variables that are arrays. loads: whether it may set other variables, such as with `source`.
    paths: the values that it sets PATH to.
    """

    programs: list[Program] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    sets: set[str] = field(default_factory=set)
    arrays: set[str] = field(default_factory=set)
    loads: bool = False
    paths: list[str] = field(default_factory=list)
    fault: Fault | None = None


@lru_cache(maxsize=4096)
def parsed(command: str) -> Script:
    """Parse one or several lines of commands, without running them."""
    if "=" not in command and _PLAIN.fullmatch(command):
        return _plain(command)
    source = command.encode(errors="replace")
    root = _parser().parse(source).root_node
    script = Script()
    _visit(root, script, False)
    script.fault = next(_faults(command, root, script), None)
    return script


def variables_of(command: str) -> Sequence[str]:
    """The variables that a command requires."""
    return tuple(dict.fromkeys(parsed(command).reads))


def _plain(command: str) -> Script:
    script = Script()
    for part in re.split(r"&&|\|", command):
        _add_program(part.split(), script, False)
    script.fault = next((_misplaced(word) for word in _heads(script) if word in _RESERVED), None)
    return script


@cache
def _parser() -> Parser:
    """The parser, loaded only if a definition contains a command that needs it."""
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


# Programs and variables


def _visit(node: Node, script: Script, is_guarded: bool) -> None:
    kind = node.type
    if kind in _VISITORS:
        is_guarded = _VISITORS[kind](node, script, is_guarded)
    asked = _asked(node)
    for child in node.named_children:
        _visit(child, script, is_guarded or child in asked)


def _asked(node: Node) -> Sequence[Node]:
    """The parts of a command that may fail: conditions, and commands before `||`."""
    if node.type == "list":
        return node.named_children[:1] if any(child.type == "||" for child in node.children) else ()
    return node.children_by_field_name("condition") if node.type in _CONDITIONAL else ()


_CONDITIONAL = {"elif_clause", "if_statement", "until_statement", "while_statement"}


def _command(node: Node, script: Script, is_guarded: bool) -> bool:
    words = [_literal(child) for child in node.named_children if child.type not in _BESIDES]
    if words[:1] == ["test"]:
        script.sets.update(_NAME.findall(_text(node)))
    _add_program(words, script, is_guarded)
    return is_guarded


_NAME = re.compile(r"\$\{?([A-Za-z_]\w*)")
_BESIDES = {"variable_assignment", "file_redirect", "heredoc_redirect", "herestring_redirect"}


_SETTERS = {"getopts", "let", "mapfile", "printf", "read", "readarray"}
"""Builtins that set the variables in their arguments."""
_LOADERS = {"", ".", "alias", "conda", "direnv", "eval", "nvm", "rvm", "sdk", "source"}
"""Programs and functions that may set any variable. The empty name is an unknown program."""


def _add_program(words: list[str], script: Script, is_guarded: bool) -> None:
    while words and (words[0] in _PREFIXES or (words[0].startswith("-") and len(words) > 1) or "=" in words[0]):
        if "=" in words[0] and not words[0].startswith("-"):
            script.sets.add(words[0].split("=")[0])
        words = words[1:]
    if not words:
        return
    script.programs.append(Program(tuple(words), is_guarded))
    name, *arguments = words
    if name in _LOADERS or (name == "set" and any(re.fullmatch(r"-\w*a\w*|allexport", each) for each in arguments)):
        script.loads = True
    elif name in _SETTERS and (name != "printf" or "-v" in arguments):
        script.sets.update(re.split(r"[=+-]", each, maxsplit=1)[0] for each in arguments if each[:1] != "-")


def _assignment(node: Node, script: Script, is_guarded: bool) -> bool:
    name, *values = node.named_children
    if values and values[0].type == "array":
        script.arrays.add(_text(name))
    _assign(_text(name).split("[")[0], _text(values[0]) if values else "", script, node)
    return is_guarded


def _assign(name: str, value: str, script: Script, node: Node) -> None:
    script.sets.add(name)
    for_one = node.parent is not None and node.parent.type == "command"
    if name == "PATH" and not for_one:
        script.paths.append(value)


def _declaration(node: Node, script: Script, is_guarded: bool) -> bool:
    """`export "$x"` and `export $(…)` may set anything."""
    kinds = {child.type for child in node.named_children}
    script.loads |= not kinds <= {"variable_assignment", "variable_name", "word"}
    return is_guarded


def _expansion(node: Node, script: Script, is_guarded: bool) -> bool:
    if match := _EXPANSION.fullmatch(_text(node).lstrip()):  # the parser counts blanks before it as part of it
        name, rest = match.groups()
        if re.match(r":?[-+=]", rest) or _is_tested(node):
            script.sets.add(name)
        else:
            script.reads.append(name)
    return is_guarded


_EXPANSION = re.compile(r"\$\{?#?([A-Za-z_]\w*)(.*?)\}?", re.DOTALL)


def _is_tested(node: Node) -> bool:
    """Whether an expansion is tested, as in `[ -n "$X" ]` or `[[ $X ]]`."""
    above = node.parent
    while above is not None and above.type in ("string", "unary_expression", "concatenation"):
        above = above.parent
    return above is not None and above.type == "test_command"


def _test(node: Node, script: Script, is_guarded: bool) -> bool:
    """`[[ -v X ]]` tests whether X is set."""
    script.sets.update(re.findall(r"(?<=-v )\w+", _text(node)))
    return is_guarded


def _loop(node: Node, script: Script, is_guarded: bool) -> bool:
    variable = node.child_by_field_name("variable")
    if variable is not None:
        script.sets.add(_text(variable))
    return is_guarded


_VISITORS = {
    "command": _command,
    "declaration_command": _declaration,
    "expansion": _expansion,
    "for_statement": _loop,
    "select_statement": _loop,
    "simple_expansion": _expansion,
    "test_command": _test,
    "variable_assignment": _assignment,
}


def _text(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")


def _literal(node: Node) -> str:
    """A word without quotes; empty if it contains expansions."""
    if any(kind in str(node) for kind in ("expansion", "substitution")):
        return ""
    return re.sub(r"""["'\\]""", "", _text(node))


def _heads(script: Script) -> list[str]:
    return [program.words[0] for program in script.programs]


def path_fault(value: str) -> Fault | None:
    """The fault of a PATH that a project or container sets; variables in it are not expanded.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.variables
    (CodeBuild replaces PATH by "the literal value $PATH:/usr/share/ant/bin")"""
    if "$" in value:
        return Fault("holds $ as it is: nothing fills in variables here", "extend PATH in a command", True)
    if not {"/bin", "/usr/bin"} & {each.rstrip("/") for each in value.split(":")}:
        return Fault("replaces the PATH of the image, without /usr/bin and /bin", "extend PATH in a command")
    return None


# Faults

ITS_OWN = "each item of the list is a separate script: write a block as one item, with | and several lines"
"""https://github.com/aws/aws-cdk/issues/26694
https://github.com/magenx/Magento-2-aws-cluster-terraform/issues/19 (script.sh: line 4 for every command)"""
_SAID: dict[str, tuple[str, str]] = {
    r"looking for matching `([\"'])": (
        "{0} is opened and not closed",
        "close it, or write \\{0} for the character itself",
    ),
    r"looking for matching `(.)'": ("{0} is missing", "add it"),
    r"near unexpected token `(do|done|elif|else|esac|fi|then|in|\)|\})'": (
        "{0} is not expected where it stands",
        ITS_OWN,
    ),
    r"near unexpected token `([^\w]{1,3}|newline)'": ("{0} stands where it cannot", "remove or complete it"),
    r"here-document": ("the here document does not end", "write its last word on a separate line, without blanks"),
    r"unexpected end of file": ("it ends too early: a block, or what follows an operator, is missing", ITS_OWN),
    r"conditional expression": ("[[ is opened and not closed", "close it with ]]"),
}
_NO_SYNTAX = Fault("its syntax is wrong", "try it with bash -n")
_GITHUB = re.compile(r"\$\{\{")
_QUOTED = re.compile(r"""'[^']*'|<<-?\s*(?:(['"])(\w+)\1|\\(\w+)).*?^\s*(?:\2|\3)$""", re.DOTALL | re.MULTILINE)
"""Matches text that the shell does not expand."""
_SUSPICIOUS = re.compile(r";;|\[\[")
"""Matches syntax that the parser accepts in positions where it is invalid."""


def _misplaced(word: str) -> Fault:
    return Fault(f"{word} closes or continues a block that begins elsewhere", ITS_OWN, True)


def _faults(command: str, root: Node, script: Script) -> Iterator[Fault]:
    misplaced = next((word for word in _heads(script) if word in _RESERVED), "")
    if root.has_error or misplaced or _SUSPICIOUS.search(command):
        found_by_bash = _bash_fault(command)
        if found_by_bash is not None:
            yield found_by_bash
        elif shutil.which("bash") is None and (root.has_error or misplaced):
            yield replace(_misplaced(misplaced), is_certain=False) if misplaced else _NO_SYNTAX
    if re.search(r"(?<!\\)(?:\\\\)*\\\s*\Z", command):
        fix = "remove it, or write both commands as one, with | and several lines"
        yield Fault("it ends in a backslash, and the next command does not continue it", fix)
    if re.search(r"\S \\[ \t]+\n", command):
        yield Fault(
            "a blank follows the backslash at the end of a line, so the next line is another command", "remove it"
        )
    if _GITHUB.search(_QUOTED.sub("", command)):
        yield Fault(
            "${{ … }} is an expression of GitHub Actions, which CodeBuild does not know", "use a variable: $NAME"
        )
    for word in _backslashed(root):
        fix = "write paths with /, and put what shall keep its backslash in single quotes"
        yield Fault(f"the shell removes the backslash from {word}", fix)


def _backslashed(node: Node) -> Iterator[str]:
    """Unquoted words with a backslash before a letter, as in Windows paths."""
    if node.type == "word" and (node.parent is None or node.parent.type != "regex"):
        text = _text(node)
        if re.search(r"[^\\]\\[A-Za-z0-9]|^\\[A-Za-z]\\", text):
            yield text if len(text) < 40 else "a word"
    for child in node.named_children:
        yield from _backslashed(child)


@lru_cache(maxsize=1024)
def _bash_fault(command: str) -> Fault | None:
    """The syntax error that bash finds. It parses the command without running it."""
    bash = None if sys.platform == "win32" else shutil.which("bash")
    if bash is None:
        return None
    try:
        done = subprocess.run(
            [bash, "--norc", "-n"], input=command.encode() + b"\n", capture_output=True, timeout=5, env={"LC_ALL": "C"}
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    said = done.stderr.decode(errors="replace")
    return _in_words(said) if done.returncode or "syntax error" in said or "here-document" in said else None


def _in_words(said: str) -> Fault:
    """A fault from bash's message, without quoting the command, which may contain a secret."""
    for expression, (words, fix) in _SAID.items():
        if match := re.search(expression, said):
            is_certain = "here-document" not in expression
            return Fault(words.format(*match.groups()), fix.format(*match.groups()), is_certain)
    return replace(_NO_SYNTAX, is_certain=True)
