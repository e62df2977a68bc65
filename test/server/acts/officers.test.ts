/** Which officer's part of an act counts, judged when it arrives and in the consortium's order. */
import { expect } from 'chai';
import { signCompact } from '../../../server/domain/acts/signing.ts';
import { refusal } from '../../../server/domain/base/refusal.ts';
import { type InstitutionId, type OfficeId, type Role, roleBits } from '../../../server/domain/base/terms.ts';
import { judgeOfficer, type OfficerStanding } from '../../../server/domain/power/judgeOfficer.ts';
import { Aid } from '../../aid/aid.ts';
import { codeOf } from '../../chain/recorded.ts';
import { named } from '../../chain/signing.ts';
import {
  type ActTold,
  type App,
  approvalBy,
  headOf,
  OFFICERS,
  preparationBy,
  startApp,
} from '../../gateway/app.ts';

const NOW = 1_000n;
const PLACES = { officer: '/signer', epoch: '/approval/approverEpoch' };

describe('an officer of an act', () => {
  const standing: OfficerStanding = {
    institution: 3 as InstitutionId,
    office: 7 as OfficeId,
    roles: roleBits(['land-approver']),
    epoch: 2,
    activeFrom: NOW,
    isRevoked: false,
    suspendedUntil: NOW,
    narrowedUntil: NOW,
    isInstitutionBarred: false,
  };
  const need = {
    epoch: 2,
    office: 7 as OfficeId,
    role: 'land-approver' as Role,
    institution: 3 as InstitutionId,
  };
  const judge = (changed: Partial<OfficerStanding>, asked: Partial<typeof need> = {}) =>
    codeOf(() => judgeOfficer({ ...standing, ...changed }, { ...need, ...asked }, NOW, PLACES));

  it('counts within its bounds, and one of every office counts for each', () => {
    expect(judge({})).to.equal(undefined);
    expect(judge({ office: 0 as OfficeId })).to.equal(undefined);
  });

  it('is refused for the first thing that the consortium would name', () => {
    expect(codeOf(() => judgeOfficer(undefined, need, NOW, PLACES))).to.equal('officer-unknown');
    const wrong: readonly (readonly [Partial<OfficerStanding>, string])[] = [
      [{ isRevoked: true }, 'officer-is-revoked'],
      [{ suspendedUntil: NOW + 1n }, 'officer-is-suspended'],
      [{ activeFrom: NOW + 1n }, 'officer-not-yet-active'],
      [{ epoch: 3 }, 'officer-epoch-stale'],
      [{ isInstitutionBarred: true }, 'institution-is-barred'],
      [{ office: 8 as OfficeId }, 'office-out-of-scope'],
      [{ roles: roleBits(['land-preparer', 'aid-approver']) }, 'role-missing'],
      [{ institution: 4 as InstitutionId }, 'institution-differs'],
    ];
    for (const [i, [changed, code]] of wrong.entries()) {
      expect(judge(changed)).to.equal(code);
      // With everything after it wrong as well, it is still the one that is named.
      const after = Object.fromEntries(
        wrong
          .slice(i)
          .flatMap(([one]) => Object.entries(one))
          .reverse(),
      );
      expect(judge(after)).to.equal(code);
    }
    expect(refusal('role-missing').row.kind).to.equal('forbidden');
  });

  it('who suspended a colleague alone signs neither votes nor power nor aid, and land all the same', () => {
    const roles = roleBits(['land-approver', 'aid-approver', 'admin-approver', 'vote', 'court']);
    const narrowed = { roles, narrowedUntil: NOW + 1n };
    const ofRole = (role: Role) => judge(narrowed, { role });
    for (const role of ['aid-approver', 'admin-approver', 'vote'] as const) {
      expect(ofRole(role), role).to.equal('officer-is-narrowed');
      expect(judge({ roles }, { role }), role).to.equal(undefined);
    }
    for (const role of ['land-approver', 'court'] as const) expect(ofRole(role), role).to.equal(undefined);
    expect(ofRole('pause')).to.equal('role-missing');
  });

  it('of no office in particular is asked for by office zero, which one office does not cover', () => {
    expect(judge({}, { office: 0 as OfficeId })).to.equal('office-out-of-scope');
    expect(judge({ office: 0 as OfficeId }, { office: 0 as OfficeId })).to.equal(undefined);
  });
});

describe('an act and who may touch it', function () {
  this.timeout(120_000);
  let app: App;
  let act: ActTold;
  before(async () => {
    app = await startApp();
    const answer = await app.ask<ActTold>('POST', '/acts/programmes', {
      token: await app.token('agency', 1),
      body: { head: headOf(OFFICERS.preparer), ...new Aid(app, 'programme of scope').policy() },
    });
    act = answer.body;
  });
  after(() => app?.remove());

  const send = async (body: object, name: string, institution = 1) =>
    app.ask('POST', `/acts/${act.id}/signatures`, {
      token: await app.token('agency', institution, name),
      body,
    });

  it('does not exist for a registrar nor for another institution, and cannot be taken back by an auditor', async () => {
    for (const token of [await app.token('registrar', 1), await app.token('agency', 2)]) {
      for (const method of ['GET', 'DELETE']) {
        const { status } = await app.ask(method, `/acts/${act.id}`, { token });
        expect(status, method).to.equal(404);
      }
    }
    const auditor = await app.token('auditor', 0);
    expect((await app.ask('GET', `/acts/${act.id}`, { token: auditor })).status).to.equal(200);
    expect((await app.ask('DELETE', `/acts/${act.id}`, { token: auditor })).status).to.equal(403);
  });

  it('keeps a true approval when noise comes after it, and is carried out with it', async () => {
    const { preparer, approver, secondApprover } = OFFICERS;
    expect((await send(approvalBy(approver, act), 'second')).status).to.equal(201);
    const noise = signCompact(named('noise'), secondApprover.key);
    const bad: readonly (readonly [object, string])[] = [
      [{ ...approvalBy(approver, act), signature: noise }, 'signature-not-by-key'],
      [{ ...approvalBy(approver, act), signer: `0x${'77'.repeat(32)}` }, 'officer-unknown'],
      [approvalBy(secondApprover, act), 'institution-differs'],
      [approvalBy({ ...approver, epoch: 9 }, act), 'officer-epoch-stale'],
      [approvalBy(approver, act, 1n), 'approval-expired'],
      [approvalBy(preparer, act), 'second-person-required'],
    ];
    for (const [body, code] of bad) expect((await send(body, 'third')).body.code).to.equal(code);
    const last = await send(preparationBy(preparer, act), 'first');
    expect(last.status, last.text).to.equal(202);
  });

  it('is not prepared for an officer who lacks the role, the epoch or the institution', async () => {
    const prepare = async (head: object) => {
      const body = { head, ...new Aid(app, 'programme of nobody').policy() };
      return (await app.ask('POST', '/acts/programmes', { token: await app.token('agency', 1), body })).body;
    };
    const head = headOf(OFFICERS.preparer);
    const unknown = await prepare({ ...head, preparer: `0x${'77'.repeat(32)}` });
    expect(unknown.code).to.equal('officer-unknown');
    expect(unknown.errors?.[0]?.pointer).to.equal('/head/preparer');
    expect((await prepare({ ...head, preparerEpoch: 9 })).code).to.equal('officer-epoch-stale');
    expect((await prepare(headOf(OFFICERS.secondPreparer))).code).to.equal('institution-differs');
  });
});
