"""What can go wrong in a way a user must hear about: a catalogue key, its parameters and an exit code.

The text lives in ``thassist/messages/<lang>/<room>.toml``; an error only names it. Parameters never hold a
person's data: names of files, sheets, columns, codes and counts only.
"""

from typing import ClassVar


class ThassistError(Exception):
    """A failure with a message for the user. Never shown with a traceback.

    Args:
        key: ``room.message_id`` in the message catalogue, for example ``intake.file_empty``.
        **params: the placeholders of that message.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, key: str, /, **params: object) -> None:
        super().__init__(key)
        self.key = key
        self.params = params

    def __str__(self) -> str:
        """The English text, for logs of developers; users see :func:`thassist.messages.explain`."""
        from thassist import messages

        return messages.explain(self, "en")


class UnreadableInput(ThassistError):
    """The input cannot be read at all."""

    exit_code = 10


class InvalidDefinition(ThassistError):
    """A definition under ``reports/`` is wrong or does not exist."""

    exit_code = 11


class AuditFailed(ThassistError):
    """The disclosure audit found something that must not be published."""

    exit_code = 12


class StorageError(ThassistError):
    """The database or the disk refused."""

    exit_code = 13


class InconsistentRelease(InvalidDefinition):
    """A release contradicts itself and is not built."""
