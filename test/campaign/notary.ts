/** What institutions have recorded beside the registers: recorders, roots of their logs, and keys they destroyed. */

import type { LedgerEvent } from '../../server/domain/acts/events.ts';
import { addressOfPrivateKey, signCompact } from '../../server/domain/acts/signing.ts';
import { digest, type TypedStruct } from '../../server/domain/acts/typedData.ts';
import { fromHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import { type InstitutionId, ROOT_KINDS } from '../../server/domain/base/terms.ts';
import {
  afterRoot,
  type Newest,
  NO_RECORDER,
  NO_ROOT,
  NOTARY_TYPES,
  type Recorder,
} from '../../server/domain/notary/roots.ts';
import { keyHashOfAddress } from '../../server/domain/power/possession.ts';
import { named, officerOf } from '../chain/signing.ts';
import { type ActPlan, abiTypes, type OrderPlan } from './plan.ts';
import { INSTITUTIONS, OFFICE_OF, type Scene } from './scene.ts';

const HOUR_SECONDS = 3_600n;
const DAY_SECONDS = 86_400n;
const MOST_ERASED = 5;

/** The recorders and the newest roots, as events tell them. */
export class Recorders {
  readonly #recorders = new Map<InstitutionId, Recorder>();
  readonly #newest = new Map<string, Newest>();

  of(institution: InstitutionId): Recorder {
    return this.#recorders.get(institution) ?? NO_RECORDER;
  }

  newest(institution: InstitutionId, kind: string): Newest {
    return this.#newest.get(`${institution} ${kind}`) ?? NO_ROOT;
  }

  follow(event: LedgerEvent, now: bigint): void {
    if (!('institution' in event.args)) return;
    const { institution } = event.args;
    const before = this.of(institution);
    const set = (changed: Partial<Recorder>) => this.#recorders.set(institution, { ...before, ...changed });
    if (event.name === 'RecorderAppointed') {
      const { keyHash, epoch, activeFrom } = event.args;
      set({ keyHash, epoch, activeFrom });
    }
    if (event.name === 'RecorderRevoked') set({ keyHash: ZERO_32 });
    if (event.name === 'Erased') set({ stones: before.stones + BigInt(event.args.ids.length) });
    if (event.name === 'RootRecorded')
      this.#newest.set(`${institution} ${event.args.kind}`, afterRoot(event.args, now));
  }
}

type Move = (scene: Scene) => ActPlan | OrderPlan | undefined;

const nameOf = (institution: InstitutionId, epoch: number) => `recorder ${institution} ${epoch}`;
const keyOf = (institution: InstitutionId, epoch: number) => fromHex(named(nameOf(institution, epoch)));

export function notaryAct(
  scene: Scene,
  institution: InstitutionId,
  method: string,
  fields: TypedStruct,
  more: ActPlan['more'] = [],
): ActPlan | undefined {
  const by = scene.pair(institution);
  if (by === undefined) return undefined;
  const { types, primaryType } = abiTypes('notary', method);
  const message = { head: scene.head(by[0], OFFICE_OF(institution)), ...fields };
  return { kind: 'act', contract: 'notary', method, by, types, primaryType, message, more };
}

const appoint: Move = (scene) => {
  const institution = scene.random.pick(INSTITUTIONS);
  const before = scene.recorders.of(institution);
  if (before.keyHash !== ZERO_32 && !scene.chance(4)) return undefined;
  const epoch = before.epoch + 1;
  const key = keyOf(institution, epoch);
  const keyHash = keyHashOfAddress(addressOfPrivateKey(key));
  const possessed = { officerId: ZERO_32, keyHash, epoch, institution };
  const domain = scene.machine.domainOf('notary');
  const possession = signCompact(digest(domain, NOTARY_TYPES, 'KeyPossession', possessed), key);
  const fields = { institution, epochBefore: before.epoch, keyHash };
  return notaryAct(scene, institution, 'appointRecorder', fields, [possession]);
};

const revoke: Move = (scene) => {
  const institution = scene.random.pick(INSTITUTIONS);
  const { keyHash, epoch } = scene.recorders.of(institution);
  if (keyHash === ZERO_32 || !scene.chance(20)) return undefined;
  return notaryAct(scene, institution, 'revokeRecorder', { institution, epoch });
};

/** One whose key counts by now; a hasty one does not look. */
function recording(scene: Scene): { institution: InstitutionId; recorder: Recorder } | undefined {
  const institution = scene.random.pick(INSTITUTIONS);
  const recorder = scene.recorders.of(institution);
  const isHasty = scene.chance(3);
  const counts = recorder.keyHash !== ZERO_32 && recorder.activeFrom <= scene.now;
  return counts || isHasty ? { institution, recorder } : undefined;
}

function order(institution: InstitutionId, method: string, epoch: number, message: TypedStruct): OrderPlan {
  const by = { ...officerOf(institution, nameOf(institution, epoch)), key: keyOf(institution, epoch) };
  return { kind: 'order', contract: 'notary', method, message, by };
}

/** The next root of a kind, covering so many lines. */
function rootOf(
  scene: Scene,
  institution: InstitutionId,
  kind: (typeof ROOT_KINDS)[number],
  lines: bigint,
): OrderPlan {
  const { epoch, stones } = scene.recorders.of(institution);
  const { index } = scene.recorders.newest(institution, kind);
  return order(institution, 'recordRoot', epoch, {
    ...{ institution, epoch, kind: ROOT_KINDS.indexOf(kind), index: index + 1n },
    ...{ root: scene.drafts.id(), lines, stones: kind === 'access-log' ? stones : 0n },
    day: Number(scene.now / DAY_SECONDS),
  });
}

const root: Move = (scene) => {
  const found = recording(scene);
  if (found === undefined) return undefined;
  const { institution, recorder } = found;
  const kind = scene.random.pick(ROOT_KINDS.slice(1));
  const { lines, recordedAt, epoch } = scene.recorders.newest(institution, kind);
  if (recordedAt + HOUR_SECONDS > scene.now && !scene.chance(2)) return undefined;
  // Under a new key the lines begin where it says.
  const isAnew = epoch !== recorder.epoch && scene.chance(30);
  return rootOf(scene, institution, kind, (isAnew ? 0n : lines) + BigInt(scene.random.below(100)));
};

/** A root that follows another within the hour. */
export const rootTooSoon: Move = (scene) => {
  for (const institution of INSTITUTIONS) {
    const { keyHash, activeFrom } = scene.recorders.of(institution);
    if (keyHash === ZERO_32 || activeFrom > scene.now) continue;
    for (const kind of ROOT_KINDS.slice(1)) {
      const { lines, recordedAt } = scene.recorders.newest(institution, kind);
      if (recordedAt + HOUR_SECONDS > scene.now) return rootOf(scene, institution, kind, lines);
    }
  }
  return undefined;
};

const erase: Move = (scene) => {
  const found = recording(scene);
  if (found === undefined) return undefined;
  const { institution, recorder } = found;
  const ids = Array.from({ length: 1 + scene.random.below(MOST_ERASED) }, () => scene.drafts.id()).sort();
  const { epoch, stones } = recorder;
  return order(institution, 'recordErasure', epoch, { institution, epoch, stonesBefore: stones, ids });
};

/** By how often each is tried. */
export const NOTARY_MOVES: readonly (readonly [weight: number, move: Move])[] = [
  [2, appoint],
  [1, revoke],
  [4, root],
  [2, erase],
];
