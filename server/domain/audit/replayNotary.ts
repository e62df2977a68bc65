/**
 * The auditor's notary: every root in its line, under the key of its institution's recorder, and every stone counted.
 *
 * Promises: a recorder is whom two admins of its institution named and who showed the key; each root and erasure is
 * judged as the register judges it (N1, N2), its signature checked, and its entry binds it. An event counts from its
 * own entry on; one that no entry follows is found.
 */
import { type RegisterDomain, registerDomain } from '../acts/domains.ts';
import type { EventOf } from '../acts/events.ts';
import { digest, hashStruct, type TypedStruct, type TypeTable } from '../acts/typedData.ts';
import { type Bytes32, type Hex, wordOf, ZERO_32 } from '../base/hex.ts';
import { Refusal } from '../base/refusal.ts';
import type { InstitutionId, OfficeId } from '../base/terms.ts';
import {
  afterRoot,
  judgeErasure,
  judgeRoot,
  type Newest,
  NO_RECORDER,
  NO_ROOT,
  NOTARY_TYPES,
  type Recorder,
  rootMessage,
} from '../notary/roots.ts';
import { POWER_TYPES } from '../power/acts.ts';
import type { BlockMoment, FindingList } from './findings.ts';
import { isSecp256k1 } from './officerSignature.ts';
import type { PowerReplay } from './replayPower.ts';
import type { SignatureReplay, SignedAct } from './replaySignatures.ts';

type Notarial = EventOf<'RecorderAppointed' | 'RecorderRevoked' | 'RootRecorded' | 'Erased'>;

interface Parts {
  readonly chainId: bigint;
  readonly findings: FindingList;
  readonly power: PowerReplay;
  readonly signatures: SignatureReplay;
}

