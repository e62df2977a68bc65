/**
 * Evidence of finality as a file: JSON with exactly the fields of its kind, everything in lower-case hex.
 *
 * Promises: what is returned has the shape its type says, nothing more; anything else is
 * `evidence-malformed` with the place. It says nothing about truth: see lineage.ts.
 */
import type { Address, Bytes32, Hex } from '../hex.ts';
import { refusal } from '../refusal.ts';
import type { FinalityEvidence } from './lineage.ts';
import type { SlotProof, StateProof } from './state.ts';
import type { ValidatorLink } from './validators.ts';

/** The deepest trie path is 64 nibbles. */
const MAX_NODES = 65;
/** As many changes as a verifier follows. */
const MAX_LINKS = 10_000;
const MAX_SLOTS = 256;

export function parseEvidence(text: string): FinalityEvidence {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw malformed('');
  }
  const kind = isRecord(json) ? json.kind : undefined;
  if (kind === 'qbft-header') {
    const { header } = record(json, '', ['kind', 'header']);
    return { kind, header: hex(header, '/header') };
  }
  if (kind === 'embedded') {
    const file = record(json, '', ['kind', 'header', 'nodeSignature', 'witnessSignatures']);
    return {
      kind,
      header: hex(file.header, '/header'),
      nodeSignature: hex(file.nodeSignature, '/nodeSignature', 64),
      witnessSignatures: list(file.witnessSignatures, '/witnessSignatures', MAX_SLOTS, (item, place) =>
        hex(item, place, 64),
      ),
    };
  }
  if (kind !== 'qbft') throw malformed('/kind');
  const hasCheckpoint = isRecord(json) && Object.hasOwn(json, 'checkpoint');
  const file = record(json, '', [
    'kind',
    ...(hasCheckpoint ? ['checkpoint'] : []),
    'steps',
    'parent',
    'header',
  ]);
  return {
    kind,
    ...(hasCheckpoint ? { checkpoint: link(file.checkpoint, '/checkpoint') } : {}),
    steps: list(file.steps, '/steps', MAX_LINKS, link),
    parent: link(file.parent, '/parent'),
    header: hex(file.header, '/header'),
  };
}

function link(value: unknown, place: string): ValidatorLink {
  const { header, validators } = record(value, place, ['header', 'validators']);
  return {
    header: hex(header, `${place}/header`),
    validators: stateProof(validators, `${place}/validators`),
  };
}

function stateProof(value: unknown, place: string): StateProof {
  const { address, nodes, slots } = record(value, place, ['address', 'nodes', 'slots']);
  return {
    address: hex(address, `${place}/address`, 20) as Address,
    nodes: list(nodes, `${place}/nodes`, MAX_NODES, hex),
    slots: list(slots, `${place}/slots`, MAX_SLOTS, slotProof),
  };
}

function slotProof(value: unknown, place: string): SlotProof {
  const { slot, nodes } = record(value, place, ['slot', 'nodes']);
  return {
    slot: hex(slot, `${place}/slot`, 32) as Bytes32,
    nodes: list(nodes, `${place}/nodes`, MAX_NODES, hex),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function record(value: unknown, place: string, names: readonly string[]): Readonly<Record<string, unknown>> {
  const isExact =
    isRecord(value) &&
    Object.keys(value).length === names.length &&
    names.every((name) => Object.hasOwn(value, name));
  if (!isExact) throw malformed(place);
  return value;
}

function list<T>(
  value: unknown,
  place: string,
  most: number,
  read: (item: unknown, place: string) => T,
): T[] {
  if (!Array.isArray(value) || value.length > most) throw malformed(place);
  return value.map((item, i) => read(item, `${place}/${i}`));
}

/** A header is the longest: 16 KiB of seals beside its fields. */
const MAX_HEX_BYTES = 32_768;

function hex(value: unknown, place: string, byteLength?: number): Hex {
  if (
    typeof value !== 'string' ||
    value.length > 2 + 2 * MAX_HEX_BYTES ||
    !/^0x(?:[0-9a-f]{2})*$/.test(value)
  ) {
    throw malformed(place);
  }
  if (byteLength !== undefined && value.length !== 2 + 2 * byteLength) throw malformed(place);
  return value as Hex;
}

function malformed(field: string) {
  return refusal('evidence-malformed', undefined, field === '' ? {} : { field });
}
