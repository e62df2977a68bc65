/** What the register's rules say of a file that no state opens: the time of every act, and whom a vote appoints. */
import { expect } from 'chai';
import { registerDomain } from '../../../../server/domain/acts/domains.ts';
import { SIGNED_TYPES } from '../../../../server/domain/acts/signedActs.ts';
import { hashStruct, type TypedStruct, typesOf } from '../../../../server/domain/acts/typedData.ts';
import { LAND_TYPES } from '../../../../server/domain/land/acts.ts';
import { POWER_TYPES } from '../../../../server/domain/power/acts.ts';
import { appointmentsHashOf } from '../../../../server/domain/power/measures.ts';
import { readActFile, writeActFile } from '../../../../server/domain/signer/actFile.ts';
import { MOST_CLOCK_SECONDS } from '../../../../server/domain/signer/consentFile.ts';
import { effectAfter, overSince, rulesBroken } from '../../../../server/domain/signer/judged.ts';
import type { Opens } from '../../../../server/domain/signer/openings.ts';
import type { SignableData } from '../../../../server/domain/signer/typedJson.ts';
import { address, LEDGER } from '../../../scripts/holderFolder.ts';
import { word } from '../acts/signedActs.ts';
import { prior, rows, signedOf } from './openedActs.ts';

const CLOSES = 1_790_000_000n;
const NO_ADDRESS = `0x${'00'.repeat(20)}`;
const key = fieldsOf('Key', { kind: 1n, keyHash: word(0x31) });
const appointment = (institution: bigint): TypedStruct => ({
  ...{ salt: word(0x32), institution, office: 0n, roles: 1n, key, spare: key },
});

/** The file of a vote to admit institution 3 with these officers. */
function voteOf(officers: readonly TypedStruct[], inFavour = true) {
  const measure = fieldsOf('Measure', {
    ...{ institution: 3n, kind: 1n, appointmentsHash: appointmentsHashOf(officers), closesAt: CLOSES },
  });
  const domain = registerDomain('consortium', LEDGER, address(0xc1));
  const message = { ...fieldsOf('Vote', { measure }), inFavour };
  const act = { domain, types: typesOf(POWER_TYPES, 'Vote'), primaryType: 'Vote', message } as SignableData;
  const file = writeActFile({ act, items: officers, approval: undefined, consents: [], opens: [] });
  return readActFile(JSON.stringify(file));
}

/** What the register would say of it at the second at which the vote closes. */
const broken = (...vote: Parameters<typeof voteOf>) =>
  rulesBroken(voteOf(...vote), CLOSES)?.map(({ code, place }) => `${code} ${place.field}`);

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

describe('an act on land that is dated ahead', () => {
  const [sale] = rows.filter(({ type }) => type === 'TransferRight');
  if (sale === undefined) throw new Error('an act on land');
  const since = 1_795_000_000n;
  const header = { ...(prior.header as TypedStruct), effectiveOn: since };
  const state: TypedStruct = { ...prior, header };
  const commitment = hashStruct(SIGNED_TYPES, 'BAUnitState', state);
  const stating = (effectiveOn: bigint, opens: readonly Opens[] = [{ state }]) => {
    const act = signedOf(sale);
    const unit = { ...(act.message.unit as TypedStruct), priorState: commitment };
    const message = { ...act.message, unit, head: { ...(act.message.head as TypedStruct), effectiveOn } };
    const dated = { ...act, message } as SignableData;
    return readActFile(
      JSON.stringify(writeActFile({ act: dated, items: [], approval: undefined, consents: [], opens })),
    );
  };

  it('has effect no sooner than what it changes, which the signer is told where the act says no day', () => {
    expect(effectAfter(stating(0n), since - 1n)).to.equal(since);
    expect(effectAfter(stating(0n), since)).to.equal(undefined);
    expect(effectAfter(stating(since + 5n), since - 1n)).to.equal(undefined);
    expect(effectAfter(stating(0n, []), since - 1n), 'nobody can tell').to.equal(undefined);
    expect(effectAfter(voteOf([]), 0n), 'no head').to.equal(undefined);
  });
});

describe('the rules that a signer asks of an act without a state', () => {
  it('are that whom a vote appoints is of the institution that it is about, unless it is voted down', () => {
    expect(broken([appointment(3n), appointment(3n)])).to.deep.equal([]);
    expect(broken([appointment(3n), appointment(2n)])).to.deep.equal([
      'appointments-differ /measure/institution',
    ]);
    expect(broken([appointment(3n), appointment(2n)], false)).to.deep.equal([]);
  });

  it('are told apart from its time, which a halt gives back and a withdrawal has not', () => {
    expect(overSince(voteOf([]), CLOSES + MOST_CLOCK_SECONDS)).to.equal(undefined);
    expect(overSince(voteOf([]), CLOSES + MOST_CLOCK_SECONDS + 1n)).to.equal(CLOSES);
    const domain = registerDomain('landRegistry', LEDGER, address(0xd0));
    const types = typesOf(LAND_TYPES, 'Withdrawal');
    const message = { entryId: word(0x41), actDeadline: CLOSES, officer: word(0x11), epoch: 1n };
    const act = { domain, types, primaryType: 'Withdrawal', message } as SignableData;
    const file = writeActFile({ act, items: [], approval: undefined, consents: [], opens: [] });
    expect(overSince(readActFile(JSON.stringify(file)), CLOSES * 2n)).to.equal(undefined);
  });
});
