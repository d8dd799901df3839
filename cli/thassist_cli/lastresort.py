"""What happens when nothing else caught it: a bug, or an output that nobody reads any more."""

import errno
import hashlib
import os
import sys
import traceback
from pathlib import Path

from thassist import messages

#: Exit codes of what is not the user's doing: BSD's EX_SOFTWARE, and 128 + the signal as shells report it.
BUG = 70
INTERRUPTED = 130
PIPE_CLOSED = 141


def describe_bug(error: BaseException) -> str:
    """One line in three languages with an id and a place, and nothing of what the program worked on.

    The message of an unknown exception may quote a case, so it is never shown; neither is the traceback. The id is
    made from the exception's type and the lines passed through: the same bug has the same id everywhere.
    """
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    ours = [f"{path.parent.name}/{path.name}:{line}" for path, line in frames if "thassist" in str(path.parent)]
    kind = type(error).__name__
    digest = hashlib.sha256("\n".join([kind, *ours]).encode()).hexdigest()[:8]
    place = f"{kind}, {ours[-1]}" if ours else kind
    said = " / ".join(messages.text("cli.bug", lang) for lang in messages.LANGUAGES)
    return f"[bug {digest}] {said} ({place})"


def is_full_disk(error: BaseException) -> bool:
    """Whether there was no room for what was to be written: nobody's fault, and the remedy is known."""
    return isinstance(error, OSError) and error.errno == errno.ENOSPC


def abandon_output() -> None:
    """Write the rest into nothing, so that closing the interpreter does not complain about the closed pipe."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
