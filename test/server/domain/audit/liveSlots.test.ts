/** Which slots a register holds, as members recompute them for its successor. */
import { expect } from 'chai';
import type { LedgerEvent } from '../../../../server/domain/acts/events.ts';
import { cancelledSlot, divisionIdOf, LiveSlots } from '../../../../server/domain/audit/succession.ts';
import type { Address, Bytes32 } from '../../../../server/domain/base/hex.ts';
import { named } from '../../../chain/signing.ts';

const [FIRST, SECOND] = [`0x${'a1'.repeat(20)}`, `0x${'a2'.repeat(20)}`] as [Address, Address];
const UNIT = named('a unit that divides') as Bytes32;
const ROOT = named('its children') as Bytes32;
const FLAG = cancelledSlot(divisionIdOf(UNIT, ROOT));

function recorded(address: Address, status: string, membersRoot: Bytes32): LedgerEvent {
  const sections = { spatialUnits: [], charges: [], notices: [] };
  const state = { header: { status, membersRoot }, ...sections };
  return { name: 'BAUnitRecorded', address, args: { baUnit: UNIT, state } } as unknown as LedgerEvent;
}

describe('the live slots of a register', () => {
  it('are those of a division that its predecessor opened and it cancelled, and of no later act on the unit', () => {
    const live = new LiveSlots();
    live.apply(recorded(FIRST, 'dividing', ROOT));
    expect(live.of(FIRST)).to.include(FLAG);
    live.apply(recorded(SECOND, 'active', named('no root')));
    expect(live.of(SECOND)).to.include(FLAG);
    const third = `0x${'a3'.repeat(20)}` as Address;
    live.apply(recorded(third, 'active', named('no root')));
    expect(live.of(third)).not.to.include(FLAG);
  });
});
