"""An independent verifier and auditor of Kudurru ledgers, written from docs/ledger-format.md."""
