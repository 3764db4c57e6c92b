"""Commands of a shell, parsed: whether they are complete, which programs they run, which variables they need."""

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
"""Words with nothing between them but `&&` and `|`: no need to load a parser."""
_RESERVED = {"do", "done", "elif", "else", "esac", "fi", "then", "}"}
"""Words that only continue or close a block. https://www.gnu.org/software/bash/manual/html_node/Reserved-Words.html"""
_PREFIXES = {"command", "env", "exec", "nice", "nohup", "sudo", "time"}
"""Programs that run the program which is named after them."""


@frozen
class Fault:
    """What is wrong with a command. is_certain: whether bash refuses it too."""

    words: str
    fix: str
    is_certain: bool = False


@frozen
class Program:
    """A program that is run. words: its name and arguments; a word that only the shell knows is empty.
    is_guarded: whether the command goes on if it fails."""

    words: Sequence[str]
    is_guarded: bool = False


@dataclass(slots=True)
class Script:
    """What a command does, as far as its text tells. reads: the variables that it needs. sets: those that it sets, or
    copes without. arrays: those of them that are arrays. loads: whether it may set others, such as by `source`.
    paths: what it sets PATH to."""

    programs: list[Program] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    sets: set[str] = field(default_factory=set)
    arrays: set[str] = field(default_factory=set)
    loads: bool = False
    paths: list[str] = field(default_factory=list)
    fault: Fault | None = None


@lru_cache(maxsize=4096)
def parsed(command: str) -> Script:
    """A command, or several on lines of their own. Nothing of it is run."""
    if "=" not in command and _PLAIN.fullmatch(command):
        return _plain(command)
    source = command.encode(errors="replace")
    root = _parser().parse(source).root_node
    found = Script()
    _visit(root, found, False)
    found.fault = next(_faults(command, root, found), None)
    return found


def variables_of(command: str) -> Sequence[str]:
    """The variables that a command needs."""
    return tuple(dict.fromkeys(parsed(command).reads))


def _plain(command: str) -> Script:
    found = Script()
    for part in re.split(r"&&|\|", command):
        _add_program(part.split(), found, False)
    found.fault = next((_misplaced(word) for word in _heads(found) if word in _RESERVED), None)
    return found


@cache
def _parser() -> Parser:
    """Loaded when a definition has a command that needs it."""
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


# What it is made of


def _visit(node: Node, found: Script, is_guarded: bool) -> None:
    kind = node.type
    if kind in _VISITORS:
        is_guarded = _VISITORS[kind](node, found, is_guarded)
    asked = _asked(node)
    for child in node.named_children:
        _visit(child, found, is_guarded or child in asked)


def _asked(node: Node) -> Sequence[Node]:
    """The parts that may fail: conditions, and what has an alternative."""
    if node.type == "list":
        return node.named_children[:1] if any(child.type == "||" for child in node.children) else ()
    return node.children_by_field_name("condition") if node.type in _CONDITIONAL else ()


_CONDITIONAL = {"elif_clause", "if_statement", "until_statement", "while_statement"}


def _command(node: Node, found: Script, is_guarded: bool) -> bool:
    words = [_literal(child) for child in node.named_children if child.type not in _BESIDES]
    if words[:1] == ["test"]:
        found.sets.update(_NAME.findall(_text(node)))
    _add_program(words, found, is_guarded)
    return is_guarded


_NAME = re.compile(r"\$\{?([A-Za-z_]\w*)")
_BESIDES = {"variable_assignment", "file_redirect", "heredoc_redirect", "herestring_redirect"}


_SETTERS = {"getopts", "let", "mapfile", "printf", "read", "readarray"}
"""Builtins that set the variables that they name."""
_LOADERS = {"", ".", "alias", "conda", "direnv", "eval", "nvm", "rvm", "sdk", "source"}
"""Programs and functions that may set any variable; or nothing is known about the program."""


def _add_program(words: list[str], found: Script, is_guarded: bool) -> None:
    while words and (words[0] in _PREFIXES or (words[0].startswith("-") and len(words) > 1) or "=" in words[0]):
        if "=" in words[0] and not words[0].startswith("-"):
            found.sets.add(words[0].split("=")[0])
        words = words[1:]
    if not words:
        return
    found.programs.append(Program(tuple(words), is_guarded))
    name, *arguments = words
    if name in _LOADERS or (name == "set" and any(re.fullmatch(r"-\w*a\w*|allexport", each) for each in arguments)):
        found.loads = True
    elif name in _SETTERS and (name != "printf" or "-v" in arguments):
        found.sets.update(re.split(r"[=+-]", each, maxsplit=1)[0] for each in arguments if each[:1] != "-")


def _assignment(node: Node, found: Script, is_guarded: bool) -> bool:
    name, *values = node.named_children
    if values and values[0].type == "array":
        found.arrays.add(_text(name))
    _assign(_text(name).split("[")[0], _text(values[0]) if values else "", found, node)
    return is_guarded


