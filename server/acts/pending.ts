/**
 * What a kept act is, whose signature fits which part, and the one transaction it becomes.
 *
 * Hides the JSON in which an act waits (`WaitingAct`) and the contracts' argument order. Promises: the transaction
 * carries exactly the act that was shown and signed; a signature that is not by the key its part asks for is refused
 * when it is handed in, where that can be told without the chain; nothing of a waiting act is personal. For `commit`;
 * desks write acts through `waitingAct` and show them through `WaitingActs`.
 */

import { keccak_256 } from '@noble/hashes/sha3.js';
import { approvalOf } from '../domain/acts/approval.ts';
import { callOf } from '../domain/acts/call.ts';
import type { ContractName } from '../domain/acts/events.ts';
import type { Approval } from '../domain/acts/head.ts';
import { keyHashOf } from '../domain/acts/signing.ts';
import {
  digestOf,
  type TypedData,
  type TypedDomain,
  type TypedStruct,
  type TypedValue,
  type TypeTable,
} from '../domain/acts/typedData.ts';
import { recoverCompact } from '../domain/audit/signature.ts';
import { TRANSACTION_GAS_CAP } from '../domain/base/chain.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { KEY_KINDS, type KeyKind, numberOf } from '../domain/base/terms.ts';
import { writeCall } from '../ledger/contracts.ts';
import type { ActPart, ActSignature } from '../store/acts.ts';
import type { ActBook } from './commit.ts';

/** A consent the act needs: what its signer signs but for the time, and whose key must. */
export interface ConsentAsked {
  readonly domain: TypedDomain;
  readonly types: TypeTable;
  readonly fields: TypedStruct;
  readonly keyHash: Bytes32;
}

/** An act as it waits: what is signed, what is sent once it is, and what its commitments stand for or are found by. */
export interface WaitingAct {
  readonly typedData: TypedData;
  readonly consents: readonly ConsentAsked[];
  readonly args: readonly TypedValue[];
  /** The unit, programme or cycle whose acts go in order. */
  readonly orderedBy: string;
  /** The states of the units it changes, as they are hashed. */
  readonly states: readonly TypedStruct[];
  /** Commitments of facts that the vault can open, in the order of the act. */
  readonly roots: readonly Bytes32[];
}

const MARK = '$n';

/** Integers are `{"$n":"12"}`, as in every record of ours. */
export function waitingAct(act: WaitingAct): string {
  return JSON.stringify(act, (_, part: unknown) =>
    typeof part === 'bigint' ? { [MARK]: part.toString() } : part,
  );
}

function readWaitingAct(content: string): WaitingAct {
  return JSON.parse(content, (_, part: unknown) =>
    typeof part === 'object' && part !== null && MARK in part ? BigInt(String(part[MARK])) : part,
  ) as WaitingAct;
}

/** All that must be signed of an act. */
export function partsOf({ consents }: Pick<WaitingAct, 'consents'>): ActPart[] {
  return ['preparer', 'approver', ...consents.map((_, i): ActPart => `consent-${i}`)];
}

/** The items that a batch hashes, as its call takes them; none where the act is no batch. */
export function itemsOf({ typedData, args: [call] }: WaitingAct): readonly TypedStruct[] {
  return typedData.primaryType === 'Batch' ? ((call as TypedStruct).titles as readonly TypedStruct[]) : [];
}

/** Characters of waiting acts kept read: an act is asked for by each of its signers within minutes. */
const REMEMBERED_CHARACTERS_MAX = 8 * 2 ** 20;

/** Waiting acts by their ids, read once however many of their signers ask: content never changes. */
export class WaitingActs {
  readonly #contentOf: (id: Bytes32) => Promise<string | undefined>;
  /** The one that was asked for last comes last. */
  readonly #read = new Map<Bytes32, { readonly waiting: WaitingAct; readonly characters: number }>();
  #characters = 0;

  constructor(contentOf: (id: Bytes32) => Promise<string | undefined>) {
    this.#contentOf = contentOf;
  }

  async get(id: Bytes32): Promise<WaitingAct> {
    const known = this.#read.get(id) ?? (await this.#readContent(id));
    this.#read.delete(id);
    this.#read.set(id, known);
    return known.waiting;
  }

  async #readContent(id: Bytes32) {
    const content = await this.#contentOf(id);
    if (content === undefined) throw refusal('act-missing');
    const read = { waiting: readWaitingAct(content), characters: content.length };
    for (const [other, { characters }] of this.#read) {
      if (this.#characters + read.characters <= REMEMBERED_CHARACTERS_MAX) break;
      this.#read.delete(other);
      this.#characters -= characters;
    }
    this.#characters += read.characters;
    return read;
  }
}

