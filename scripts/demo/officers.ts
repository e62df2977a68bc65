/**
 * Officers of the demonstration, each with a key of their own that the gateway never sees.
 *
 * An act is signed here as an officer's own device does it: the prepared file is read, everything in it is
 * recomputed, and only then the digest is signed. Keys live in a key ring outside the data folder.
 */
import { randomBytes } from 'node:crypto';
import { approvalOf } from '../../server/domain/acts/approval.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import { type Bytes32, toHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import type { InstitutionId, OfficeId, OfficerId } from '../../server/domain/base/terms.ts';
import { readActFile } from '../../server/domain/signer/actFile.ts';
import type { Client, Operation } from '../client.ts';
import type { Keyring } from '../keyring.ts';

const HOUR_SECONDS = 3_600;
/** Kenyan shillings, ISO 4217. */
export const DEMO_CURRENCY = 404;
export const DEMO_OFFICE = 1 as OfficeId;

export interface Officer {
  readonly name: string;
  readonly officer: OfficerId;
  readonly epoch: number;
  readonly institution: InstitutionId;
  /** With this officer's own token. */
  readonly client: Client;
}

export interface PreparedAnswer {
  readonly id: Bytes32;
  readonly prepared: unknown;
  readonly operation?: string;
}

export const nowSeconds = (): number => Math.floor(Date.now() / 1000);
export const randomId = (): Bytes32 => toHex(randomBytes(32)) as Bytes32;

/** The beginning of an act, as the preparer's device fills it in. */
export function headOf(preparer: Officer) {
  return {
    office: DEMO_OFFICE,
    preparer: preparer.officer,
    preparerEpoch: preparer.epoch,
    notBefore: 0,
    deadline: nowSeconds() + HOUR_SECONDS,
    effectiveOn: 0,
    salt: toHex(randomBytes(16)),
    sourcesRoot: ZERO_32,
    corrects: ZERO_32,
  };
}

/** A holder's or lender's signature of the consent at a place of the act. */
export type Consenting = (place: number, digest: Bytes32, deadline: number) => object;

export class Pair {
  readonly preparer: Officer;
  readonly approver: Officer;
  readonly #ring: Keyring;

  constructor(ring: Keyring, preparer: Officer, approver: Officer) {
    this.#ring = ring;
    this.preparer = preparer;
    this.approver = approver;
  }

  /** Prepares, has consents given, signs twice, and waits until everybody can see it. */
  async record(path: string, body: object, consenting?: Consenting): Promise<Operation> {
    return this.settled(await this.submit(path, body, consenting));
  }

  /** The same without the wait: answers the operation to follow. */
  async submit(path: string, body: object, consenting?: Consenting): Promise<string> {
    const act = await this.prepare(path, body);
    await this.consent(act, consenting);
    return this.sign(act);
  }

  settled(operation: string): Promise<Operation> {
    return this.approver.client.settled(operation);
  }

  prepare(path: string, body: object): Promise<PreparedAnswer> {
    const { client } = this.preparer;
    return client.ask(path, { method: 'POST', body: { head: headOf(this.preparer), ...body } });
  }

  async consent({ id, prepared }: PreparedAnswer, consenting: Consenting | undefined): Promise<void> {
    const { consents } = readActFile(JSON.stringify(prepared));
    for (const [place, consent] of consents.entries()) {
      if (consenting === undefined) throw new Error('an act that needs a consent nobody gives');
      const signed = consenting(place, digestOf(consent), Number(consent.message.deadline));
      await this.preparer.client.ask(`/acts/${id}/signatures`, {
        method: 'POST',
        body: { part: 'consent', place, ...signed },
      });
    }
  }

  async sign({ id, prepared }: PreparedAnswer): Promise<string> {
    const { act } = readActFile(JSON.stringify(prepared));
    const { preparer, approver } = this;
    await preparer.client.ask(`/acts/${id}/signatures`, {
      method: 'POST',
      body: {
        part: 'preparer',
        signer: preparer.officer,
        signature: this.#ring.signDigest(preparer.name, digestOf(act)),
      },
    });
    const approval = {
      approver: approver.officer,
      approverEpoch: approver.epoch,
      deadline: BigInt(nowSeconds() + HOUR_SECONDS),
    };
    const { operation = '' } = await approver.client.ask<PreparedAnswer>(`/acts/${id}/signatures`, {
      method: 'POST',
      body: {
        part: 'approver',
        signer: approver.officer,
        signature: this.#ring.signDigest(approver.name, digestOf(approvalOf(act, approval))),
        approval: { approverEpoch: approval.approverEpoch, deadline: Number(approval.deadline) },
      },
    });
    return operation;
  }
}
