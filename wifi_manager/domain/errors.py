"""All that this program refuses or could not do, one level of families deep.

WifiError
├── BadInput        a person or a file said something that cannot be; says what to do
├── NotFound        the thing asked for does not exist (in this city)
├── Conflict        it exists already, or somebody else changed it meanwhile
├── Forbidden       this operator, gateway or device may not do that
├── TooManyTries    it was tried too often; may be tried again after a while
└── OutsideFailure  something outside did not answer or answered nonsense; may be tried again

Families are for the doors: `web/problems.py` alone knows which HTTP status each has, the command line exits with 1.
"""


class WifiError(Exception):
    """Root of all errors that a person may read. The message says what is wrong and what to do next."""


class BadInput(WifiError):
    """A value, a file or a setting cannot be used as it is."""


class NotFound(WifiError):
    """There is no such thing in this city."""


class Conflict(WifiError):
    """It exists already, or it was changed by somebody else in the meantime."""


class Forbidden(WifiError):
    """Whoever asks may not do that."""


class TooManyTries(WifiError):
    """Somebody guesses, or seems to; the message says how long to wait."""


class OutsideFailure(WifiError):
    """A thing outside this program failed: an access point, a database, a gateway's control, a provider."""
