"""Finds `wifi-manager …` command lines in a text and says what is wrong with them, by the real command tree."""

import re
import shlex
from collections.abc import Iterator

import click

from tests.house.sources import code_blocks
from wifi_manager.cli import main

_END = re.compile(r"\s(?:\||&&|\|\||;|#|&|>|2>)(?:\s|$)")
_PLACEHOLDER = re.compile(r"[A-Z_]{2,}|<.*>|…|\.\.\.|\[.*")


def in_markdown(text: str) -> Iterator[str]:
    """Commands in code blocks and in inline code."""
    for block in code_blocks(text):
        yield from in_shell(block)
    outside = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    for inline in re.finditer(r"`([^`]*)`", outside):
        yield from in_shell(inline[1].replace("\n", " "))


def in_shell(text: str) -> Iterator[str]:
    """Commands in shell lines, units and the like, each as one line from `wifi-manager` on."""
    for line in text.replace("\\\n", " ").splitlines():
        for start in re.finditer(r"(?<![\w./-])(?:[\w./-]*/)?wifi-manager(?=\s+[a-z-])(?!\.)", line):
            rest = line[start.end() :]
            yield _whole("wifi-manager" + _END.split(rest, maxsplit=1)[0])


def _whole(line: str) -> str:
    """Without the quotation mark or bracket that ends what the whole line stands in."""
    while line[-1] in "\"'`)" and (line[-1] == ")" or line.count(line[-1]) % 2):
        line = line[:-1]
    return line


def problem(line: str) -> str | None:
    """What is wrong with a command line, or None where the command and all its options exist."""
    words = shlex.split(line)[1:]
    command: click.Command = main
    path: list[str] = []
    context = click.Context(main)
    for word in words:
        if word.startswith("-") and word != "-":  # a lone hyphen is standard input
            if word.partition("=")[0] not in _options(command, context):
                return f"{line!r}: {' '.join(['wifi-manager', *path])} has no option {word}"
        elif isinstance(command, click.Group) and not _PLACEHOLDER.fullmatch(word):
            found = _subcommand(command, context, word)
            if found is None:
                return f"{line!r}: there is no command {' '.join(['wifi-manager', *path, word])}"
            command, path = found, [*path, word]
    return None


def _subcommand(group: click.Group, context: click.Context, word: str) -> click.Command | None:
    try:
        return group.get_command(context, word)
    except click.ClickException:  # its house is not built, or its extra not installed
        return None


def _options(command: click.Command, context: click.Context) -> set[str]:
    own = {name for parameter in command.get_params(context) for name in (*parameter.opts, *parameter.secondary_opts)}
    return own | {"-h", "--help"}
