/** What a prepared act lets be done with it, and what it does not. */

import { expect } from 'chai';
import { callOf } from '../../../../server/domain/acts/call.ts';
import { commitFacts } from '../../../../server/domain/acts/facts.ts';
import type { ConsentProof } from '../../../../server/domain/land/acts.ts';
import { toMessage } from '../../../../server/domain/land/codec.ts';
import { signableOr } from '../../../../server/domain/land/prepare.ts';
import { assembleTitle, registerTitle } from '../../../../server/domain/land/registration.ts';
import { MOST_LONE_NOTICES } from '../../../../server/domain/land/types.ts';
import { codeOf } from '../../../chain/recorded.ts';
import { perform, prepare } from '../../../land/landActs.ts';
import { LATER, LandScene } from '../../../land/landScene.ts';
import { seeded } from '../../../seeded.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

const scene = new LandScene(seeded(20_261_129));
const { charge, drafts, units, registration, transfer } = scene;

describe('a prepared act', function () {
  this.timeout(600_000);
  before(() => scene.open(temporaryFolder()));
  after(async () => {
    await scene.close();
    removeTemporaryFolders();
  });

  it('is not made on a frozen register', async () => {
    const { act } = await registration();
    const reading = await scene.ledger.reading({
      units: [act.title.baUnit],
      spatialUnits: act.title.state.spatialUnits.map(({ id }) => id),
    });
    const frozen = registerTitle({ ...reading, isFrozen: true }, act);
    expect(frozen.ok ? 'prepared' : frozen.refusals[0].code).to.equal('register-is-frozen');
    expect(registerTitle(reading, act).ok).to.equal(true);
  });

  it('makes no call with a consent too few or too many, and the contract takes none of another', async () => {
    const prepared = signableOr(await prepare(scene.ledger, await transfer(units.plain)));
    const signatures = scene.ledger.sign(prepared);
    const consents = scene.ledger.consents(prepared.needed, drafts.keys, prepared.head);
    const proofOf = (consent: ConsentProof) => toMessage('ConsentProof', consent);
    const codeWith = (given: typeof consents) =>
      codeOf(() => callOf(prepared, given.map(proofOf), signatures));
    expect(codeWith(consents.slice(1))).to.equal('consent-missing');
    expect(codeWith([...consents, ...consents])).to.equal('consent-unneeded');
    const swapped = callOf(prepared, consents.toReversed().map(proofOf), signatures);
    expect(await scene.ledger.refusalOf(swapped)).to.equal('consent-not-given');
  });

  it('is for two institutions where one has laid half of the notices that a unit holds', async () => {
    const caution = () => drafts.restriction('caution', { expiresOn: LATER });
    const notices = Array.from({ length: MOST_LONE_NOTICES - 1 }, caution);
    let titles = await perform(
      scene.ledger,
      drafts,
      await registration(assembleTitle(drafts.title({ notices }))),
    );
    const last = signableOr(await prepare(scene.ledger, await charge(titles, caution())));
    expect(last.needsTwoInstitutions).to.equal(false);
    titles = await perform(scene.ledger, drafts, await charge(titles, caution()));
    const next = signableOr(await prepare(scene.ledger, await charge(titles, caution())));
    expect(next.needsTwoInstitutions).to.equal(true);
    const alone = callOf(next, [], scene.ledger.sign(next));
    expect(await scene.ledger.refusalOf(alone)).to.equal('second-institution-required');
  });

  it('keeps no opening that opens nothing of the act', async () => {
    const { act } = await registration();
    const reading = await scene.ledger.reading({
      units: [act.title.baUnit],
      spatialUnits: act.title.state.spatialUnits.map(({ id }) => id),
    });
    const set = commitFacts([{ path: 'parcel/number', value: '12', salt: drafts.id() }]);
    expect(() => registerTitle(reading, act, [set])).to.throw(TypeError);
    const title = assembleTitle(drafts.title({ factsRoot: set.root }));
    const bound = await scene.ledger.reading({
      units: [title.baUnit],
      spatialUnits: title.state.spatialUnits.map(({ id }) => id),
    });
    expect(signableOr(registerTitle(bound, { ...act, title }, [set])).factSets).to.deep.equal([set]);
  });
});