export class NotaryReplay {
  readonly #parts: Parts;
  readonly #recorders = new Map<InstitutionId, Recorder>();
  readonly #newest = new Map<string, Newest>();
  readonly #usedKeys = new Set<Bytes32>();
  readonly #erased = new Set<Bytes32>();
  /** Whose entry is to come. */
  #pending: Notarial | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  apply(event: Notarial): void {
    this.settle();
    this.#pending = event;
  }

  /** What nobody recorded by now. */
  settle(): void {
    if (this.#pending === undefined) return;
    const { address } = this.#pending;
    this.#parts.findings.add('L3', 'The notary changed without an entry that says so.', address);
    this.#pending = undefined;
  }

  enter(entry: EventOf<'EntryRecorded'>, signed: SignedAct | undefined, moment: BlockMoment): void {
    const event = this.#pending;
    this.#pending = undefined;
    const { findings, signatures } = this.#parts;
    const { institution } = event?.args ?? {};
    if (event === undefined || institution === undefined) {
      findings.add('L3', 'An entry says that the notary changed, and nothing did.', entry.args.entryId);
      return;
    }
    const recorder = this.#recorders.get(institution) ?? NO_RECORDER;
    if (signed !== undefined) signatures.checkTwo(signed, [entry], adminsOf(institution), moment);
    switch (event.name) {
      case 'RecorderAppointed':
        this.#appoint(event, recorder, moment);
        this.#checkActOf(entry, signed, 'AppointRecorder', {
          institution,
          epochBefore: Math.max(event.args.epoch - 1, 0), // nobody signs of an epoch before the first
          keyHash: event.args.keyHash,
        });
        break;
      case 'RecorderRevoked': {
        const isOne = recorder.keyHash !== ZERO_32 && recorder.epoch === event.args.epoch;
        findings.require(isOne, 'N1', 'A recorder key ended that was not in force.', event.address);
        this.#recorders.set(institution, { ...recorder, keyHash: ZERO_32 });
        this.#checkActOf(entry, signed, 'RevokeRecorder', { institution, epoch: event.args.epoch });
        break;
      }
      case 'RootRecorded':
        this.#root(event, entry, recorder, moment);
        break;
      case 'Erased':
        this.#countErased(event, entry, recorder, moment);
        break;
    }
  }

  #appoint(
    { address, args }: EventOf<'RecorderAppointed'>,
    before: Recorder,
    { nowSeconds }: BlockMoment,
  ): void {
    const { findings, power } = this.#parts;
    const { institution, keyHash, epoch, activeFrom, possession } = args;
    const isNext = epoch === before.epoch + 1 && !this.#usedKeys.has(keyHash);
    findings.require(isNext, 'N1', 'A recorder key is not the next, or was one before.', address);
    const message = { officerId: ZERO_32, keyHash, epoch, institution };
    const shown = digest(this.#domainOf(address), NOTARY_TYPES, 'KeyPossession', message);
    const isShown = isSecp256k1(keyHash, shown, possession);
    findings.require(isShown, 'N1', 'A recorder key was appointed that nobody showed to hold.', address);
    const isDue = activeFrom === BigInt(nowSeconds) + power.appointmentWait;
    findings.require(isDue, 'P5', 'A recorder key counts from another moment than its wait ends.', address);
    this.#usedKeys.add(keyHash);
    this.#recorders.set(institution, { keyHash, epoch, activeFrom, stones: before.stones });
  }

  #root(
    event: EventOf<'RootRecorded'>,
    entry: EventOf<'EntryRecorded'>,
    recorder: Recorder,
    moment: BlockMoment,
  ): void {
    const nowSeconds = BigInt(moment.nowSeconds);
    const { signature, ...record } = event.args;
    const place = `${record.institution} ${record.kind}`;
    const newest = this.#newest.get(place) ?? NO_ROOT;
    this.#judge(event, () => judgeRoot(record, { recorder, newest, nowSeconds }));
    this.#requireSigned(event, entry, recorder, 'RootRecord', rootMessage(record), signature, moment);
    this.#newest.set(place, afterRoot(record, nowSeconds));
  }

  #countErased(
    event: EventOf<'Erased'>,
    entry: EventOf<'EntryRecorded'>,
    recorder: Recorder,
    moment: BlockMoment,
  ): void {
    const nowSeconds = BigInt(moment.nowSeconds);
    const { signature, ...erasure } = event.args;
    this.#judge(event, () => judgeErasure(erasure, { recorder, nowSeconds }));
    this.#requireSigned(
      event,
      entry,
      recorder,
      'Erasure',
      { ...erasure, ids: [...erasure.ids] },
      signature,
      moment,
    );
    for (const id of erasure.ids) {
      this.#parts.findings.require(!this.#erased.has(id), 'N2', 'A data key was destroyed twice.', id);
      this.#erased.add(id);
    }
    const stones = recorder.stones + BigInt(erasure.ids.length);
    this.#recorders.set(erasure.institution, { ...recorder, stones });
  }

  #judge({ address }: Notarial, check: () => void): void {
    try {
      check();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#parts.findings.refuse(error.code, 'N1', address);
    }
  }

  /** An act of two officers: its fields are those of the event, and its entry says so. */
  #checkActOf(
    entry: EventOf<'EntryRecorded'>,
    signed: SignedAct | undefined,
    type: 'AppointRecorder' | 'RevokeRecorder',
    fields: TypedStruct & { readonly institution: InstitutionId },
  ): void {
    const actHash = signed && hashStruct(POWER_TYPES, type, { head: { ...signed.head }, ...fields });
    const isBound = signed !== undefined && actHash === signed.actHash;
    this.#requireBound(entry, fields.institution, isBound ? signed.actHash : ZERO_32);
  }

  #requireSigned(
    { address, args: { institution } }: Notarial,
    entry: EventOf<'EntryRecorded'>,
    recorder: Recorder,
    type: 'RootRecord' | 'Erasure',
    message: TypedStruct,
    signature: Hex,
    moment: BlockMoment,
  ): void {
    const { findings, power } = this.#parts;
    const types: TypeTable = NOTARY_TYPES;
    const signed = digest(this.#domainOf(address), types, type, message);
    const isSigned = isSecp256k1(recorder.keyHash, signed, signature) && !power.isBarred(institution, moment);
    const what = 'A root or an erasure is not by the recorder of its institution.';
    findings.require(isSigned && entry.args.entryId === signed, 'N1', what, address);
    this.#requireBound(entry, institution, hashStruct(types, type, message));
  }

  #requireBound({ args }: EventOf<'EntryRecorded'>, institution: InstitutionId, newState: Bytes32): void {
    const isBound = args.subject === wordOf(BigInt(institution)) && args.newState === newState;
    const what = 'The notary changed otherwise than its entry says.';
    this.#parts.findings.require(isBound, 'L3', what, args.entryId);
  }

  #domainOf(address: Notarial['address']): RegisterDomain {
    const { chainId, power } = this.#parts;
    const identity = { chainId: Number(chainId), ledgerNonce: power.ledgerNonce ?? ZERO_32 };
    return registerDomain('notary', identity, address);
  }
}

/** Two admins of the institution, of every office. */
function adminsOf(institution: InstitutionId) {
  const need = { office: 0 as OfficeId, scope: 'officers', institution } as const;
  return { ...need, preparerInstitution: 0, twoInstitutions: false } as const;
}
