/**
 * A whole check of one data folder: every table, every block, every promise of the ledger, the views, the vault.
 *
 * Promises: nothing is changed; the views are built a second time in a folder that is thrown away, also when nobody waits
 * any more; findings come in the order of the checks and the first is the one to look at. The gateway runs it on itself; `kudurru fsck` runs it
 * where no gateway does.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { notShownVerdict, type SignatureCount } from './domain/audit/replaySignatures.ts';
import type { Governing } from './domain/audit/trust.ts';
import { Fault } from './domain/base/fault.ts';
import type { Bytes32 } from './domain/base/hex.ts';
import { type Refusal, refusal } from './domain/base/refusal.ts';
import { OVERLAP_TOLERANCE_POLICY, overlapToleranceMm2 } from './domain/land/policies.ts';
import {
  type Audited,
  auditStores,
  type DecidedGround,
  type FsckFinding,
  fsck,
  ORDER_DAMAGED,
} from './fsck.ts';
import type { Engine } from './ledger/engine.ts';
import { openLedger } from './ledger/ledger.ts';
import { StateNotKept } from './ledger/proof.ts';
import { Cadastre } from './store/cadastre.ts';
import { keyStoreTables } from './store/dataKeys.ts';
import { type MonthTold, monthsTold } from './store/keyRotation.ts';
import { openScratchRows } from './store/scratchRows.ts';
import { ORDER_PAGES } from './store/store.ts';
import { Vault } from './store/vault.ts';
import { openViews, type Views } from './store/views.ts';
import { charterOf, linksKnown, provenBy } from './wiring/nodes.ts';
import { PRECIOUS_TABLES, type Stores } from './wiring/stores.ts';

export interface Checkup {
  readonly ok: boolean;
  /** The newest block that was derived. */
  readonly blockNumber: bigint;
  readonly entries: bigint;
  readonly units: number;
  readonly tables: number;
  readonly signatures: SignatureCount;
  /** `signature-not-shown: N` where N signatures are in no event and no direct call; beside `ok`, never in its place. */
  readonly verdicts: readonly string[];
  readonly vault: { readonly records: number; readonly erasedRecords: number };
  /** What a trust file of this ledger may name, as proved; absent where the derivation did not come to its end. */
  readonly governing?: Governing;
  /** Titles that share a boundary as officers decided: beside `ok`, and no finding. */
  readonly decidedGround: readonly DecidedGround[];
  /** The months whose wrapping keys are there, and what still lies under each. */
  readonly keyMonths: readonly MonthTold[];
  readonly findings: readonly (
    | FsckFinding
    | { readonly check: 'vault' | 'keys' | 'folder'; readonly what: string }
  )[];
}

const LIVING =
  'Keys live under a tombstone: start the gateway, which destroys them again, or put them back from its own backup.';
const COUNTED =
  'Keys live that the ledger counts as destroyed: this folder was put back without `kudurru restore`.';
const MISCOUNTED = 'Data keys do not lie under the months under which they are counted.';

/** A second each: who waits for a check is told within minutes that its node does not answer. */
const MOST_FAULTS = 300;

/** Of one block in a row: a node lies now and then, and what no node shows otherwise is a finding. */
const MOST_DOUBTS = 10;

/** Of a folder whose order was built again where a copy of it was opened, so that the copy shows nothing of it. */
export function orderWasDamaged(): Checkup {
  return toldOfOrder({ tables: [], findings: [] }, [{ check: 'folder', what: ORDER_DAMAGED }]);
}

/** Whoever read on would have pages built again, or judge by lists that lack somebody: the rest is checked behind that. */
function toldOfOrder({ tables, findings }: Audited, more: Checkup['findings'] = []): Checkup {
  return {
    ok: false,
    blockNumber: 0n,
    entries: 0n,
    units: 0,
    tables: tables.length,
    signatures: { checked: 0, notShown: 0 },
    verdicts: [],
    vault: { records: 0, erasedRecords: 0 },
    decidedGround: [],
    keyMonths: [],
    findings: [...findings, ...more],
  };
}