/** What a consent's signature comes with: its time, and the key behind the hash the register holds. */
export interface ConsentFields {
  readonly notBefore: number;
  readonly deadline: number;
  readonly mandateCommitment: Bytes32;
  readonly kind: KeyKind;
  readonly salt: Bytes32;
  /** Empty for secp256k1. */
  readonly key: Hex;
}

/** `keyHashOfOfficer` answers undefined for a key that the chain alone can check. */
export function openActBook(
  acts: WaitingActs,
  addressOf: (contract: ContractName) => Address,
  keyHashOfOfficer: (officer: Bytes32) => Promise<Bytes32 | undefined>,
): ActBook {
  return {
    async checkPart({ id }, signature) {
      const waiting = await acts.get(id);
      const digest = partDigest(waiting, signature);
      const isCompact = /^0x[0-9a-f]{128}$/.test(signature.signature);
      const signer = isCompact ? recoverCompact(fromHex(digest), fromHex(signature.signature)) : undefined;
      const place = consentPlace(signature.part);
      if (place !== undefined) {
        const { kind, salt, key }: ConsentFields = JSON.parse(signature.signed);
        const known = kind === 'secp256k1' ? signer : key;
        const asked = waiting.consents[place]?.keyHash;
        if (known === undefined || keyHashOf(salt, kind, known) !== asked)
          throw refusal('signature-not-by-key');
        return;
      }
      if (signature.part === 'preparer' && signature.signer !== headOf(waiting).preparer) {
        throw refusal('signature-not-by-key');
      }
      const expected = await keyHashOfOfficer(signature.signer);
      if (expected === undefined) return; // a passkey or P-256 key: the contract checks it
      if (signer === undefined || toHex(keccak_256(fromHex(signer))) !== expected)
        throw refusal('signature-not-by-key');
    },

    async callOf(act) {
      const waiting = await acts.get(act.id);
      const part = (name: string) => act.signatures.find((signature) => signature.part === name);
      const [preparer, approver] = [part('preparer'), part('approver')];
      if (preparer === undefined || approver === undefined) throw new Error('an act that is not whole');
      const approval: Approval = JSON.parse(approver.signed);
      const proofs = waiting.consents.map((_, i) => proofOf(part(`consent-${i}`)));
      const signatures = { preparer: preparer.signature, approval, approver: approver.signature };
      const { contract, method, args } = callOf(waiting, proofs, signatures);
      const data = writeCall(contract, method, args);
      const call = { to: addressOf(contract), data, gas: BigInt(TRANSACTION_GAS_CAP) };
      return { call, orderedBy: waiting.orderedBy };
    },
  };
}

function headOf({ typedData }: WaitingAct): { readonly preparer: Bytes32 } {
  return typedData.message.head as unknown as { readonly preparer: Bytes32 };
}

function consentPlace(part: string): number | undefined {
  const [, place] = /^consent-(\d+)$/.exec(part) ?? [];
  return place === undefined ? undefined : Number(place);
}

/** What the key of a part signs. */
export function partDigest(
  waiting: WaitingAct,
  { part, signed }: Pick<ActSignature, 'part' | 'signed'>,
): Bytes32 {
  const { typedData, consents } = waiting;
  if (part === 'preparer') return digestOf(typedData);
  if (part === 'approver') {
    return digestOf(approvalOf(typedData, JSON.parse(signed)));
  }
  const asked = consents[consentPlace(part) ?? -1];
  if (asked === undefined) throw refusal('consent-unneeded');
  const { notBefore, deadline, mandateCommitment }: ConsentFields = JSON.parse(signed);
  const message = { ...asked.fields, notBefore, deadline, mandateCommitment };
  return digestOf({ domain: asked.domain, types: asked.types, primaryType: 'Consent', message });
}

function proofOf(signature: ActSignature | undefined) {
  if (signature === undefined) throw new Error('an act without one of its consents');
  const fields: ConsentFields = JSON.parse(signature.signed);
  return {
    notBefore: fields.notBefore,
    deadline: fields.deadline,
    mandateCommitment: fields.mandateCommitment,
    kind: numberOf(KEY_KINDS, fields.kind),
    salt: fields.salt,
    key: fields.key,
    signature: signature.signature,
  };
}
