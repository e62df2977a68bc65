/** A folder of a holder: trust files of a ledger and of another register, and a sale that asks her. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { hashStruct, type TypedStruct } from '../../server/domain/acts/typedData.ts';
import { writeTrust } from '../../server/domain/audit/trust.ts';
import type { Address, Bytes32 } from '../../server/domain/base/hex.ts';
import type { BAUnitId } from '../../server/domain/base/terms.ts';
import { LAND_TYPES } from '../../server/domain/land/acts.ts';
import { fromAbi } from '../../server/domain/land/codec.ts';
import { unitsHash } from '../../server/domain/land/hashes.ts';
import type { BAUnitState } from '../../server/domain/land/types.ts';
import { writeActFile } from '../../server/domain/signer/actFile.ts';
import { kudurru, NO_NETWORK, type Ran } from '../gateway/kudurru.ts';
import {
  consent as askedFor,
  head,
  land,
  partyFacts,
  right,
  state,
  word,
} from '../server/domain/acts/signedActs.ts';

export const UNIT = word(0x41) as BAUnitId;
export const LEDGER = { chainId: 281_474_976_710_655, ledgerNonce: word(0x4e) };
export const GENESIS = word(0x47);
export const address = (byte: number) => `0x${byte.toString(16).repeat(20)}` as Address;
export const trustOf = (registry: Address) => {
  const contract = (of: Address) => ({ address: of, codeHash: word(0x99) });
  return writeTrust({
    ...{ format: 'kudurru-trust-1', genesisHash: GENESIS, ...LEDGER, lineage: 'embedded' },
    ...{ nodeKey: address(0x11), witnessKeys: [], witnessThreshold: 0 },
    contracts: {
      ...{ charter: contract(address(0x12)), consortium: contract(address(0x13)) },
      ...{ landRegistry: contract(registry), benefitLedger: contract(address(0x14)) },
    },
    minimumCheckpoint: { blockNumber: 0, blockHash: GENESIS },
  });
};

export const hashOf = (struct: string, message: TypedStruct) => hashStruct(LAND_TYPES, struct, message);

/** The text of the sale of the unit, which a key of the holder holds, as the office would hand it over. */
export function saleOf(keyHash: Bytes32, changed: TypedStruct = {}): string {
  const [holding] = right.holdings as [TypedStruct];
  const held = { ...state, rights: [{ ...right, holdings: [{ ...holding, keyHash }] }] };
  const next = {
    ...right,
    holdings: [{ ...holding, holdingId: 0n, keyHash: word(0x22) }],
    ...changed,
  };
  const unit = { baUnit: UNIT, priorState: hashOf('BAUnitState', held) };
  const seen = fromAbi('BAUnitState', held) as BAUnitState;
  const terms = {
    unitsHash: unitsHash([{ baUnit: UNIT, state: seen }]),
    termsHash: hashOf('Right', next),
  };
  const file = writeActFile({
    ...{ act: land('TransferRight', { head: { ...head, deadline: 4_102_444_800n }, unit, next }), items: [] },
    ...{ approval: undefined, consents: [askedFor({ ...terms, deadline: 4_102_444_800n })] },
    opens: [{ state: held }, partyFacts],
  });
  return JSON.stringify(file);
}

export class HolderFolder {
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kudurru-holder-'));

  constructor() {
    fs.writeFileSync(this.file('trust.json'), trustOf(address(0xd0)));
    fs.writeFileSync(this.file('elsewhere.json'), trustOf(address(0xd1)));
  }

  /** Without a network: a socket that is opened ends the process. */
  holder(...args: string[]): Ran {
    return kudurru(['holder', ...args], { NODE_OPTIONS: `--import=${NO_NETWORK}` }, this.#folder);
  }

  writeSale(name: string, keyHash: Bytes32): void {
    fs.writeFileSync(this.file(name), saleOf(keyHash));
  }

  file(name: string): string {
    return path.join(this.#folder, name);
  }

  write(name: string, text: string): void {
    fs.writeFileSync(this.file(name), text);
  }

  has(name: string): boolean {
    return fs.existsSync(this.file(name));
  }

  text(name: string): string {
    return fs.readFileSync(this.file(name), 'utf8');
  }

  json<T>(name: string): T {
    return JSON.parse(this.text(name)) as T;
  }

  remove(): void {
    fs.rmSync(this.#folder, { recursive: true });
  }
}