export async function checkDataFolder(
  { store, keyStore, dataKeys, erasures }: Stores,
  chain: Engine,
  views: Views,
  signal: AbortSignal = new AbortController().signal,
): Promise<Checkup> {
  const stores = [
    { store, tables: [...PRECIOUS_TABLES, ORDER_PAGES] },
    { store: keyStore, tables: [...keyStoreTables, ORDER_PAGES] },
  ];
  const audited = await auditStores({ stores, signal });
  if (audited.tables.some(({ isOrdered }) => !isOrdered)) return toldOfOrder(audited);
  const links = await linksKnown({ store });
  let faults = 0;
  const onFault = (fault: unknown) => {
    if (fault instanceof StateNotKept) {
      throw refusal('node-keeps-too-little', { blockNumber: fault.blockNumber });
    }
    if (++faults > MOST_FAULTS) throw fault;
  };
  const doubted = { blockNumber: undefined as unknown, times: 0 };
  const isAskedAgain = (why: Refusal | Fault) => {
    if (chain.pin.trust === undefined || signal.aborted || ++faults > MOST_FAULTS) return false;
    if (why instanceof Fault) return true;
    const { blockNumber } = why.holes;
    if (doubted.blockNumber !== blockNumber) doubted.times = 0;
    doubted.blockNumber = blockNumber;
    chain.doubt();
    return ++doubted.times <= MOST_DOUBTS;
  };
  // Without leaps, for the views are compared at the very block that they stand on.
  const options = { provider: chain, pin: chain.pin, links, onFault, isAskedAgain };
  const ledger = await provenBy(chain, () => openLedger(options));
  const { chainId } = chain.pin;
  const folder = mkdtempSync(path.join(tmpdir(), 'kudurru-check-'));
  const scratch = await openViews(path.join(folder, 'views'), ledger.genesis);
  const rows = await openScratchRows(path.join(folder, 'rows'));
  try {
    const toleranceMm2 = overlapToleranceMm2(await views.power.policy(OVERLAP_TOLERANCE_POLICY));
    const report = await fsck({
      chainId,
      charter: charterOf(chain),
      ledger,
      through: chain.headNumber,
      views,
      scratch,
      rows,
      signal,
      ground: { cadastre: new Cadastre(store), toleranceMm2 },
      stores,
      audited,
    });
    const covered = await erasures.coverage();
    const { lostRecords, ...vault } = await new Vault(store, dataKeys).report(covered, signal);
    const what = 'Records of the vault cannot be opened, and no tombstone says why.';
    const { months, areCounted } = await monthsTold(dataKeys, signal);
    const findings = [
      ...report.findings,
      ...(lostRecords > 0 ? [{ check: 'vault' as const, what }] : []),
      ...((await erasures.living()) > 0 ? [{ check: 'keys' as const, what: LIVING }] : []),
      ...((await dataKeys.among(await countedIn(scratch))).found.length > 0
        ? [{ check: 'keys' as const, what: COUNTED }]
        : []),
      ...(areCounted ? [] : [{ check: 'keys' as const, what: MISCOUNTED }]),
    ];
    const { through, entries, units, signatures, tables, governing } = report;
    const notShown = notShownVerdict(signatures);
    return {
      ok: findings.length === 0,
      blockNumber: through.number,
      entries,
      units,
      tables: tables.length,
      signatures,
      verdicts: notShown === undefined ? [] : [notShown],
      vault,
      ...(governing && { governing }),
      decidedGround: report.decidedGround,
      keyMonths: months,
      findings,
    };
  } finally {
    ledger.close();
    await rows.close();
    await scratch.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The ids of every key that the ledger counts as destroyed, whosever. */
async function countedIn({ notary }: Views): Promise<ReadonlySet<Bytes32>> {
  const ids = new Set<Bytes32>();
  for await (const { ids: counted } of notary.allErasures()) for (const id of counted) ids.add(id);
  return ids;
}
