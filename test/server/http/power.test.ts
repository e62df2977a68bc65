/** What an institution does about its officers, its recorder and pauses, over the API and on the ledger. */
import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { registerDomain } from '../../../server/domain/acts/domains.ts';
import { ORDERS, type OrderRow } from '../../../server/domain/acts/orders.ts';
import { addressOfPrivateKey, signCompact } from '../../../server/domain/acts/signing.ts';
import { ACTS, type ActRow } from '../../../server/domain/acts/table.ts';
import { digestOf } from '../../../server/domain/acts/typedData.ts';
import { type Address, type Bytes32, fromHex, ZERO_32 } from '../../../server/domain/base/hex.ts';
import { shortId } from '../../../server/domain/base/inWords.ts';
import type { OfficerId } from '../../../server/domain/base/terms.ts';
import { keyHashOfAddress, possessionData } from '../../../server/domain/power/possession.ts';
import { actInWords, readActFile, unopenedIn } from '../../../server/domain/signer/actFile.ts';
import { keyRecord, named, type Officer, officerOf, possessionOf } from '../../chain/signing.ts';
import {
  type ActTold,
  type App,
  approvalBy,
  headOf,
  OFFICERS,
  type Problem,
  preparationBy,
  startApp,
} from '../../gateway/app.ts';
import { kudurruBeside } from '../../gateway/kudurru.ts';
import { consortiumOf, everyOffice, inHours, ordered, recordOf } from '../../gateway/members.ts';

const { preparer, approver, secondApprover } = OFFICERS;
const BY_ONE = [preparer, approver] as const;
const ADMIN = ['admin-preparer', 'admin-approver'] as const;
const ofFile = ({ prepared }: ActTold) => readActFile(JSON.stringify(prepared));

interface Waiting {
  readonly id: string;
  readonly subject: string;
}

interface OfficerTold {
  readonly officer: string;
  readonly standing: string;
  readonly roles: readonly string[];
  readonly keys: Readonly<Record<'key' | 'spare', { readonly epoch: number; readonly keyHash: string }>>;
}

