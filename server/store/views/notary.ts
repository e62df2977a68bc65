/** What institutions swore to: their recorder keys, the roots in their lines, and the data keys they destroyed. */
import type { EventOf } from '../../domain/acts/events.ts';
import type { Bytes32 } from '../../domain/base/hex.ts';
import type { InstitutionId, RootKind } from '../../domain/base/terms.ts';
import { afterRoot, type Newest, NO_RECORDER, type Recorder } from '../../domain/notary/roots.ts';
import { json } from '../codec.ts';
import { type DisposableStore, disposable, disposableList } from '../disposable.ts';
import { ordinal } from '../store.ts';
import { type Page, type PageRequest, pageOf } from './page.ts';
import type { Step } from './step.ts';

export interface RootRow extends Newest {
  readonly institution: InstitutionId;
  readonly kind: RootKind;
  readonly root: Bytes32;
  readonly stones: bigint;
  readonly blockNumber: bigint;
}

export interface ErasureRow {
  readonly institution: InstitutionId;
  readonly stonesBefore: bigint;
  readonly ids: readonly Bytes32[];
  readonly recordedAt: bigint;
  readonly blockNumber: bigint;
}

const recorders = disposable('recorders', json<Recorder & { readonly institution: InstitutionId }>());
/** By institution, kind and index. */
const roots = disposableList('roots', json<RootRow>(), 2);
/** By institution and the count before. */
const erasures = disposableList('erasures', json<ErasureRow>(), 1);

const ACCESS_LOG: RootKind = 'access-log';

const rootKey = (institution: InstitutionId, kind: RootKind) => `${ordinal(institution)}/${kind}`;

export function applyNotary(
  { batch, block }: Step,
  event: EventOf<'RecorderAppointed' | 'RecorderRevoked' | 'RootRecorded' | 'Erased'>,
): void {
  const { institution } = event.args;
  const key = ordinal(institution);
  const recorder = batch.get(recorders, key) ?? { ...NO_RECORDER, institution };
  const recordedAt = BigInt(block.timestampSeconds);
  const { blockNumber } = event;
  switch (event.name) {
    case 'RecorderAppointed': {
      const { keyHash, epoch, activeFrom } = event.args;
      batch.put(recorders, key, { ...recorder, keyHash, epoch, activeFrom });
      break;
    }
    case 'RecorderRevoked':
      batch.put(recorders, key, { ...recorder, keyHash: NO_RECORDER.keyHash });
      break;
    case 'RootRecorded': {
      const { kind, root, stones, index } = event.args;
      const row = { institution, kind, root, stones, blockNumber, ...afterRoot(event.args, recordedAt) };
      batch.put(roots, `${rootKey(institution, kind)}/${ordinal(index)}`, row);
      break;
    }
    case 'Erased': {
      const { stonesBefore, ids } = event.args;
      const row = { institution, stonesBefore, ids, recordedAt, blockNumber };
      batch.put(erasures, `${key}/${ordinal(stonesBefore)}`, row);
      batch.put(recorders, key, { ...recorder, stones: stonesBefore + BigInt(ids.length) });
      break;
    }
  }
}

export class NotaryViews {
  readonly #store: DisposableStore;

  constructor(store: DisposableStore) {
    this.#store = store;
  }

  /** Undefined where the institution never had a recorder. */
  recorder(institution: InstitutionId): Promise<Recorder | undefined> {
    return this.#store.get(recorders, ordinal(institution));
  }

  /** Data keys that all institutions together had counted as destroyed. */
  async stones(): Promise<bigint> {
    let sum = 0n;
    for await (const [, { stones }] of this.#store.range(recorders)) sum += stones;
    return sum;
  }

  /** Institutions with a recorder that swore to no root of its access log since this second. */
  async overdue(since: bigint): Promise<readonly InstitutionId[]> {
    const found: InstitutionId[] = [];
    for await (const [, { institution, keyHash }] of this.#store.range(recorders)) {
      if (keyHash === NO_RECORDER.keyHash) continue;
      const [newest] = (await this.roots(institution, ACCESS_LOG, { newestFirst: true, limit: 1 })).rows;
      if (newest === undefined || newest.recordedAt < since) found.push(institution);
    }
    return found;
  }

  /** Roots of one kind by index. */
  roots(institution: InstitutionId, kind: RootKind, request: PageRequest = {}): Promise<Page<RootRow>> {
    return pageOf(this.#store, roots, rootKey(institution, kind), request);
  }

  /** Of all institutions. */
  async *allErasures(): AsyncGenerator<ErasureRow> {
    for await (const [, row] of this.#store.range(erasures)) yield row;
  }

  /** Erasures in the order in which they were counted. */
  erasures(institution: InstitutionId, request: PageRequest = {}): Promise<Page<ErasureRow>> {
    return pageOf(this.#store, erasures, ordinal(institution), request);
  }
}
