"""The command line: `certificate FILE --trust FILE`, `head`, `many` at once, and `audit --rpc URL | --journal FILE --trust FILE`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from pathlib import Path

from .audit import Audit, report
from .certificate import judge, judge_head
from .current import judge_current
from .journal_file import JournalFile
from .refused import Refused
from .rpc import NO_FORM, Failed, Node, Silent, parsed
from .trust import read_trust


def _text(file: str) -> str:
    try:
        return Path(file).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        print(f"{file} cannot be read, or is not text in UTF-8.", file=sys.stderr)
        raise SystemExit(2) from None


def _certificate(options: argparse.Namespace) -> int:
    text, trust = _text(options.file), _text(options.trust)
    verdicts = judge(text, trust)
    current = {"verdict": "not-asked"} if options.rpc is None else judge_current(text, trust, options.rpc)
    verdicts["current"] = current
    print(json.dumps(verdicts))
    if any(one["verdict"] == "no" for one in verdicts.values()):
        return 1
    return 2 if current["verdict"] == "not-answered" else 0


def _head(options: argparse.Namespace) -> int:
    verdict = judge_head(_text(options.file), _text(options.trust))
    print(json.dumps(verdict))
    return 0 if verdict["final"] else 1


def _answer(line: str) -> dict:
    given = parsed(line, "The line is no JSON.")
    asked = [name for name in ("audit", "head", "certificate") if isinstance(given, dict) and name in given]
    if not asked or not all(isinstance(given.get(name), str) for name in (asked[0], "trust")):
        raise Silent("The line is no question: it names a certificate, a head or a node, and a trust file, as texts.")
    if asked[0] == "audit":
        return _audited(Node(given["audit"]), given["trust"])
    return (judge_head if asked[0] == "head" else judge)(given[asked[0]], given["trust"])


def _many(_: argparse.Namespace) -> int:
    """answer each line of JSON `{certificate | head | audit, trust}` of the input with a line: texts, or a node's address"""
    code = 0
    for line in sys.stdin.buffer:
        try:
            answer = _answer(line.decode("utf-8"))
        except (Silent, UnicodeDecodeError) as error:
            answer, code = {"notAnswered": str(error)}, max(code, 2)
        except Exception as error:
            answer, code = {"failed": str(error) if isinstance(error, Failed) else failure_of(error)}, 3
        print(json.dumps(answer))
    return code


def _audited(node: Node, trust: str) -> dict:
    try:
        audit = Audit(node, read_trust(trust))
        audit.run()
    except Refused as refused:
        return {"verdict": "not-this-ledger", "code": refused.code}
    except NO_FORM as error:
        # What a node answered was read by now: it is the judging that failed, and that is no verdict.
        raise Failed(failure_of(error)) from None
    return report(audit)


def failure_of(error: Exception) -> str:
    """What failed and where in the verifier; nothing of what it was given."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(last.filename).name} line {last.lineno}"
    return f"The verifier itself failed ({type(error).__name__} in {where}). This is no verdict: tell who keeps it."


def _audit(options: argparse.Namespace) -> int:
    trust = _text(options.trust)
    try:
        read_trust(trust)
    except Refused as refused:
        print(f"{options.trust} is no trust file of this version: {refused}.", file=sys.stderr)
        return 2
    try:
        node = Node(options.rpc) if options.journal is None else JournalFile(options.journal)
        found = _audited(node, trust)
    except Silent as silent:
        said = f"{options.journal}: {silent}" if options.rpc is None else f"The node does not answer: {silent}"
        print(said, file=sys.stderr)
        return 2
    print(json.dumps(found, indent=2))
    return 0 if found["verdict"] == "sound" else 1


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="kudurru_verifier", description=__doc__)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("certificate", help="judge a certificate by a trust file")
    one.add_argument("file")
    one.add_argument("--trust", required=True)
    one.add_argument("--rpc", help="also ask this node whether it is current")
    one.set_defaults(run=_certificate)
    head = commands.add_parser("head", help="judge whether a block is final, from the evidence alone")
    head.add_argument("file")
    head.add_argument("--trust", required=True)
    head.set_defaults(run=_head)
    many = commands.add_parser("many", help=_many.__doc__)
    many.set_defaults(run=_many)
    audit = commands.add_parser("audit", help="derive everything again from block 0, over JSON-RPC or from a journal")
    whence = audit.add_mutually_exclusive_group(required=True)
    whence.add_argument("--rpc", help="a node")
    whence.add_argument("--journal", help="what a node answered to an audit, exported as a file")
    audit.add_argument("--trust", required=True)
    audit.set_defaults(run=_audit)
    try:
        options = parser.parse_args(arguments)
        code = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has enough; nothing is left to be flushed when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    except Exception as error:
        print(error if isinstance(error, Failed) else failure_of(error), file=sys.stderr)
        return 3
    return code
