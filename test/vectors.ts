/** The pinned bytes that TypeScript, Solidity and the browser all make; a change of any is a new format. */
import { readFileSync } from 'node:fs';
import type { Fact } from '../server/domain/acts/facts.ts';
import type { Leaf } from '../server/domain/acts/merkle.ts';
import type { TypedStruct, TypeTable } from '../server/domain/acts/typedData.ts';
import type { Address, Bytes32, Hex } from '../server/domain/base/hex.ts';
import type { OfficerId } from '../server/domain/base/terms.ts';
import type { LandLedger } from '../server/domain/land/acts.ts';
import type { SectionHashes } from '../server/domain/land/hashes.ts';

export interface Vectors {
  readonly merkle: readonly {
    readonly leaves: readonly { readonly salt: Bytes32; readonly data: Hex; readonly leaf: Leaf }[];
    readonly root: Bytes32;
    readonly proofs: readonly (readonly Bytes32[])[];
  }[];
  readonly typedData: readonly {
    readonly types: TypeTable;
    readonly primaryType: string;
    readonly domain: {
      readonly name: string;
      readonly version: string;
      readonly chainId: string;
      readonly verifyingContract?: Address;
    };
    readonly value: TypedStruct;
    readonly pinned: {
      readonly encodeType: string;
      readonly typeHash: Bytes32;
      readonly hashStruct: Bytes32;
      readonly domainSeparator: Bytes32;
      readonly digest: Bytes32;
    };
  }[];
  readonly trust: {
    readonly file: unknown;
    readonly fingerprint: Bytes32;
  };
  /** Acts, tables, slots, items and results of the register of benefits; integers wider than 32 bits are text. */
  readonly benefits: unknown;
  readonly facts: {
    readonly facts: readonly Fact[];
    readonly leaves: readonly Leaf[];
    readonly root: Bytes32;
  };
  readonly land: {
    readonly state: {
      readonly [section: string]: unknown;
      readonly header: Readonly<Record<string, string>>;
    };
    readonly sections: SectionHashes;
    readonly stateHash: Bytes32;
    readonly typeHashes: Readonly<Record<string, Bytes32>>;
    readonly signed: {
      readonly ledger: LandLedger;
      readonly act: unknown;
      readonly approval: { readonly approver: OfficerId; readonly approverEpoch: number };
      readonly consent: unknown;
      /** Of the act, its approval and the consent. */
      readonly digests: readonly Bytes32[];
    };
  };
  readonly certificate: {
    readonly trust: unknown;
    readonly file: unknown;
    readonly anchored: unknown;
  };
}

export const vectors: Vectors = JSON.parse(
  readFileSync(new URL('vectors/vectors.json', import.meta.url), 'utf8'),
);
