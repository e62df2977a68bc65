/** Which slots a register holds, as members recompute them for its successor. */
import { expect } from 'chai';
import type { ContractName, LedgerEvent } from '../../../../server/domain/acts/events.ts';
import { cancelledSlot, divisionIdOf, LiveSlots } from '../../../../server/domain/audit/succession.ts';
import type { Address, Bytes32 } from '../../../../server/domain/base/hex.ts';
import { named } from '../../../chain/signing.ts';

const [FIRST, SECOND] = [`0x${'a1'.repeat(20)}`, `0x${'a2'.repeat(20)}`] as [Address, Address];
const UNIT = named('a unit that divides') as Bytes32;
const ROOT = named('its children') as Bytes32;
const FLAG = cancelledSlot(divisionIdOf(UNIT, ROOT));

const LAND = `0x${'a3'.repeat(20)}` as Address;

const told = (address: Address, contract: ContractName, name: string, args: object): LedgerEvent =>
  ({ name, address, contract, args }) as unknown as LedgerEvent;

function recorded(address: Address, status: string, membersRoot: Bytes32, baUnit = UNIT): LedgerEvent {
  const sections = { spatialUnits: [], charges: [], notices: [] };
  const state = { header: { status, membersRoot }, ...sections };
  return told(address, 'land', 'BAUnitRecorded', { baUnit, state });
}

describe('the live slots of a register', () => {
  it('are those of a division that its predecessor opened and it cancelled', () => {
    const live = new LiveSlots();
    live.apply(recorded(FIRST, 'dividing', ROOT));
    expect(live.of(FIRST)).to.include(FLAG);
    live.apply(recorded(SECOND, 'active', named('no root')));
    expect(live.of(SECOND)).to.include(FLAG);
    const other = named('another unit') as Bytes32;
    live.apply(recorded(SECOND, 'active', named('no root'), other));
    expect(live.of(SECOND)).not.to.include(cancelledSlot(divisionIdOf(other, ROOT)));
  });

  it('are all of a record that its predecessor began, though words of it were zero when they were carried over', () => {
    const live = new LiveSlots();
    const act = { programme: named('food'), institution: 2, currency: 404 };
    const applied = { name: 'DefineProgramme', act };
    live.apply(told(FIRST, 'benefits', 'ActApplied', { applied }));
    const all = live.of(FIRST);
    expect(all).to.have.length(10);
    const [slot] = all;
    expect(live.of(SECOND)).to.deep.equal([]);
    live.apply(told(SECOND, 'benefits', 'WordsImported', { slots: [slot], words: [named('a word')] }));
    expect(live.of(SECOND)).to.deep.equal(all);
    live.apply(told(LAND, 'land', 'WordsImported', { slots: [FLAG], words: [named('a word')] }));
    expect(live.of(LAND)).to.deep.equal([FLAG]);
    expect(live.of(SECOND)).not.to.include(FLAG);
  });
});