def _assign(name: str, value: str, found: Script, node: Node) -> None:
    found.sets.add(name)
    for_one = node.parent is not None and node.parent.type == "command"
    if name == "PATH" and not for_one:
        found.paths.append(value)


def _declaration(node: Node, found: Script, is_guarded: bool) -> bool:
    """`export "$x"` and `export $(…)` may set anything."""
    kinds = {child.type for child in node.named_children}
    found.loads |= not kinds <= {"variable_assignment", "variable_name", "word"}
    return is_guarded


def _expansion(node: Node, found: Script, is_guarded: bool) -> bool:
    if match := _EXPANSION.fullmatch(_text(node).lstrip()):  # the parser counts blanks before it as part of it
        name, rest = match.groups()
        if re.match(r":?[-+=]", rest) or _is_tested(node):
            found.sets.add(name)
        else:
            found.reads.append(name)
    return is_guarded


_EXPANSION = re.compile(r"\$\{?#?([A-Za-z_]\w*)(.*?)\}?", re.DOTALL)


def _is_tested(node: Node) -> bool:
    """Whether it is what `[ -n "$X" ]` or `[[ $X ]]` asks about."""
    above = node.parent
    while above is not None and above.type in ("string", "unary_expression", "concatenation"):
        above = above.parent
    return above is not None and above.type == "test_command"


def _test(node: Node, found: Script, is_guarded: bool) -> bool:
    """`[[ -v X ]]` asks whether X is set."""
    found.sets.update(re.findall(r"(?<=-v )\w+", _text(node)))
    return is_guarded


def _loop(node: Node, found: Script, is_guarded: bool) -> bool:
    variable = node.child_by_field_name("variable")
    if variable is not None:
        found.sets.add(_text(variable))
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
    """A word without its quotes; empty where the shell fills something in."""
    if any(kind in str(node) for kind in ("expansion", "substitution")):
        return ""
    return re.sub(r"""["'\\]""", "", _text(node))


def _heads(found: Script) -> list[str]:
    return [program.words[0] for program in found.programs]


def path_fault(value: str) -> Fault | None:
    """What is wrong with a PATH that a project or container sets: nothing is filled in for variables in it.
    https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.env.variables
    (CodeBuild replaces PATH by "the literal value $PATH:/usr/share/ant/bin")"""
    if "$" in value:
        return Fault("holds $ as it is: nothing fills in variables here", "extend PATH in a command", True)
    if not {"/bin", "/usr/bin"} & {each.rstrip("/") for each in value.split(":")}:
        return Fault("replaces the PATH of the image, without /usr/bin and /bin", "extend PATH in a command")
    return None


# What is wrong with it

ITS_OWN = (
    "each command of the list is a script of its own: write what belongs together as one, with | and several lines"
)
"""https://github.com/aws/aws-cdk/issues/26694
https://github.com/magenx/Magento-2-aws-cluster-terraform/issues/19 (script.sh: line 4, whichever command it is)"""
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
    r"here-document": ("the here document does not end", "write its last word on a line of its own, without blanks"),
    r"unexpected end of file": ("it ends too early: a block, or what follows an operator, is missing", ITS_OWN),
    r"conditional expression": ("[[ is opened and not closed", "close it with ]]"),
}
_NO_SYNTAX = Fault("its syntax is wrong", "try it with bash -n")
_GITHUB = re.compile(r"\$\{\{")
_QUOTED = re.compile(r"""'[^']*'|<<-?\s*(?:(['"])(\w+)\1|\\(\w+)).*?^\s*(?:\2|\3)$""", re.DOTALL | re.MULTILINE)
"""Text that the shell takes as it is."""
_SUSPICIOUS = re.compile(r";;|\[\[")
"""What the parser lets pass where it has no meaning."""


def _misplaced(word: str) -> Fault:
    return Fault(f"{word} closes or continues a block that begins elsewhere", ITS_OWN, True)


def _faults(command: str, root: Node, found: Script) -> Iterator[Fault]:
    misplaced = next((word for word in _heads(found) if word in _RESERVED), "")
    if root.has_error or misplaced or _SUSPICIOUS.search(command):
        verdict = _verdict_of_bash(command)
        if verdict is not None:
            yield verdict
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
    """Words in which a backslash stands in front of a letter outside of quotes, as in paths of Windows."""
    if node.type == "word" and (node.parent is None or node.parent.type != "regex"):
        text = _text(node)
        if re.search(r"[^\\]\\[A-Za-z0-9]|^\\[A-Za-z]\\", text):
            yield text if len(text) < 40 else "a word"
    for child in node.named_children:
        yield from _backslashed(child)


@lru_cache(maxsize=1024)
def _verdict_of_bash(command: str) -> Fault | None:
    """What bash finds wrong with the syntax. It reads the command and runs nothing of it."""
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
    """Without quoting the command, which may have a secret in it."""
    for expression, (words, fix) in _SAID.items():
        if match := re.search(expression, said):
            is_certain = "here-document" not in expression
            return Fault(words.format(*match.groups()), fix.format(*match.groups()), is_certain)
    return replace(_NO_SYNTAX, is_certain=True)
