/**
 * Evidence of finality as a file: JSON with exactly the fields of its kind, everything in lower-case hex.
 *
 * Promises: what is returned has the shape its type says, nothing more; anything else is
 * `evidence-malformed` with the place. It says nothing about truth: see lineage.ts.
 */

import { isRecord } from '../base/strictJson.ts';
import type { FinalityEvidence } from './lineage.ts';
import { hex, list, malformed, parseJson, record, stateProof } from './shape.ts';
import type { ValidatorLink } from './validators.ts';

/** As many changes as a verifier follows. */
const MAX_LINKS = 10_000;
/** More than any trust file names. */
const MAX_WITNESSES = 256;

export function parseEvidence(text: string): FinalityEvidence {
  return readEvidence(parseJson(text), '');
}

/** The same from a value inside another file, at this place. */
export function readEvidence(json: unknown, place: string): FinalityEvidence {
  const kind = isRecord(json) ? json.kind : undefined;
  if (kind === 'qbft-header') {
    const { first, header } = record(json, place, ['kind', 'first', 'header']);
    return { kind, first: hex(first, `${place}/first`), header: hex(header, `${place}/header`) };
  }
  if (kind === 'embedded') {
    const file = record(json, place, ['kind', 'header', 'nodeSignature', 'witnessSignatures']);
    const witnesses = `${place}/witnessSignatures`;
    return {
      kind,
      header: hex(file.header, `${place}/header`),
      nodeSignature: hex(file.nodeSignature, `${place}/nodeSignature`, 64),
      witnessSignatures: list(file.witnessSignatures, witnesses, MAX_WITNESSES, (item, at) =>
        hex(item, at, 64),
      ),
    };
  }
  if (kind !== 'qbft') throw malformed(`${place}/kind`);
  const hasCheckpoint = isRecord(json) && Object.hasOwn(json, 'checkpoint');
  const file = record(json, place, [
    'kind',
    'first',
    ...(hasCheckpoint ? ['checkpoint'] : []),
    'steps',
    'parent',
    'header',
  ]);
  return {
    kind,
    first: hex(file.first, `${place}/first`),
    ...(hasCheckpoint ? { checkpoint: link(file.checkpoint, `${place}/checkpoint`) } : {}),
    steps: list(file.steps, `${place}/steps`, MAX_LINKS, link),
    parent: link(file.parent, `${place}/parent`),
    header: hex(file.header, `${place}/header`),
  };
}

function link(value: unknown, place: string): ValidatorLink {
  const { header, validators } = record(value, place, ['header', 'validators']);
  return {
    header: hex(header, `${place}/header`),
    validators: stateProof(validators, `${place}/validators`),
  };
}
