"""Why something is not so: one name a failure, as docs/ledger-format.md lists them."""


class Refused(Exception):
    """The evidence does not prove what it must; `code` names how."""

    def __init__(self, code: str, place: str = "") -> None:
        super().__init__(code if not place else f"{code} at {place}")
        self.code = code
        self.place = place


def require(holds: bool, code: str, place: str = "") -> None:
    if not holds:
        raise Refused(code, place)
