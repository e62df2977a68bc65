/** The members' votes over the API: proposed, seconded, waited for, carried out, and what is refused on the way. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { MEASURE_KINDS } from '../../../server/domain/base/terms.ts';
import { actInWords, readActFile } from '../../../server/domain/signer/actFile.ts';
import { officerOf } from '../../chain/signing.ts';
import { type ActTold, type App, OFFICERS, type Problem, startApp } from '../../gateway/app.ts';
import { kudurru } from '../../gateway/kudurru.ts';
import {
  carriedOut,
  decided,
  inHours,
  type MeasureTold,
  ordered,
  proposed,
  recordOf,
  standing,
  voted,
} from '../../gateway/members.ts';

const { preparer, secondPreparer, secondApprover } = OFFICERS;
const BOTH = [preparer, secondPreparer] as const;
const SALT = `0x${'5a'.repeat(16)}`;
const newcomers = ['one', 'two', 'three'].map((name) => officerOf(3, `newcomer ${name}`));
const obstacleOf = (told: object) => (told as { obstacle?: { code: string } }).obstacle?.code;
const ofFile = ({ prepared }: ActTold) => readActFile(JSON.stringify(prepared));

describe('measures over the API', function () {
  this.timeout(240_000);
  let app: App;
  /** Of the institution that joined. */
  let theirs: MeasureTold;
  before(async () => {
    app = await startApp();
  });
  after(() => app?.remove());

  const asked = async (fields: object, by = preparer) =>
    app.ask<ActTold & Problem>('POST', '/acts/votes', {
      token: await app.token('member', by.institution),
      body: { officer: by.officer, epoch: by.epoch, ...fields },
    });
  const admission = {
    kind: 'admit-institution',
    institution: 3,
    roles: ['admin-preparer', 'admin-approver', 'vote'],
  };
  const records = () =>
    newcomers.map((one) => recordOf(app, one, ['admin-preparer', 'admin-approver', 'vote']));
  const institutions = async () => {
    const token = await app.token('member', 1);
    type Row = { institution: number; standing: string; isMember: boolean; offices: number[] };
    return (await app.ask<{ rows: Row[] }>('GET', '/institutions', { token })).body.rows;
  };
  const consortium = async () => {
    const token = await app.token('member', 1);
    type Told = {
      quorum: number;
      members: number[];
      policies: { name?: string; value: string }[];
      validators: string[];
    };
    return (await app.ask<Told>('GET', '/consortium', { token })).body;
  };

  it('has the file of a vote open whom it appoints, for the one who proposes and the one who seconds', async () => {
    const fields = { proposal: admission, officers: records(), closesAt: inHours(24), salt: SALT };
    const told = await asked(fields);
    expect(told.status, told.text).to.equal(201);
    const file = ofFile(told.body);
    expect(file.items).to.have.length(3);
    expect(actInWords(file)[0]).to.match(
      /^Votes for this: Admits institution 3 with 3 officers; it may give the roles admin-preparer, admin-approver, vote\. Officers: 0x/,
    );
    const withheld = JSON.parse(JSON.stringify(told.body.prepared));
    withheld.act.items.pop();
    expect(() => readActFile(JSON.stringify(withheld))).to.throw();
  });

  it('admits an institution by votes: what lacks is said at each step, and it acts from then on', async () => {
    const opened = await proposed(app, preparer, admission, records());
    expect(opened).to.deep.include({ state: 'voting', votesMissing: 1, inFavour: [1] });
    expect(opened.sentence).to.match(
      /^Admits institution 3 with 3 officers.* with 2 of 2 votes, after no time\.$/,
    );
    expect(opened.appointments).to.have.length(3);
    expect((await carriedOut(app, opened)).body.code).to.equal('quorum-missing');
    const { prepared } = await voted(app, secondPreparer, opened);
    expect(ofFile(prepared).items).to.have.length(3);
    expect(await standing(app, opened)).to.deep.include({ state: 'due', votesMissing: 0, inFavour: [1, 2] });
    const done = await carriedOut(app, opened);
    expect(done.body.state, done.text).to.equal('PROJECTED');
    expect((await standing(app, opened)).state).to.equal('executed');
    expect((await carriedOut(app, opened)).body.code).to.equal('measure-is-closed');
    expect((await institutions()).find(({ institution }) => institution === 3)).to.deep.include({
      ...{ standing: 'active', isMember: true },
    });
    const [first] = newcomers;
    if (first === undefined) throw new Error('nobody joined');
    theirs = await proposed(app, first, { kind: 'set-quorum', quorum: 2 });
    expect(theirs).to.deep.include({ state: 'voting', inFavour: [3] });
  });

  it('counts a vote against for good, and refuses what changes nothing or comes too late', async () => {
    const measure = await proposed(app, preparer, { kind: 'set-quorum', quorum: 2 });
    const again = await asked({ measure: measure.measureId });
    expect(again.body.code).to.equal('vote-unchanged');
    await voted(app, secondPreparer, measure, false);
    expect((await standing(app, measure)).against).to.deep.equal([2]);
    const turned = await asked({ measure: measure.measureId }, secondApprover);
    expect(turned.body.code, 'against, and for good').to.equal('vote-against-stands');
    await voted(app, preparer, measure, false);
    expect((await standing(app, measure)).state, 'one of three could still vote for it').to.equal('rejected');
    const proposal = { kind: 'set-quorum', quorum: 2 };
    const ofVote = await asked({ proposal, officers: [], closesAt: inHours(1), salt: SALT });
    const back = await app.ask<Problem>('POST', '/acts/withdrawals', {
      token: await app.token('member', 1),
      body: { officer: preparer.officer, epoch: 1, act: ofVote.body.id },
    });
    expect([back.body.code, back.body.errors?.[0]?.pointer]).to.deep.equal([
      'withdrawal-of-an-order',
      '/act',
    ]);
    for (const [closesAt, code] of [
      [inHours(-1), 'voting-too-short'],
      [inHours(61 * 24), 'voting-too-long'],
    ] as const) {
      const told = await asked({ proposal, officers: [], closesAt, salt: SALT });
      expect([told.body.code, told.body.errors?.[0]?.pointer]).to.deep.equal([code, '/closesAt']);
    }
    const bare = await asked({ proposal: admission, officers: [], closesAt: inHours(1), salt: SALT });
    expect(bare.body.code).to.equal('measure-malformed');
    const missing = await asked({ measure: `0x${'11'.repeat(32)}` });
    expect(missing.body.code).to.equal('measure-missing');
  });

  it('tells at once what would refuse a measure as things stand, and refuses what no other makes possible', async () => {
    const nowhere = `0x${'0b'.repeat(20)}`;
    const { contracts } = app.trust();
    const told = async (proposal: object, officers: readonly object[] = []) => {
      const { status, body } = await asked({ proposal, officers, closesAt: inHours(1), salt: SALT });
      return status === 201 ? [status, obstacleOf(body)] : [body.code, body.errors?.[0]?.pointer];
    };
    const register = 'LandRegistry';
    const landRegistry = contracts.landRegistry.address;
    for (const [proposal, ...said] of [
      [{ kind: 'expel-institution', institution: 3 }, 201, 'members-below-quorum'],
      [{ kind: 'expel-institution', institution: 9 }, 201, 'institution-unknown'],
      [{ kind: 'add-validator', institution: 9, validator: nowhere }, 201, 'institution-unknown'],
      [{ kind: 'set-quorum', quorum: 3 }, 201, 'quorum-out-of-range'],
      [{ kind: 'remove-validator', validator: nowhere }, 201, 'validator-set-unchanged'],
      [{ kind: 'disallow-verifier', verifier: nowhere }, 201, 'verifier-not-allowed'],
      [
        { kind: 'put-in-force', register, contract: contracts.consortium.address },
        201,
        'not-the-predecessor',
      ],
      [{ kind: 'suspend-institution', institution: 3 }, 201, undefined],
      [{ kind: 'set-quorum', quorum: 2 }, 201, undefined],
      [{ kind: 'set-quorum', quorum: 1 }, 'quorum-out-of-range', '/proposal'],
      [{ kind: 'allow-verifier', verifier: nowhere, keyKind: 'p256' }, 'not-a-contract', '/proposal'],
      [{ kind: 'put-in-force', register, contract: nowhere }, 'not-a-contract', '/proposal'],
      [{ kind: 'put-in-force', register, contract: landRegistry }, 'register-named-twice', '/proposal'],
      [{ kind: 'pass-authority', consortium: nowhere }, 'not-a-contract', '/proposal'],
      [{ kind: 'set-institution-roles', institution: 3, roles: ['vote'] }, 'roles-out-of-range', '/proposal'],
    ] as const) {
      expect(await told(proposal), JSON.stringify(proposal)).to.deep.equal(said);
    }
    expect(await told(admission, records())).to.deep.equal(['institution-number-taken', '/proposal']);
  });

  it('says before anybody votes that validators decide nothing where one gateway seals alone', async () => {
    const cautionOf = (told: object) => (told as { caution?: { code: string } }).caution?.code;
    const validator = `0x${'0c'.repeat(20)}`;
    const kinds = [
      { kind: 'add-validator', institution: 1, validator },
      { kind: 'remove-validator', validator },
      { kind: 'replace-validator', institution: 1, validator, by: `0x${'0d'.repeat(20)}` },
      { kind: 'set-quorum', quorum: 2 },
    ];
    const told = [];
    for (const proposal of kinds) {
      told.push(cautionOf((await asked({ proposal, officers: [], closesAt: inHours(1), salt: SALT })).body));
    }
    const [first] = kinds;
    expect(told).to.deep.equal([...Array(3).fill('ledger-seals-alone'), undefined]);
    const open = await proposed(app, preparer, first ?? {});
    expect([open.obstacle?.code, cautionOf(open)]).to.deep.equal([undefined, 'ledger-seals-alone']);
    const second = await voted(app, secondPreparer, open);
    expect(cautionOf(second.prepared)).to.equal('ledger-seals-alone');
    await voted(app, preparer, open, false);
    await voted(app, secondPreparer, open, false);
  });

  it('lapses by command what ran out of time, once', async () => {
    const closesAt = Math.floor(Date.now() / 1_000) + 2;
    const fields = { proposal: { kind: 'set-quorum', quorum: 2 }, officers: [], closesAt };
    await ordered(app, '/acts/votes', { ...fields, salt: `0x${'5b'.repeat(16)}` }, preparer);
    const token = await app.token('member', 1);
    const { body } = await app.ask<{ rows: MeasureTold[] }>('GET', '/measures?open=true&limit=1', { token });
    const [measure] = body.rows;
    if (measure === undefined) throw new Error('no measure was opened');
    const file = path.join(app.folder, 'member-token');
    writeFileSync(file, token);
    const lapse = () =>
      kudurru(['member', 'lapse', measure.measureId, '--gateway', app.url, '--token', file]);
    while ((await standing(app, measure)).state !== 'over') await setTimeout(200);
    expect(lapse().stdout).to.match(/^Done, in block \d+\.$/m);
    expect((await standing(app, measure)).state).to.equal('lapsed');
    expect(lapse().stderr).to.match(/^Refused \(measure-is-closed\)/);
  });

  it('shows of an open measure why it could not be carried out now, also where it has its votes', async () => {
    const measure = await proposed(app, preparer, { kind: 'expel-institution', institution: 3 });
    expect([measure.state, measure.obstacle?.code]).to.deep.equal(['voting', 'members-below-quorum']);
    const second = await voted(app, secondPreparer, measure);
    expect(obstacleOf(second.prepared)).to.equal('members-below-quorum');
    const due = await standing(app, measure);
    expect([due.state, due.obstacle?.code]).to.deep.equal(['due', 'members-below-quorum']);
    expect((await carriedOut(app, measure)).body.code).to.equal('members-below-quorum');
    const sound = await proposed(app, secondPreparer, { kind: 'set-quorum', quorum: 2 });
    await voted(app, preparer, sound);
    expect([(await standing(app, sound)).state, sound.obstacle]).to.deep.equal(['due', undefined]);
    expect((await standing(app, sound)).obstacle).to.equal(undefined);
  });

  it('sets a policy, moves an office, revokes and frees by vote, and swaps a validator without a wait', async () => {
    const tier = { kind: 'set-policy', policy: 'benefitTierMinor/404', value: '5000' };
    const decision = await decided(app, BOTH, tier);
    expect(decision.sentence).to.match(/^Sets the policy benefitTierMinor\/404 to 5000/);
    const { body: open } = await app.ask<{ total: number; rows: { measureId: string }[] }>(
      'GET',
      '/measures?open=true&limit=500',
      { token: await app.token('member', 1) },
    );
    expect(open.rows.map(({ measureId }) => measureId)).not.to.include(decision.measureId);
    expect(open.total).to.equal(open.rows.length);
    expect((await consortium()).policies).to.deep.include.members([
      { ...(await consortium()).policies.find(({ name }) => name === 'benefitTierMinor/404'), value: '5000' },
    ]);
    await decided(app, BOTH, { kind: 'move-office', institution: 2, office: 7 });
    expect((await institutions()).find(({ institution }) => institution === 2)?.offices).to.deep.equal([7]);
    const [validator = ''] = (await consortium()).validators;
    const by = `0x${'ab'.repeat(20)}`;
    const swap = await proposed(app, preparer, { kind: 'replace-validator', institution: 1, validator, by });
    await voted(app, secondPreparer, swap);
    expect((await standing(app, swap)).state).to.equal('due');
    const third = newcomers[2] ?? preparer;
    await decided(app, BOTH, { kind: 'revoke-officer', officer: third.officer });
    const unknown = { kind: 'set-policy', policy: 'benefitTeirMinor/404', value: '1' };
    const told = await asked({ proposal: unknown, officers: [], closesAt: inHours(1), salt: SALT });
    expect(told.body.code).to.equal('policy-unknown');
  });

  it('says the same of a wait as the ledger that refuses it', async () => {
    await decided(app, BOTH, { kind: 'set-widening-wait', seconds: 86_400 });
    const measure = await proposed(app, preparer, { kind: 'set-quorum', quorum: 2 });
    await voted(app, secondPreparer, measure);
    const told = await standing(app, measure);
    expect(told.state).to.equal('waiting');
    expect(told.sentence).to.match(/after 1 day\.$/);
    expect(Date.parse(told.executableFrom ?? '') / 1_000).to.be.greaterThan(inHours(23));
    expect((await carriedOut(app, measure)).body.code).to.equal('wait-not-over');
    const suspension = await proposed(app, preparer, { kind: 'suspend-institution', institution: 3 });
    expect(suspension.sentence).to.match(/without a wait\.$/);
    await voted(app, secondPreparer, suspension);
    await carriedOut(app, suspension);
    expect((await institutions()).find(({ institution }) => institution === 3)?.standing).to.equal(
      'suspended',
    );
    expect((await standing(app, theirs)).uncounted, 'in favour, and suspended').to.deep.equal([3]);
    // Who decides was changed while the first one waited.
    expect((await standing(app, measure)).state).to.equal('to-reschedule');
    expect((await carriedOut(app, measure)).body.code).to.equal('wait-begins-anew');
    const again = await app.ask<{ state: string }>('POST', `/measures/${measure.measureId}/rescheduling`, {
      ...{ token: await app.token('member', 2), headers: { Prefer: 'wait=20' }, body: {} },
    });
    expect(again.body.state, again.text).to.equal('PROJECTED');
    expect((await standing(app, measure)).state).to.equal('waiting');
    const anew = await app.ask<Problem>('POST', `/measures/${measure.measureId}/rescheduling`, {
      ...{ token: await app.token('member', 2), body: {} },
    });
    expect(anew.body.code, 'nothing was changed since').to.equal('measure-as-scheduled');
    const lapse = await app.ask<Problem>('POST', `/measures/${measure.measureId}/lapse`, {
      ...{ token: await app.token('member', 2), body: {} },
    });
    expect(lapse.body.code).to.equal('measure-is-open');
  });

  it('tells what was decided with the votes and the wait of then, whatever is asked for since', async () => {
    interface Told {
      readonly rows: readonly {
        kind: string;
        state: string;
        sentence: string;
        quorum: number;
        votesMissing: number;
      }[];
    }
    const token = await app.token('auditor', 0);
    const { rows } = (await app.ask<Told>('GET', '/measures?limit=100', { token })).body;
    const executed = rows.filter(({ state }) => state === 'executed');
    // The wait is a day by now, there are three members, and one of them is suspended.
    expect(
      rows.some(({ state, sentence }) => state !== 'executed' && /after 1 day\.$/.test(sentence)),
    ).to.equal(true);
    const admitted = executed.find(({ kind }) => kind === 'admit-institution');
    expect(admitted).to.include({ quorum: 2, votesMissing: 0 });
    expect(admitted?.sentence).to.match(/ with 2 of 2 votes, after no time\.$/);
    const waits = executed.find(({ kind }) => kind === 'set-widening-wait');
    expect(waits?.sentence, 'and what it changed itself').to.match(/ with 2 of 3 votes, after no time\.$/);
    expect(executed.filter(({ votesMissing }) => votesMissing > 0)).to.deep.equal([]);
  });

  it('proposes every kind of measure in words, each with the fields that the Council asks of it', async () => {
    const address = `0x${'0b'.repeat(20)}`;
    const contract = app.trust().contracts.charter.address;
    const others = (institution: number) =>
      ['one', 'two', 'three'].map((name) =>
        recordOf(app, officerOf(institution, `another ${name}`), [
          'admin-preparer',
          'admin-approver',
          'vote',
        ]),
      );
    const halt = { from: inHours(-3), to: inHours(-1) };
    const proposals: readonly ({ readonly kind: string } & Readonly<Record<string, unknown>>)[] = [
      ...[Object.assign({}, admission, { institution: 9 }), { kind: 'expel-institution', institution: 3 }],
      ...[
        { kind: 'suspend-institution', institution: 3 },
        { kind: 'lift-suspension', institution: 3 },
      ],
      ...[{ kind: 'set-institution-roles', institution: 3, roles: [...admission.roles, 'revoke'] }],
      ...[
        { kind: 'reseat-institution', institution: 3 },
        { kind: 'set-quorum', quorum: 2 },
      ],
      ...[
        { kind: 'set-widening-wait', seconds: 86_400 },
        { kind: 'set-appointment-wait', seconds: 86_400 },
      ],
      ...[{ kind: 'allow-verifier', verifier: contract, keyKind: 'p256' }],
      ...[{ kind: 'disallow-verifier', verifier: address }],
      ...[{ kind: 'add-validator', institution: 1, validator: address }],
      ...[{ kind: 'remove-validator', validator: address }],
      ...[{ kind: 'set-policy', policy: 'landMostNoticeSeconds', value: '1' }],
      ...[{ kind: 'put-in-force', register: 'LandRegistry', contract }],
      ...[{ kind: 'pass-authority', consortium: contract }],
      ...[
        { kind: 'move-office', institution: 1, office: 9 },
        { kind: 'record-halt', ...halt },
      ],
      ...[{ kind: 'replace-validator', institution: 1, validator: address, by: `0x${'0c'.repeat(20)}` }],
      ...[{ kind: 'revoke-officer', officer: preparer.officer }],
      ...[{ kind: 'free-officer', officer: preparer.officer }],
    ];
    expect(proposals.map(({ kind }) => kind)).to.deep.equal(MEASURE_KINDS.slice(1));
    const sentences = new Set<string>();
    for (const [i, proposal] of proposals.entries()) {
      const appoints = ['admit-institution', 'reseat-institution'].includes(proposal.kind);
      const officers = appoints ? others(Number(proposal.institution)) : [];
      const by = [preparer, secondPreparer, secondApprover][i % 2] ?? preparer;
      const told = await asked(
        {
          ...{ proposal, officers, closesAt: inHours(2) },
          salt: `0x${i.toString(16).padStart(32, '0')}`,
        },
        by,
      );
      expect(told.status, `${proposal.kind}: ${told.text}`).to.equal(201);
      // No silence of a ledger that is younger than the halt has a beginning.
      if (proposal.kind === 'record-halt') expect(obstacleOf(told.body)).to.equal('halt-not-silent');
      sentences.add(actInWords(ofFile(told.body))[0] ?? '');
    }
    expect(sentences.size).to.equal(proposals.length);
  });

  it('lets the Council refuse none of those measures as malformed', async () => {
    const proposal = {
      kind: 'replace-validator',
      institution: 1,
      validator: `0x${'0b'.repeat(20)}`,
      by: `0x${'0c'.repeat(20)}`,
    };
    await ordered(
      app,
      '/acts/votes',
      { proposal, officers: [], closesAt: inHours(2), salt: SALT },
      secondPreparer,
    );
    const token = await app.token('auditor', 0);
    const { body } = await app.ask<{ ok: boolean; findings: unknown[] }>('POST', '/checks', { token });
    expect(body).to.deep.include({ ok: true, findings: [] });
  });
});
