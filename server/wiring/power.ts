/** The part of the composition root that wires power: its desks, and the routes of members. */
import { randomBytes } from 'node:crypto';
import type { Commit } from '../acts/commit.ts';
import { openNotaryCalls } from '../acts/notaryCalls.ts';
import { openMeasureCalls, openPowerReading } from '../acts/powerCalls.ts';
import type { ActFileReader } from '../desk/actFiles.ts';
import type { MeasureDesk } from '../desk/measures.ts';
import { CONTRACT_OF, type LedgerIdentity } from '../domain/acts/domains.ts';
import type { ContractName } from '../domain/acts/events.ts';
import { type Address, type Bytes32, type Hex, toHex } from '../domain/base/hex.ts';
import type { OfficeId, VendorId } from '../domain/base/terms.ts';
import { consortiumRoutes } from '../http/consortium.ts';
import { measureRoutes } from '../http/measures.ts';
import { notaryRoutes } from '../http/notary.ts';
import { powerRoutes } from '../http/power.ts';
import type { Route } from '../http/route.ts';
import type { PendingActs } from '../store/acts.ts';
import type { Erasures } from '../store/erasures.ts';
import type { Labels } from '../store/labels.ts';
import type { Proposals } from '../store/proposals.ts';
import type { Views } from '../store/views.ts';

export interface PowerParts {
  readonly commit: Commit;
  readonly fileOf: ActFileReader;
  readonly views: Views;
  readonly labels: Labels;
  readonly acts: PendingActs;
  readonly proposals: Proposals;
  readonly identity: LedgerIdentity;
  readonly sealsAlone: boolean;
  readonly erasures: Erasures;
  /** The contracts in force, whenever it is asked. */
  readonly inForce: Readonly<Record<ContractName, Address>>;
  call(to: Address, data: Hex, from?: Address): Promise<Hex>;
  /** The time the next block would have: what acts and votes are judged by. */
  ledgerNowMs(): number;
}

export function routesOfPower(parts: PowerParts): Route[] {
  const { commit, fileOf, views, acts, proposals, identity, inForce, call, ledgerNowMs, labels } = parts;
  const { chainId, ledgerNonce } = identity;
  const { sealsAlone } = parts;
  const desk: MeasureDesk = {
    views,
    acts,
    proposals,
    sealsAlone,
    ledger: { chainId, ledgerNonce, addressOf: (register) => inForce[CONTRACT_OF[register]] },
    reading: openPowerReading({ at: inForce, call }),
    calls: openMeasureCalls(inForce),
    nowSeconds: () => BigInt(Math.floor(ledgerNowMs() / 1000)),
    salt: () => toHex(randomBytes(32)) as Bytes32,
  };
  return [
    ...consortiumRoutes({ desk, labels }),
    ...powerRoutes({ commit, fileOf, desk }),
    ...measureRoutes({ commit, fileOf, desk }),
    ...notaryRoutes({
      commit,
      views,
      ledger: desk.ledger,
      nowSeconds: desk.nowSeconds,
      calls: openNotaryCalls(inForce),
      destroyed: parts.erasures,
    }),
  ];
}

/** Whose an office or a vendor is, for tokens that are bound to one; nobody's before there is a ledger. */
export const keeperIn =
  (views: Views | undefined) =>
  async (bound: OfficeId | VendorId): Promise<number | undefined> =>
    typeof bound === 'number'
      ? views?.power.officeKeeper(bound)
      : (await views?.benefits.vendor(bound))?.record.institution;
