/** What the register's rules say of a file that no state opens: the time of every act, and whom a vote appoints. */
import { expect } from 'chai';
import { registerDomain } from '../../../../server/domain/acts/domains.ts';
import { type TypedStruct, typesOf } from '../../../../server/domain/acts/typedData.ts';
import { POWER_TYPES } from '../../../../server/domain/power/acts.ts';
import { appointmentsHashOf } from '../../../../server/domain/power/measures.ts';
import { readActFile, writeActFile } from '../../../../server/domain/signer/actFile.ts';
import { rulesBroken } from '../../../../server/domain/signer/judged.ts';
import type { SignableData } from '../../../../server/domain/signer/typedJson.ts';
import { address, LEDGER } from '../../../scripts/holderFolder.ts';
import { word } from '../acts/signedActs.ts';

const CLOSES = 1_790_000_000n;
const NO_ADDRESS = `0x${'00'.repeat(20)}`;
const key = fieldsOf('Key', { kind: 1n, keyHash: word(0x31) });
const appointment = (institution: bigint): TypedStruct => ({
  ...{ salt: word(0x32), institution, office: 0n, roles: 1n, key, spare: key },
});

/** Rules that a vote to admit institution 3 breaks with these officers, in time or after it. */
function broken(officers: readonly TypedStruct[], after = 0n): readonly (string | undefined)[] {
  const measure = fieldsOf('Measure', {
    ...{ institution: 3n, kind: 1n, appointmentsHash: appointmentsHashOf(officers), closesAt: CLOSES },
  });
  const domain = registerDomain('consortium', LEDGER, address(0xc1));
  const message = fieldsOf('Vote', { measure });
  const act = { domain, types: typesOf(POWER_TYPES, 'Vote'), primaryType: 'Vote', message } as SignableData;
  const file = writeActFile({ act, items: officers, approval: undefined, consents: [], opens: [] });
  return (
    rulesBroken(readActFile(JSON.stringify(file)), CLOSES + after)?.map(
      ({ code, place }) => `${code} ${place.field}`,
    ) ?? ['unopened']
  );
}

/** Every field of a struct: as given, and nothing else. */
function fieldsOf(struct: string, given: TypedStruct): TypedStruct {
  return Object.fromEntries(
    (POWER_TYPES[struct as keyof typeof POWER_TYPES] ?? []).map(({ name, type }) => [
      name,
      given[name] ??
        (type === 'address'
          ? NO_ADDRESS
          : type === 'bool'
            ? true
            : type.startsWith('bytes32')
              ? word(0)
              : 0n),
    ]),
  );
}

describe('the rules that a signer asks of an act without a state', () => {
  it('are that its time is not over, and that whom a vote appoints is of the institution that it is about', () => {
    expect(broken([appointment(3n), appointment(3n)])).to.deep.equal([]);
    expect(broken([appointment(3n), appointment(2n)])).to.deep.equal([
      'appointments-differ /measure/institution',
    ]);
    expect(broken([], 1n)).to.deep.equal(['act-expired /head/deadline']);
  });
});
