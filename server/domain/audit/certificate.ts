/**
 * The certificate of a title as a file: what is shown of one unit, and all that proves it, in one text.
 *
 * Hides the file's form. Promises: a certificate that is read has exactly the fields of its format, and its text is the
 * one spelling of them, so no byte of it goes unread; whatever else is `evidence-malformed` with the place. Reading says
 * nothing about truth: see verifyCertificate.ts. The header of the unit is always shown, for a status that could be
 * hidden would be worth nothing. Pure; the gateway writes it, anybody reads it.
 */
import { type DisclosedFact, discloseFacts, type FactSet, MAX_FACTS } from '../acts/facts.ts';
import { type Bytes32, fromHex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import { requireFormat } from '../base/strictJson.ts';
import type { BAUnitId } from '../base/terms.ts';
import type { LandStructs } from '../land/acts.ts';
import { fromJson, toJson } from '../land/codec.ts';
import type { CommitmentPlace } from '../land/commitments.ts';
import { HASH_OF_SECTION, type SectionHashes } from '../land/hashes.ts';
import {
  type BAUnitState,
  type Header,
  SECTIONS,
  type Section,
  STATE_FORMAT_VERSION,
} from '../land/types.ts';
import { readEvidence } from './evidence.ts';
import { readHeader } from './header.ts';
import type { FinalityEvidence } from './lineage.ts';
import { hex, integer, list, malformed, parseJson, record, stateProof } from './shape.ts';
import type { StateProof } from './state.ts';

const FORMAT = 'kudurru-certificate-1';
/** Ten thousand changes of validators with their proofs, and room for the facts. */
const MAX_TEXT_CHARACTERS = 64 * 2 ** 20;

/** One fact with the commitment it opens. */
export interface CertifiedFact extends DisclosedFact {
  readonly of: CommitmentPlace;
}

type Hideable = Exclude<Section, 'header'>;

/** A unit's state: each section but the header shown or as its hash. */
export type ShownState = { readonly header: Header } & {
  readonly [S in Hideable]: BAUnitState[S] | Bytes32;
} & Pick<BAUnitState, 'factsRoot' | 'priorState'>;

export interface Certificate {
  readonly format: typeof FORMAT;
  readonly baUnit: BAUnitId;
  /** Time of the block it is proved in, in seconds. */
  readonly issuedAt: number;
  readonly state: ShownState;
  readonly facts: readonly CertifiedFact[];
  /** Under the state root of the final header: what `certificateSlots` names. */
  readonly proofs: {
    readonly charter: StateProof;
    readonly consortium: StateProof;
    readonly landRegistry: StateProof;
  };
  readonly finality: FinalityEvidence;
}

// ---- Making one ---------------------------------------------------------------------------------------------

export interface CertificateParts {
  readonly baUnit: BAUnitId;
  readonly state: BAUnitState;
  /** Sections to show beside the header. */
  readonly show: readonly Section[];
  /** Facts to show: of which commitment, and which of its paths. */
  readonly facts: readonly {
    readonly of: CommitmentPlace;
    readonly set: FactSet;
    readonly paths: readonly string[];
  }[];
  readonly proofs: Certificate['proofs'];
  readonly finality: FinalityEvidence;
}

/** Puts the parts together; whether they hold is for `verifyCertificate` to say, which whoever issues asks first. */
export function buildCertificate(parts: CertificateParts): Certificate {
  const { baUnit, state, show, facts, proofs, finality } = parts;
  const shown = <S extends Hideable>(section: S): BAUnitState[S] | Bytes32 =>
    show.includes(section) ? state[section] : HASH_OF_SECTION[section](state[section]);
  return {
    format: FORMAT,
    baUnit,
    issuedAt: readHeader(fromHex(finality.header)).timestampSeconds,
    state: {
      header: state.header,
      spatialUnits: shown('spatialUnits'),
      rights: shown('rights'),
      charges: shown('charges'),
      notices: shown('notices'),
      responsibilities: shown('responsibilities'),
      applications: shown('applications'),
      factsRoot: state.factsRoot,
      priorState: state.priorState,
    },
    facts: facts.flatMap(({ of, set, paths }) => discloseFacts(set, paths).map((fact) => ({ of, ...fact }))),
    proofs,
    finality,
  };
}

/** The sections that are shown, and the commitments of the whole. */
export function shownSections({
  state,
}: Certificate): Pick<BAUnitState, 'factsRoot' | 'header'> & Partial<BAUnitState> {
  const shown = Object.entries(state).filter(([, content]) => typeof content !== 'string');
  return { ...Object.fromEntries(shown), header: state.header, factsRoot: state.factsRoot };
}

/** The hash of every section, of those that are shown by what is shown. */
export function hashesOf({ header, ...state }: ShownState): SectionHashes {
  const hash = <S extends Hideable>(section: S, content: BAUnitState[S] | Bytes32): Bytes32 =>
    isHash(content) ? content : HASH_OF_SECTION[section](content);
  return {
    header: HASH_OF_SECTION.header(header),
    spatialUnits: hash('spatialUnits', state.spatialUnits),
    rights: hash('rights', state.rights),
    charges: hash('charges', state.charges),
    notices: hash('notices', state.notices),
    responsibilities: hash('responsibilities', state.responsibilities),
    applications: hash('applications', state.applications),
  };
}

function isHash(content: unknown): content is Bytes32 {
  return typeof content === 'string';
}

// ---- The text -----------------------------------------------------------------------------------------------

const STRUCT_OF = {
  spatialUnits: 'SpatialUnit',
  rights: 'Right',
  charges: 'Restriction',
  notices: 'Restriction',
  responsibilities: 'Responsibility',
  applications: 'Application',
} as const satisfies Record<Hideable, string>;

/** The one text of a certificate. */
export function writeCertificate(certificate: Certificate): string {
  const { format, baUnit, issuedAt, state, facts, proofs, finality } = certificate;
  const section = <K extends keyof LandStructs>(struct: K, content: readonly LandStructs[K][] | Bytes32) =>
    isHash(content) ? content : content.map((item) => toJson(struct, item));
  const { factsRoot, priorState } = state;
  return `${JSON.stringify({
    format,
    baUnit,
    issuedAt,
    state: {
      header: toJson('Header', state.header),
      spatialUnits: section(STRUCT_OF.spatialUnits, state.spatialUnits),
      rights: section(STRUCT_OF.rights, state.rights),
      charges: section(STRUCT_OF.charges, state.charges),
      notices: section(STRUCT_OF.notices, state.notices),
      responsibilities: section(STRUCT_OF.responsibilities, state.responsibilities),
      applications: section(STRUCT_OF.applications, state.applications),
      factsRoot,
      priorState,
    },
    facts: facts.map(({ of, path, value, salt, index, size, proof }) => {
      return { of, path, value, salt, index, size, proof };
    }),
    proofs: {
      charter: proofFields(proofs.charter),
      consortium: proofFields(proofs.consortium),
      landRegistry: proofFields(proofs.landRegistry),
    },
    finality: evidenceFields(finality),
  })}\n`;
}

function proofFields({ address, nodes, slots }: StateProof) {
  return { address, nodes, slots: slots.map(({ slot, nodes: path }) => ({ slot, nodes: path })) };
}

/** Evidence in the order of its fields, however it was made. */
function evidenceFields(evidence: FinalityEvidence) {
  const { kind, header } = evidence;
  if (kind === 'qbft-header') return { kind, first: evidence.first, header };
  if (kind === 'embedded') {
    const { nodeSignature, witnessSignatures } = evidence;
    return { kind, header, nodeSignature, witnessSignatures };
  }
  const link = (of: (typeof evidence)['parent']) => {
    return { header: of.header, validators: proofFields(of.validators) };
  };
  const { first, checkpoint, steps, parent } = evidence;
  return {
    kind,
    first,
    ...(checkpoint === undefined ? {} : { checkpoint: link(checkpoint) }),
    steps: steps.map(link),
    parent: link(parent),
    header,
  };
}

/** Reads the text of a certificate. */
export function readCertificate(text: string): Certificate {
  if (text.length > MAX_TEXT_CHARACTERS) throw malformed('');
  const certificate = certificateOf(parseJson(text));
  if (writeCertificate(certificate) !== text) throw malformed('');
  return certificate;
}

function certificateOf(json: unknown): Certificate {
  const fields = ['format', 'baUnit', 'issuedAt', 'state', 'facts', 'proofs', 'finality'] as const;
  requireFormat(json, FORMAT, malformed);
  const file = record(json, '', fields);
  const proofs = record(file.proofs, '/proofs', ['charter', 'consortium', 'landRegistry']);
  return {
    format: FORMAT,
    baUnit: hex(file.baUnit, '/baUnit', 32) as BAUnitId,
    issuedAt: integer(file.issuedAt, '/issuedAt'),
    state: stateOf(file.state),
    facts: list(file.facts, '/facts', MAX_COMMITMENTS * MAX_FACTS, factOf),
    proofs: {
      charter: stateProof(proofs.charter, '/proofs/charter'),
      consortium: stateProof(proofs.consortium, '/proofs/consortium'),
      landRegistry: stateProof(proofs.landRegistry, '/proofs/landRegistry'),
    },
    finality: readEvidence(file.finality, '/finality'),
  };
}

function stateOf(json: unknown): ShownState {
  const names = [...SECTIONS, 'factsRoot', 'priorState'];
  const given = record(json, '/state', names);
  const section = <S extends Hideable>(name: S): BAUnitState[S] | Bytes32 => {
    const place = `/state/${name}`;
    if (typeof given[name] === 'string') return hex(given[name], place, 32) as Bytes32;
    const items = list(given[name], place, MAX_ITEMS, (item, at) =>
      fromJson(STRUCT_OF[name], item, at, malformed),
    );
    return items as readonly unknown[] as BAUnitState[S];
  };
  const header = fromJson('Header', given.header, '/state/header', malformed);
  if (header.formatVersion !== STATE_FORMAT_VERSION) {
    throw refusal('format-unknown', undefined, { field: '/state/header/formatVersion' });
  }
  return {
    header,
    spatialUnits: section('spatialUnits'),
    rights: section('rights'),
    charges: section('charges'),
    notices: section('notices'),
    responsibilities: section('responsibilities'),
    applications: section('applications'),
    factsRoot: hex(given.factsRoot, '/state/factsRoot', 32) as Bytes32,
    priorState: hex(given.priorState, '/state/priorState', 32) as Bytes32,
  };
}

/** No section has more. */
const MAX_ITEMS = 64;
/** The unit's own, and one for each parcel, right, holding, charge, notice and responsibility. */
const MAX_COMMITMENTS = 1 + 6 * MAX_ITEMS;
/** The deepest tree of facts has 2^24 leaves. */
const MAX_FACT_PROOF = 24;

function factOf(json: unknown, place: string): CertifiedFact {
  const names = ['of', 'path', 'value', 'salt', 'index', 'size', 'proof'];
  const given = record(json, place, names);
  const text = (name: string): string => {
    const value = given[name];
    if (typeof value !== 'string') throw malformed(`${place}/${name}`);
    return value;
  };
  return {
    of: text('of') as CommitmentPlace,
    path: text('path'),
    value: text('value'),
    salt: hex(given.salt, `${place}/salt`, 32) as Bytes32,
    index: integer(given.index, `${place}/index`),
    size: integer(given.size, `${place}/size`),
    proof: list(given.proof, `${place}/proof`, MAX_FACT_PROOF, (item, at) => hex(item, at, 32) as Bytes32),
  };
}
