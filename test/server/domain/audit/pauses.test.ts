/** What an auditor says of a pause: its length, the rest before a lone officer's next, and what is freed. */
import { expect } from 'chai';
import type { EventOf } from '../../../../server/domain/acts/events.ts';
import { NEVER_PAUSED } from '../../../../server/domain/acts/moment.ts';
import { hashStruct, type TypedStruct } from '../../../../server/domain/acts/typedData.ts';
import { FindingList } from '../../../../server/domain/audit/findings.ts';
import type { PowerEffect } from '../../../../server/domain/audit/powerEffects.ts';
import { PowerReplay } from '../../../../server/domain/audit/replayPower.ts';
import {
  type Address,
  type Bytes32,
  wordOf,
  ZERO_32,
  ZERO_ADDRESS,
} from '../../../../server/domain/base/hex.ts';
import { roleBits, SCOPES, type Scope } from '../../../../server/domain/base/terms.ts';
import { POWER_KINDS, POWER_TYPES } from '../../../../server/domain/power/acts.ts';
import { named } from '../../../chain/signing.ts';

const START = 1_900_000_000;
const HOUR = 3_600;
const DAY = 24 * HOUR;
const SAFEGUARDS = `0x${'5a'.repeat(20)}` as Address;
const pauserOf = (institution: number) => named(`pauser of ${institution}`) as Bytes32;

/** Safeguards as an auditor follows them, with one officer in each of two institutions. */
class Safeguards {
  readonly findings = new FindingList();
  readonly #power = new PowerReplay(this.findings);
  now = START;

  constructor() {
    const roles = roleBits(['admin-preparer', 'admin-approver', 'pause']);
    const keyOf = (name: string) => ({
      ...{ kind: 'secp256k1', verifier: ZERO_ADDRESS, keyHash: named(name), rpIdHash: ZERO_32 },
    });
    const officers = [1, 2].flatMap((institution) =>
      [pauserOf(institution), named(`second of ${institution}`), named(`third of ${institution}`)].map(
        (officer) => ({
          ...{ officer, salt: officer, institution, office: 0, roles },
          ...{ key: keyOf(`key of ${officer}`), spare: keyOf(`spare of ${officer}`) },
        }),
      ),
    );
    const institutions = [1, 2].map((institution) => ({ institution, roles }));
    const founding = {
      ...{ officers, institutions, ledgerNonce: ZERO_32, offices: [], verifiers: [], policies: [] },
      ...{ validators: [], quorum: 2, appointmentWaitSeconds: 0 },
    };
    const event = { name: 'ConsortiumFounded', args: { founding } };
    this.#power.apply(event as unknown as EventOf<'ConsortiumFounded'>, this.#moment());
  }

  #moment() {
    return { nowSeconds: this.now, halts: [], redemption: NEVER_PAUSED };
  }

  /** One officer stops a scope for some seconds. */
  stop(scope: Scope, seconds: number, institution = 1): void {
    const args = {
      ...{ scope: 1 << SCOPES.indexOf(scope), until: BigInt(this.now + seconds) },
      ...{ byTwoInstitutions: false, caseReference: ZERO_32 },
    };
    const { byTwoInstitutions: _, ...order } = args;
    const officer = pauserOf(institution);
    const newState = hashStruct(POWER_TYPES, 'ShortPause', { ...order, officer, epoch: 1 } as TypedStruct);
    const subject = wordOf(BigInt(args.scope));
    const by = { preparer: officer, epochs: 1n << 32n };
    const entry = { entryId: named('entry'), kind: POWER_KINDS.shortPause, ...by, newState, subject };
    this.#take({ name: 'Paused', address: SAFEGUARDS, args }, entry);
  }

  /** Two institutions stop a scope for some seconds, or free it; what they signed is not looked at here. */
  byTwo(name: 'Paused' | 'Unpaused', scope: Scope, seconds = 0): void {
    const of = { scope: 1 << SCOPES.indexOf(scope), caseReference: ZERO_32 };
    const stop = { until: BigInt(this.now + seconds), byTwoInstitutions: true };
    const args = name === 'Paused' ? Object.assign({}, of, stop) : of;
    this.#take(
      { name, address: SAFEGUARDS, args },
      {
        ...{ entryId: named('entry'), preparer: pauserOf(1), epochs: 0n },
      },
    );
  }

  #take(told: object, entry: object): void {
    const effect = told as unknown as PowerEffect;
    const args = entry as EventOf<'EntryRecorded'>['args'];
    const event = { address: SAFEGUARDS, args } as EventOf<'EntryRecorded'>;
    this.#power.checkBound(effect, event, undefined, this.#moment());
    this.#power.apply(effect, this.#moment());
  }

  get broken(): string[] {
    return this.findings.all.map(({ invariant }) => invariant);
  }
}

function brokenBy(tell: (safeguards: Safeguards) => void): string[] {
  const safeguards = new Safeguards();
  tell(safeguards);
  return safeguards.broken;
}

describe("an auditor's safeguards", () => {
  it('name a pause that is longer or sooner than may be', () => {
    expect(brokenBy((one) => one.stop('land', 3 * DAY))).to.deep.equal([]);
    expect(brokenBy((one) => one.stop('land', 3 * DAY + 1))).to.deep.equal(['P9']);
    expect(brokenBy((one) => one.stop('land', 0))).to.deep.equal(['P9']);
    expect(brokenBy((one) => one.stop('redemption', HOUR))).to.deep.equal(['P9']);
    const again = (after: number, institution: number) =>
      brokenBy((one) => {
        one.stop('land', HOUR);
        one.now += after;
        one.stop('land', HOUR, institution);
      });
    expect(again(HOUR - 1, 2)).to.deep.equal(['P9']);
    expect(again(HOUR, 2)).to.deep.equal([]);
    expect(again(10 * HOUR - 1, 1)).to.deep.equal(['P9']);
    expect(again(10 * HOUR, 1)).to.deep.equal([]);
  });

  it('count the rest of a pause that others end from what it lasted, and of one that ran out not again', () => {
    const again = (before: number, rest: number) =>
      brokenBy((one) => {
        one.stop('land', 2 * HOUR);
        one.now += before;
        one.byTwo('Paused', 'land', DAY);
        one.now += HOUR;
        one.byTwo('Unpaused', 'land');
        one.now = START + rest;
        one.stop('land', HOUR);
      }).includes('P9');
    // Ended after an hour by two institutions: nine hours and a second counted ten times behind it.
    expect([again(HOUR, 10 * HOUR + 9), again(HOUR, 10 * HOUR + 10)]).to.deep.equal([true, false]);
    expect([again(3 * HOUR, 20 * HOUR - 1), again(3 * HOUR, 20 * HOUR)]).to.deep.equal([true, false]);
  });
});
