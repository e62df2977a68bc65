/**
 * `kudurru verify-head`: is this block final on the ledger that the trust file names?
 *
 * An auditor runs it alone: it reads two files, opens no network, and imports the pure rules only.
 */
import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { parseEvidence } from '../server/domain/audit/evidence.ts';
import { type FinalityEvidence, verifyFinality } from '../server/domain/audit/lineage.ts';
import { fingerprint, readTrust } from '../server/domain/audit/trust.ts';
import { Refusal } from '../server/domain/refusal.ts';

/** Ten thousand changes of validators with their proofs; more is no evidence a person was given. */
const MAX_EVIDENCE_BYTES = 64 * 2 ** 20;

export function addVerifyHead(program: Command): void {
  program
    .command('verify-head')
    .description('check that a block is final, from the evidence and a trust file alone, without a network')
    .argument('<evidence>', 'evidence file: header, seals or signatures, and the changes of validators')
    .requiredOption(
      '--trust <file>',
      'trust file written at founding, obtained from somewhere else than the evidence',
    )
    .option('--json', 'answer as JSON')
    .action((evidence: string, options: { trust: string; json?: boolean }) => {
      const verdict = judge(evidence, options.trust);
      console.log(options.json ? JSON.stringify(verdict) : inWords(verdict));
      process.exitCode = verdict.final ? 0 : 1;
    });
}

type Verdict =
  | {
      readonly final: true;
      readonly blockNumber: number;
      readonly blockHash: string;
      readonly finality: string;
      readonly restsOn: string;
      readonly trust: string;
    }
  | { readonly final: false; readonly code: string; readonly reason: string; readonly remedy: string };

function judge(evidenceFile: string, trustFile: string): Verdict {
  try {
    const trust = readTrust(read(trustFile));
    const evidence: FinalityEvidence = parseEvidence(read(evidenceFile));
    const { header, blockHash, finality, restsOn } = verifyFinality(trust, evidence);
    return {
      final: true,
      blockNumber: header.blockNumber,
      blockHash,
      finality,
      restsOn,
      trust: fingerprint(trust),
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { final: false, code: error.code, reason: error.message, remedy: error.row.remedy };
  }
}

function read(file: string): string {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined || size > MAX_EVIDENCE_BYTES) {
    console.error(`${file} cannot be read, or is larger than ${MAX_EVIDENCE_BYTES} bytes.`);
    process.exit(2);
  }
  return readFileSync(file, 'utf8');
}

function inWords(verdict: Verdict): string {
  if (!verdict.final) return `NOT FINAL (${verdict.code}): ${verdict.reason}\n${verdict.remedy}`;
  return [
    `FINAL: block ${verdict.blockNumber}, ${verdict.blockHash}`,
    `${verdict.finality}, from ${verdict.restsOn}; trust file ${verdict.trust}`,
  ].join('\n');
}
