import { expect } from 'chai';
import { type Bytes32, ZERO_32 } from '../../../server/domain/base/hex.ts';
import type { OfficeId, VendorId } from '../../../server/domain/base/terms.ts';
import { json } from '../../../server/store/codec.ts';
import { precious, type Store } from '../../../server/store/store.ts';
import { Tokens, tokenTables } from '../../../server/store/tokens.ts';
import { filesBelow, openTestStore, refusedAs, removeTemporaryFolders, temporaryFolder } from './folder.ts';

const DAY_MS = 24 * 3_600_000;
const order = { roles: ['registrar'], institution: 3, issuedBy: 'token:1', lifeMs: DAY_MS } as const;

describe('machine tokens', () => {
  let folder: string;
  let store: Store;
  let nowMs: number;
  let tokens: Tokens<'registrar' | 'administrator'>;
  beforeEach(async () => {
    nowMs = 1_700_000_000_000;
    folder = temporaryFolder();
    store = await openTestStore(folder, tokenTables);
    tokens = new Tokens(store, () => nowMs, ['registrar', 'administrator']);
  });
  afterEach(() => store.close());
  after(removeTemporaryFolders);

  it('say who their holder is until they end or are revoked', async () => {
    const { id, token } = await tokens.issue(order);
    expect(await tokens.holderOf(token)).to.deep.equal({
      id: `token:${id}`,
      roles: ['registrar'],
      institution: 3,
    });
    nowMs += DAY_MS;
    expect(await tokens.holderOf(token)).to.equal(undefined);
    nowMs -= DAY_MS;
    expect(await tokens.revoke(id)).to.equal(true);
    expect(await tokens.holderOf(token)).to.equal(undefined);
    expect(await tokens.revoke('0000000000000000')).to.equal(false);
  });

  it('are renewed for the same holder, with the same roles, while they are in force', async () => {
    const bound = { office: 4 as OfficeId };
    const { id, token } = await tokens.issue(Object.assign({}, order, bound));
    const renewed = await tokens.renew(id, { issuedBy: 'token:2', lifeMs: 2 * DAY_MS });
    const holder = await tokens.holderOf(token);
    expect(await tokens.holderOf(renewed.token)).to.deep.equal(holder);
    expect(holder?.id).to.equal(`token:${id}`);
    const again = await tokens.renew(renewed.id, { issuedBy: 'token:2', lifeMs: 3 * DAY_MS });
    nowMs += DAY_MS;
    expect(await tokens.holderOf(token)).to.equal(undefined);
    expect(await tokens.holderOf(renewed.token)).to.deep.equal(holder);
    await tokens.revoke(renewed.id);
    expect(await tokens.holderOf(again.token)).to.deep.equal(holder);
    const link = await tokens.issueLink(order);
    for (const ended of [id, renewed.id, '0000000000000000', link.id]) {
      const renewing = tokens.renew(ended, { issuedBy: 'token:2', lifeMs: DAY_MS });
      expect(await refusedAs(renewing), ended).to.equal('token-missing');
    }
  });

  it('that were given before there were renewals are each their own holder’s, and renewed for that one', async () => {
    const [one, other] = [await tokens.issue(order), await tokens.issue(order)];
    const rows = precious('tokens', json<Record<string, unknown>>(), { auditedAtOpen: true });
    for (const { id } of [one, other]) {
      await store.transact(async (tx) => {
        const { holder, ...before } = (await tx.get(rows, id)) ?? {};
        expect(holder).to.equal(id);
        tx.put(rows, id, before);
      });
    }
    const holders = async () => (await tokens.list({ limit: 9 })).rows.map(({ id, holder }) => [id, holder]);
    expect(await holders()).to.have.deep.members([one, other].map(({ id }) => [id, id]));
    const ids = await Promise.all([one, other].map(async ({ token }) => (await tokens.holderOf(token))?.id));
    expect(ids).to.deep.equal([`token:${one.id}`, `token:${other.id}`]);
    const renewed = await tokens.renew(one.id, { issuedBy: 'token:2', lifeMs: DAY_MS });
    const again = await tokens.renew(renewed.id, { issuedBy: 'token:2', lifeMs: DAY_MS });
    expect((await tokens.holderOf(again.token))?.id).to.equal(`token:${one.id}`);
    expect(await holders()).to.deep.include([again.id, one.id]);
  });

  it('say what they are bound to', async () => {
    const bound = { office: 4 as OfficeId, vendor: ZERO_32 as Bytes32 as VendorId };
    const { token } = await tokens.issue(Object.assign({}, order, bound));
    expect(await tokens.holderOf(token)).to.include(bound);
  });

  it('leave when they were revoked or have ended, and free their place', async () => {
    const [revoked, ended, kept] = [
      await tokens.issue(order),
      await tokens.issue({ roles: ['registrar'], institution: 3, issuedBy: 'token:1', lifeMs: 1_000 }),
      await tokens.issue(order),
    ];
    await tokens.revoke(revoked.id);
    nowMs += 2_000;
    await tokens.sweep();
    expect((await tokens.list({ limit: 9 })).rows.map(({ id }) => id)).to.deep.equal([kept.id]);
    expect(await tokens.holderOf(ended.token)).to.equal(undefined);
    expect(await tokens.holderOf(kept.token)).to.not.equal(undefined);
  });

  it('have one start link at a time: another one ends the one before', async () => {
    const link = { roles: ['administrator'], institution: 0, issuedBy: 'the start', lifeMs: DAY_MS } as const;
    const [first, second] = [await tokens.issueLink(link), await tokens.issueLink(link)];
    expect(await refusedAs(tokens.useLink(first.token, DAY_MS))).to.equal('link-not-valid');
    expect(await tokens.holderOf((await tokens.useLink(second.token, DAY_MS)).token)).to.not.equal(undefined);
  });

  it('are refused with any character changed, and in any other shape', async () => {
    const { token } = await tokens.issue(order);
    let letIn = 0;
    const last = token.length - 1; // the last character carries four bits only
    for (let place = 0; place < last; place++) {
      const changed = `${token.slice(0, place)}${token[place] === 'a' ? 'b' : 'a'}${token.slice(place + 1)}`;
      if ((await tokens.holderOf(changed)) !== undefined) letIn++;
    }
    console.log(`      changed tokens | exhaustive | ${last} tried | ${letIn} let in`);
    expect(letIn).to.equal(0);
    for (const other of ['', token.slice(1), `${token}A`, `${token} `]) {
      expect(await tokens.holderOf(other)).to.equal(undefined);
    }
  });

  it('live a year at most, whatever was ordered', async () => {
    const { token } = await tokens.issue({ ...order, lifeMs: 5_000 * DAY_MS });
    nowMs += 367 * DAY_MS;
    expect(await tokens.holderOf(token)).to.equal(undefined);
  });

  it('leave no secret on the disk', async () => {
    const { token } = await tokens.issue(order);
    const secret = token.slice(-43); // base64url may hold an underscore
    await store.close();
    expect(filesBelow(folder).filter(({ bytes }) => bytes.includes(secret))).to.deep.equal([]);
  });

  it('are listed without a hash', async () => {
    await tokens.issue(order);
    const [note] = (await tokens.list({ limit: 9 })).rows;
    expect(note).not.to.have.any.keys('hash');
  });

  it('give nothing for a role that no longer exists', async () => {
    const { token } = await tokens.issue(order);
    const fewer = new Tokens(store, () => nowMs, ['administrator']);
    expect((await fewer.holderOf(token))?.roles).to.deep.equal([]);
  });

  describe('the one-time link', () => {
    const link = () => tokens.issueLink({ ...order, roles: ['administrator'], institution: 0 });

    it('is no token itself, and gives one administrator one token', async () => {
      const { token } = await link();
      expect(await tokens.isEmpty()).to.equal(true);
      expect(await tokens.holderOf(token)).to.equal(undefined);
      const enrolled = await tokens.useLink(token, DAY_MS);
      expect((await tokens.holderOf(enrolled.token))?.roles).to.deep.equal(['administrator']);
      expect(await tokens.isEmpty()).to.equal(false);
      expect(await refusedAs(tokens.useLink(token, DAY_MS))).to.equal('link-not-valid');
    });

    it('serves one of many that use it at once', async () => {
      const { token } = await link();
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => refusedAs(tokens.useLink(token, DAY_MS))),
      );
      expect(outcomes.filter((outcome) => outcome === undefined)).to.have.length(1);
    });

    it('ends, and an ordinary token is none', async () => {
      const { token } = await link();
      nowMs += 2 * DAY_MS;
      expect(await refusedAs(tokens.useLink(token, DAY_MS))).to.equal('link-not-valid');
      expect(await refusedAs(tokens.useLink((await tokens.issue(order)).token, DAY_MS))).to.equal(
        'link-not-valid',
      );
    });
  });
});