function titleOf(baUnit: string | undefined) {
  const holder = {
    ...{ numerator: '1', partyKind: 'person', signer: 'own' },
    ...{ keyHash: ZERO_32, party: { name: 'Synthetic Person' } },
  };
  const right = { kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' };
  return {
    ...{ baUnit, origin: 'legacy', evidence: 'public-document' },
    right: { ...right, holders: [holder] },
  };
}

describe('power over the API', function () {
  this.timeout(240_000);
  let app: App;
  before(async () => {
    app = await startApp();
  });
  after(() => app?.remove());

  const officers = async (query = '') => {
    const token = await app.token('member', 1);
    return (await app.ask<{ rows: OfficerTold[] }>('GET', `/officers?limit=500&${query}`, { token })).body
      .rows;
  };
  const standingOf = async (id: string) => (await officers()).find(({ officer }) => officer === id)?.standing;
  const prepared = async (place: string, fields: object, by = preparer) =>
    app.ask<ActTold & Problem>('POST', place, {
      token: await app.token('member', by.institution),
      body: fields,
    });
  const appointed = async (name: string, institution = 1, roles?: Parameters<typeof recordOf>[2]) => {
    const officer = officerOf(institution, name);
    const by = institution === 1 ? BY_ONE : ([OFFICERS.secondPreparer, secondApprover] as const);
    await app.act(
      'member',
      '/acts/appointments',
      { head: everyOffice(by[0]), officer: recordOf(app, officer, roles) },
      by,
    );
    return officer;
  };

  it('appoints an officer by two admins, whose file says it in one sentence', async () => {
    const officer = officerOf(1, 'appointed');
    const told = await prepared('/acts/appointments', {
      head: everyOffice(preparer),
      officer: recordOf(app, officer, ['land-preparer', 'vote']),
    });
    expect(told.status, told.text).to.equal(201);
    const [sentence] = actInWords(ofFile(told.body));
    const id = shortId(officer.officer);
    const said = `Appoints officer ${id} of institution 1, for every office, as land-preparer, vote, with key 0x`;
    expect(sentence?.slice(0, said.length)).to.equal(said);
    expect(sentence).to.match(/ and, to spare, (key 0x\w+\.\.\.\w+ \(|no key)/);
    const token = await app.token('member', 1);
    const { rows } = (await app.ask<{ rows: Waiting[] }>('GET', '/acts', { token })).body;
    expect(rows.find((row) => row.id === told.body.id)?.subject).to.equal(`institution 1, officer ${id}`);
    await app.sign('member', told.body, BY_ONE);
    const [row] = (await officers('institution=1&role=vote')).filter(
      (one) => one.officer === officer.officer,
    );
    expect(row).to.deep.include({ standing: 'active', roles: ['land-preparer', 'vote'] });
    expect(row?.keys.key.epoch).to.equal(1);
  });

  it('refuses an appointment before anybody signs it: a key of somebody else, a role, an office, a number', async () => {
    const officer = officerOf(1, 'refused');
    const record = recordOf(app, officer) as Record<string, unknown>;
    const other = recordOf(app, officerOf(1, 'stranger')) as { key: object };
    const head = everyOffice(preparer);
    for (const [fields, code, pointer] of [
      [{ head, officer: { ...record, spare: other.key } }, 'key-not-possessed', '/officer/spare/possession'],
      [
        { head, officer: { ...record, roles: ['vote', 'land-preparer'] } },
        'officer-record-malformed',
        '/officer/roles',
      ],
      [{ head: headOf(preparer), officer: record }, 'office-differs', '/head/office'],
      [
        { head, officer: recordOf(app, officerOf(2, 'theirs')) },
        'institution-differs',
        '/officer/institution',
      ],
      [{ head, officer: recordOf(app, preparer) }, 'officer-exists', undefined],
    ] as const) {
      const told = await prepared('/acts/appointments', fields);
      expect(told.body.code, told.text).to.equal(code);
      if (pointer !== undefined) expect(told.body.errors?.[0]?.pointer, told.text).to.equal(pointer);
    }
  });

  it('replaces a lost key: the new one signs, and the old one no more', async () => {
    const officer = await appointed('loses a key');
    const epoch = 3;
    const key = { ...keyRecord(officer, epoch), kind: 'secp256k1' };
    const proven = {
      ...{ kind: key.kind, keyHash: key.keyHash },
      possession: possessionOf(officer, consortiumOf(app), epoch),
    };
    const change = { format: 'kudurru-officer-key-1', officer: officer.officer, epoch, key: proven };
    const told = await prepared('/acts/key-changes', { head: everyOffice(preparer), key: change });
    expect(told.status, told.text).to.equal(201);
    expect(actInWords(ofFile(told.body))[0]).to.match(/^Replaces the first key of officer 0x/);
    await app.sign('member', told.body, BY_ONE);
    const row = (await officers()).find((one) => one.officer === officer.officer);
    expect(row?.keys.key).to.deep.include({ epoch, keyHash: key.keyHash });

    const pause = { scopes: ['settlement'], until: inHours(1) };
    const old = await prepared('/acts/short-pauses', { officer: officer.officer, epoch: 1, ...pause });
    expect(old.body.code).to.equal('officer-epoch-stale');
    const renewed = { ...officerOf(1, 'loses a key', epoch) };
    await ordered(app, '/acts/short-pauses', pause, renewed);
  });

  it('suspends a colleague by one officer, and frees by two; the suspended one signs nothing between', async () => {
    const [revoker, colleague] = [await appointed('revoker'), await appointed('colleague')];
    const suspension = {
      ...{ revoker: revoker.officer, revokerEpoch: 1, officer: colleague.officer, until: inHours(24) },
      caseNumber: 'CASE-7',
    };
    const { prepared: told } = await ordered(app, '/acts/suspensions', suspension, revoker);
    expect(actInWords(ofFile(told)).join('\n')).to.match(/^Suspends officer .*case\/number: "CASE-7"/s);
    expect(unopenedIn(ofFile(told))).to.deep.equal([]);
    expect(await standingOf(colleague.officer)).to.equal('suspended');
    expect(await standingOf(revoker.officer)).to.equal('narrowed');
    const barred = await prepared('/acts/short-pauses', {
      ...{ officer: colleague.officer, epoch: 1, scopes: ['land'], until: inHours(1) },
    });
    expect(barred.body.code).to.equal('officer-is-suspended');
    const released = { head: everyOffice(preparer), officer: colleague.officer };
    await app.act('member', '/acts/officer-releases', released, BY_ONE);
    expect(await standingOf(colleague.officer)).to.equal('active');
    expect((await prepared('/acts/officer-releases', released)).body.code).to.equal('officer-not-suspended');
  });

  it('revokes by two, and lets an officer leave alone', async () => {
    // Neither manages the others: of those an institution has few.
    const [revoked, leaving] = [
      await appointed('revoked', 1, ['aid-preparer']),
      await appointed('leaving', 1, ['aid-preparer']),
    ];
    const fields = { head: everyOffice(preparer), officer: revoked.officer, suspectSince: 1_700_000_000 };
    const future = await prepared('/acts/revocations', { ...fields, suspectSince: inHours(24) });
    expect(future.body.code).to.equal('suspicion-in-future');
    await app.act('member', '/acts/revocations', fields, BY_ONE);
    expect(await standingOf(revoked.officer)).to.equal('revoked');
    await ordered(app, '/acts/resignations', {}, leaving);
    expect(await standingOf(leaving.officer)).to.equal('revoked');
  });

  it('gives an institution a recorder key that showed itself, and ends it', async () => {
    const key = fromHex(named('recorder'));
    const keyHash = keyHashOfAddress(addressOfPrivateKey(key));
    const { trust, notary } = await contracts();
    const domain = registerDomain('notary', trust, notary);
    const about = { officerId: ZERO_32 as Bytes32 as OfficerId, keyHash, institution: preparer.institution };
    const signed = (epoch: number) => signCompact(digestOf(possessionData(domain, { ...about, epoch })), key);
    const fields = { head: everyOffice(preparer), keyHash };
    const wrong = await prepared('/acts/recorders', { ...fields, possession: signed(2) });
    expect(wrong.body.code).to.equal('recorder-key-not-shown');
    await app.act('member', '/acts/recorders', { ...fields, possession: signed(1) }, BY_ONE);
    const recorder = async () => {
      const token = await app.token('auditor', 0);
      return (await app.ask<{ keyHash: string }>('GET', '/institutions/1/recorder', { token })).body.keyHash;
    };
    expect(await recorder()).to.equal(keyHash);
    await app.act('member', '/acts/recorder-ends', { head: everyOffice(preparer) }, BY_ONE);
    expect(await recorder()).to.equal(ZERO_32);
    const none = await prepared('/acts/recorder-ends', { head: everyOffice(preparer) });
    expect(none.body.code).to.equal('recorder-unknown');
  });

  async function contracts() {
    const { body } = await app.ask<{ contracts: { contract: string; address: Address }[] }>('GET', '/ledger');
    const notary = body.contracts.find(({ contract }) => contract === 'notary')?.address;
    return { trust: app.trust(), notary: notary as Address };
  }

  it('pauses by two institutions, shows it, and lets two resume', async () => {
    const head = everyOffice(preparer);
    const byBoth = [preparer, secondApprover] as const;
    const fields = { head, scopes: ['redemption', 'disbursement'], until: inHours(48), caseNumber: 'CASE-8' };
    const told = await prepared('/acts/long-pauses', fields);
    expect(actInWords(ofFile(told.body))[0]).to.match(
      /^Stops disbursement, redemption until .*, by two institutions, or any two officers until the consortium is seated\.$/,
    );
    const alone = await app.ask<Problem>('POST', `/acts/${told.body.id}/signatures`, {
      ...{ token: await app.token('member', 1, 'second'), body: approvalBy(approver, told.body) },
    });
    expect(alone.body.code).to.equal('second-institution-required');
    await app.sign('member', told.body, byBoth);
    const token = await app.token('member', 2);
    const paused = async () => {
      const { body } = await app.ask<{ inForce: { scope: string }[]; rows: { scopes: string[] }[] }>(
        ...(['GET', '/pauses', { token }] as const),
      );
      return body;
    };
    expect((await paused()).inForce.map(({ scope }) => scope)).to.include.members([
      'disbursement',
      'redemption',
    ]);
    const end = { head: everyOffice(preparer), scopes: ['redemption', 'disbursement'] };
    await app.act('member', '/acts/pause-ends', end, byBoth);
    expect((await paused()).inForce.map(({ scope }) => scope)).not.to.include('redemption');
    expect((await prepared('/acts/pause-ends', end)).body.code).to.equal('scope-not-paused');
    const food = { officer: preparer.officer, epoch: 1, scopes: ['redemption'], until: inHours(1) };
    expect((await prepared('/acts/short-pauses', food)).body.code).to.equal('pause-needs-two-institutions');
  });

  it('takes an act of land back on the ledger by one of its officers, though both have signed it', async () => {
    const registrar = await app.token('registrar', 1);
    const file = { text: demoParcels({ count: 1 }), type: 'application/geo+json' };
    const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      ...{ token: registrar, file },
    });
    const title = titleOf(survey.body.recorded[0]?.baUnit);
    const act = await app.ask<ActTold>('POST', '/acts/registrations', {
      ...{ token: registrar, body: { head: headOf(preparer), titles: [title] } },
    });
    expect(act.status, act.text).to.equal(201);
    const withdrawal = { officer: preparer.officer, epoch: 1, act: act.body.id };
    const told = await app.ask<ActTold>('POST', '/acts/withdrawals', { token: registrar, body: withdrawal });
    expect(told.status, told.text).to.equal(201);
    expect(actInWords(ofFile(told.body))[0]).to.match(/^Takes back the act 0x/);
    const signed = await app.ask<ActTold>('POST', `/acts/${told.body.id}/signatures`, {
      ...{ token: registrar, headers: { Prefer: 'wait=20' }, body: preparationBy(preparer, told.body) },
    });
    expect(signed.status, signed.text).to.equal(202);
    await app.ask('POST', `/acts/${act.body.id}/signatures`, {
      ...{ token: registrar, body: preparationBy(preparer, act.body) },
    });
    const last = await app.ask<Problem>('POST', `/acts/${act.body.id}/signatures`, {
      ...{ token: await app.token('registrar', 1, 'second'), body: approvalBy(approver, act.body) },
    });
    expect([last.status, last.body.code], last.text).to.deep.equal([410, 'act-ended']);
  });

  it('foresees the officer who would be one too many of those who manage every office', async () => {
    const managing = async () =>
      (await officers('institution=2')).filter(
        ({ standing, roles }) => standing !== 'revoked' && roles.some((role) => role.startsWith('admin-')),
      ).length;
    for (let i = await managing(); i < 7; i++) await appointed(`of seven ${i}`, 2, ADMIN);
    const { secondPreparer } = OFFICERS;
    const fields = (roles?: Parameters<typeof recordOf>[2]) => ({
      head: everyOffice(secondPreparer),
      officer: recordOf(app, officerOf(2, 'the eighth'), roles),
    });
    const told = await prepared('/acts/appointments', fields(), secondPreparer);
    expect(told.body.code, told.text).to.equal('too-many-admins');
    expect(told.body.errors?.[0]?.pointer).to.equal('/officer/roles');
    const other = await prepared('/acts/appointments', fields(['land-preparer']), secondPreparer);
    expect(other.status, other.text).to.equal(201);
  });

  it('takes no approval of what one officer orders', async () => {
    const fields = { officer: preparer.officer, epoch: 1, scopes: ['officers'], until: inHours(1) };
    const told = await prepared('/acts/short-pauses', fields);
    expect(told.body.missing).to.deep.equal(['preparer']);
    const approval = {
      ...{ part: 'approver', signer: approver.officer, signature: `0x${'11'.repeat(64)}` },
      approval: { approverEpoch: 1, deadline: inHours(1) },
    };
    const refused = await app.ask<Problem>('POST', `/acts/${told.body.id}/signatures`, {
      ...{ token: await app.token('member', 1, 'second'), body: approval },
    });
    expect(refused.body.code).to.equal('approval-unneeded');
    const stranger = { ...preparationBy(approver, told.body), signer: preparer.officer };
    const forged = await app.ask<Problem>('POST', `/acts/${told.body.id}/signatures`, {
      ...{ token: await app.token('member', 1), body: stranger },
    });
    expect(forged.body.code).to.equal('signature-not-by-key');
  });

  it('has a route, a sentence and a command for everything that officers sign of power', async () => {
    const { body } = await app.ask<{ paths: Record<string, Record<string, { 'x-roles': string[] }>> }>(
      ...(['GET', '/openapi.json'] as const),
    );
    const rows: readonly (ActRow | OrderRow)[] = [...Object.values(ACTS), ...Object.values(ORDERS)];
    const ofPower = rows.filter(
      ({ register }) => register !== 'landRegistry' && register !== 'benefitLedger',
    );
    expect(ofPower).to.have.length(13);
    for (const { type, route, sentence, command } of ofPower) {
      const roles = body.paths[`/acts/${route.collection}`]?.post?.['x-roles'];
      expect(roles, `${type} has a route`).to.deep.equal(route.callers);
      expect(roles, type).to.include('member');
      expect(sentence, `${type} has a sentence`).to.be.a('function');
      expect(command, `${type} has a command`).to.match(/^member [a-z-]+$/);
    }
  });

  it('has a route and a command for every act of land and aid, and every command of power is there', async () => {
    const { body } = await app.ask<{ paths: Record<string, Record<string, unknown>> }>(
      'GET',
      '/openapi.json',
    );
    const rows: readonly (ActRow | OrderRow)[] = [...Object.values(ACTS), ...Object.values(ORDERS)];
    const help = (await kudurruBeside(['member', '--help'])).stdout;
    for (const { type, route, command } of rows) {
      expect(body.paths[`/acts/${route.collection}`]?.post, type).to.be.an('object');
      const [, name = ''] = /^member ([a-z-]+)$/.exec(command) ?? [];
      if (name === '') expect(command, type).to.equal(`desk prepare ${route.collection}`);
      else expect(help, type).to.match(new RegExp(`^  ${name === 'vote' ? '(?:vote|propose)' : name} `, 'm'));
    }
  });

  it('has nobody begin a pause, or its end, that no second officer could sign in time', async () => {
    const { officer: revoker } = OFFICERS.secondPreparer;
    const barred = { revoker, revokerEpoch: 1, officer: secondApprover.officer, until: inHours(3) };
    const fields = { scopes: ['redemption'], until: inHours(6) };
    const within = (by: Officer, hours: number) => ({ ...everyOffice(by), deadline: inHours(hours) });
    await app.act('member', '/acts/long-pauses', { head: everyOffice(preparer), ...fields }, [
      preparer,
      secondApprover,
    ]);
    await ordered(app, '/acts/resignations', {}, officerOf(2, 'third of 2'));
    await ordered(app, '/acts/suspensions', barred, OFFICERS.secondPreparer);
    const code = async (place: string, body: object, by: Officer = preparer) => {
      const told = await prepared(place, body, by);
      return told.body.code ?? told.status;
    };
    // One of the second institution is suspended, and the other narrowed by having suspended her: three hours long.
    const soon = within(preparer, 2);
    expect(await code('/acts/long-pauses', { head: soon, ...fields })).to.equal('nobody-to-approve');
    expect(await code('/acts/pause-ends', { head: soon, scopes: fields.scopes })).to.equal(
      'nobody-to-approve',
    );
    const short = { head: within(preparer, 4), ...fields, until: inHours(2) };
    expect(await code('/acts/long-pauses', short), 'a pause that is over before').to.equal(
      'nobody-to-approve',
    );
    expect(await code('/acts/long-pauses', { head: within(preparer, 4), ...fields })).to.equal(201);
    const end = { head: within(preparer, 4), scopes: fields.scopes };
    expect(await code('/acts/pause-ends', end)).to.equal(201);
  });

  it('lets no officer of another institution be named, and derives everything again from block 0', async () => {
    const theirs = {
      officer: OFFICERS.secondPreparer.officer,
      epoch: 1,
      scopes: ['land'],
      until: inHours(1),
    };
    expect((await prepared('/acts/short-pauses', theirs)).body.code).to.equal('institution-differs');
    const token = await app.token('auditor', 0);
    const { body } = await app.ask<{ ok: boolean; findings: unknown[] }>('POST', '/checks', { token });
    expect(body).to.deep.include({ ok: true, findings: [] });
  });
});
