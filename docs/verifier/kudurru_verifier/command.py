"""The command line: `certificate FILE --trust FILE`, `head`, `many` at once, and `audit --rpc URL --trust FILE`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .audit import Audit, report
from .certificate import judge, judge_head
from .refused import Refused
from .rpc import Node, Silent
from .trust import read_trust


def _text(file: str) -> str:
    try:
        return Path(file).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        print(f"{file} cannot be read, or is not text in UTF-8.", file=sys.stderr)
        raise SystemExit(2) from None


def _certificate(options: argparse.Namespace) -> int:
    verdicts = judge(_text(options.file), _text(options.trust))
    print(json.dumps(verdicts))
    return 0 if all(one["verdict"] == "yes" for one in verdicts.values()) else 1


def _head(options: argparse.Namespace) -> int:
    verdict = judge_head(_text(options.file), _text(options.trust))
    print(json.dumps(verdict))
    return 0 if verdict["final"] else 1


def _many(options: argparse.Namespace) -> int:
    """answer each line of JSON `{certificate | head, trust}` of the input, whose values are texts, with a line"""
    for line in sys.stdin:
        given = json.loads(line)
        of_head = "head" in given
        found = judge_head(given["head"], given["trust"]) if of_head else judge(given["certificate"], given["trust"])
        print(json.dumps(found))
    return 0


def _audit(options: argparse.Namespace) -> int:
    try:
        audit = Audit(Node(options.rpc), read_trust(_text(options.trust)))
        audit.run()
    except Refused as refused:
        print(json.dumps({"verdict": "not-this-ledger", "code": refused.code}))
        return 1
    except Silent as silent:
        print(f"The node does not answer: {silent}", file=sys.stderr)
        return 2
    found = report(audit)
    print(json.dumps(found, indent=2))
    return 0 if found["verdict"] == "sound" else 1


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="kudurru_verifier", description=__doc__)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("certificate", help="judge a certificate by a trust file, without a network")
    one.add_argument("file")
    one.add_argument("--trust", required=True)
    one.set_defaults(run=_certificate)
    head = commands.add_parser("head", help="judge whether a block is final, from the evidence alone")
    head.add_argument("file")
    head.add_argument("--trust", required=True)
    head.set_defaults(run=_head)
    many = commands.add_parser("many", help=_many.__doc__)
    many.set_defaults(run=_many)
    audit = commands.add_parser("audit", help="derive everything again from block 0, over JSON-RPC alone")
    audit.add_argument("--rpc", required=True)
    audit.add_argument("--trust", required=True)
    audit.set_defaults(run=_audit)
    options = parser.parse_args(arguments)
    return options.run(options)
