"""The end that a signal asks for, told apart from one that the code of a package asks for."""


class SignalExit(SystemExit):
    """A signal ends the program, wherever it is; ``code`` is 128 and the signal's number."""
