/** The auditor's officers, event by event: each reason for which a signature does not count, alone. */

import { expect } from 'chai';
import type { ContractName, EventOf, LedgerEvent } from '../../../../server/domain/acts/events.ts';
import { NEVER_PAUSED } from '../../../../server/domain/acts/moment.ts';
import { FindingList } from '../../../../server/domain/audit/findings.ts';
import { PowerReplay } from '../../../../server/domain/audit/replayPower.ts';
import { ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { named } from '../../../chain/signing.ts';

const NOW = 1_900_000_000;
const AMINA = named('amina');
const BORIS = named('boris');
const CHIARA = named('chiara');
const STRANGER = named('stranger');

/** An act of two officers in each register, and what fewer may do. */
const TWO = 3;
const WITHDRAWAL = 1;

let findings: FindingList;
let power: PowerReplay;
const apply = (name: string, args: object) => {
  const event = { name, address: named('consortium'), contract: 'consortium', args };
  power.apply(event as unknown as LedgerEvent, moment);
};
const moment = { nowSeconds: NOW, halts: [], redemption: NEVER_PAUSED };

interface Signed {
  readonly contract?: ContractName;
  readonly kind?: number;
  readonly preparer?: string;
  readonly approver?: string;
  readonly epochs?: readonly [preparer: number, approver: number];
}

/** The promises an entry breaks, in their order. */
function brokenBy({
  contract = 'land',
  kind = TWO,
  preparer = AMINA,
  approver = BORIS,
  epochs = [1, 1],
}: Signed) {
  const before = findings.all.length;
  const args = {
    ...{ kind, preparer, approver, entryId: named('an entry') },
    epochs: (BigInt(epochs[0]) << 32n) | BigInt(epochs[1]),
  };
  power.checkOfficers({ contract, args } as unknown as EventOf<'EntryRecorded'>, moment);
  return findings.all.slice(before).map(({ invariant }) => invariant);
}

describe('the officers of an auditor', () => {
  beforeEach(() => {
    findings = new FindingList();
    power = new PowerReplay(findings);
    const officers = [AMINA, BORIS].map((officer) => ({ officer, institution: 1 }));
    apply('ConsortiumFounded', { founding: { officers } });
    apply('OfficerAppointed', { officer: CHIARA, institution: 2, activeFrom: BigInt(NOW) });
    power.beginTransaction();
  });

  it('are two, known, under their own keys, of any register', () => {
    for (const contract of ['consortium', 'personnel', 'safeguards', 'land', 'benefits'] as const) {
      expect(brokenBy({ contract }), contract).to.deep.equal([]);
      expect(brokenBy({ contract, approver: AMINA }), contract).to.deep.equal(['P1']);
      expect(brokenBy({ contract, approver: STRANGER }), contract).to.deep.equal(['L3']);
      expect(brokenBy({ contract, approver: ZERO_32 }), contract).to.deep.equal(['L3']);
      expect(brokenBy({ contract, preparer: ZERO_32 }), contract).to.deep.equal(['L3']);
      expect(brokenBy({ contract, preparer: STRANGER }), contract).to.deep.equal(['L3']);
      expect(brokenBy({ contract, epochs: [2, 1] }), contract).to.deep.equal(['P3']);
      expect(brokenBy({ contract, epochs: [1, 2] }), contract).to.deep.equal(['P3']);
      expect(brokenBy({ contract, epochs: [0, 0] }), contract).to.deep.equal(['P3', 'P3']);
    }
  });

  it('are one where a register lets one act, and that one is judged all the same', () => {
    const alone: readonly (readonly [ContractName, number])[] = [
      ['land', WITHDRAWAL],
      ['benefits', WITHDRAWAL],
      ['personnel', 18],
      ['safeguards', 16],
    ];
    for (const [contract, kind] of alone) {
      expect(brokenBy({ contract, kind, approver: ZERO_32 }), `${contract} ${kind}`).to.deep.equal([]);
      expect(brokenBy({ contract, kind, preparer: STRANGER }), `${contract} ${kind}`).to.deep.equal(['L3']);
      expect(brokenBy({ contract, kind, epochs: [2, 1] }), `${contract} ${kind}`).to.deep.equal(['P3']);
    }
    const together: readonly (readonly [ContractName, number])[] = [
      ['land', 18],
      ['benefits', 18],
      ['safeguards', 18],
      ['land', 16],
      ['benefits', 16],
      ['personnel', 16],
      ['personnel', 17],
      ['consortium', 18],
      ['consortium', 31],
      ['safeguards', 17],
      ['benefits', 25],
    ];
    for (const [contract, kind] of together)
      expect(brokenBy({ contract, kind, approver: ZERO_32 }), `${contract} ${kind}`).to.deep.equal(['L3']);
  });

  it('are none of a measure, a release, a batch and a sweep, and of nothing else', () => {
    const nobody = { preparer: ZERO_32, approver: ZERO_32 };
    const unsigned: readonly (readonly [ContractName, number])[] = [
      ['consortium', 32],
      ['consortium', 200],
      ['benefits', 24],
      ['benefits', 26],
      ['land', 16 + 22],
    ];
    for (const [contract, kind] of unsigned)
      expect(brokenBy(Object.assign({ contract, kind }, nobody)), `${contract} ${kind}`).to.deep.equal([]);
    for (const [contract, kind] of [
      ['land', 32],
      ['safeguards', 32],
      ['land', 24],
      ['land', 26],
      ['consortium', 24],
      ['benefits', 25],
    ] as const)
      expect(brokenBy(Object.assign({ contract, kind }, nobody)), `${contract} ${kind}`).to.include('L3');
  });

  it('count from the second on for which they were appointed', () => {
    expect(brokenBy({ approver: CHIARA })).to.deep.equal([]);
    apply('OfficerAppointed', { officer: STRANGER, institution: 2, activeFrom: BigInt(NOW + 1) });
    expect(brokenBy({ approver: STRANGER })).to.deep.equal(['P3']);
  });

  it('count no more once revoked, but for what they signed in that very transaction', () => {
    apply('OfficerRevoked', { officer: AMINA });
    expect(brokenBy({})).to.deep.equal([]);
    power.beginTransaction();
    expect(brokenBy({})).to.deep.equal(['P3']);
    expect(brokenBy({ preparer: CHIARA })).to.deep.equal([]);
  });

  it('count under a new key from its time on, under the old one no longer', () => {
    apply('KeyRotated', { officer: AMINA, epoch: 2, activeFrom: BigInt(NOW) });
    expect(brokenBy({})).to.deep.equal([]);
    expect(brokenBy({ epochs: [2, 1] })).to.deep.equal([]);
    apply('KeyRotated', { officer: AMINA, epoch: 3, activeFrom: BigInt(NOW + 1) });
    // Before this transaction it was 1; what came and went inside it was nobody's.
    expect(brokenBy({})).to.deep.equal([]);
    expect(brokenBy({ epochs: [2, 1] })).to.deep.equal(['P3']);
    expect(brokenBy({ epochs: [3, 1] })).to.deep.equal(['P3']);
    power.beginTransaction();
    expect(brokenBy({})).to.deep.equal(['P3']);
  });

  it('count for no institution that is suspended or expelled, and again when the suspension is lifted', () => {
    apply('InstitutionSuspended', { institution: 2 });
    expect(brokenBy({ approver: CHIARA })).to.deep.equal(['P3']);
    expect(brokenBy({})).to.deep.equal([]);
    apply('SuspensionLifted', { institution: 1 });
    expect(brokenBy({ approver: CHIARA })).to.deep.equal(['P3']);
    apply('SuspensionLifted', { institution: 2 });
    expect(brokenBy({ approver: CHIARA })).to.deep.equal([]);
    apply('InstitutionExpelled', { institution: 2 });
    expect(brokenBy({ approver: CHIARA })).to.deep.equal(['P3']);
  });

  it('are those of the consortium in force alone', () => {
    apply('OfficerRevoked', { officer: CHIARA });
    apply('InstitutionExpelled', { institution: 1 });
    apply('ConsortiumFounded', {
      founding: {
        officers: [
          { officer: STRANGER, institution: 1 },
          { officer: AMINA, institution: 1 },
        ],
      },
    });
    power.beginTransaction();
    expect(brokenBy({ preparer: STRANGER, approver: AMINA })).to.deep.equal([]);
    expect(brokenBy({ preparer: STRANGER })).to.deep.equal(['L3']);
  });

  it('that nobody appointed are not changed unseen', () => {
    for (const [name, args] of [
      ['OfficerRevoked', {}],
      ['KeyRotated', { epoch: 2, activeFrom: 0n }],
    ] as const) {
      const before = findings.all.length;
      apply(name, Object.assign({ officer: STRANGER }, args));
      expect(
        findings.all.slice(before).map(({ invariant }) => invariant),
        name,
      ).to.deep.equal(['L3']);
    }
  });
});
