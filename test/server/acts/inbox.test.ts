/** What an officer finds in the morning: what waits, in the order in which it lapses, and nothing that is over. */
import { expect } from 'chai';
import { type InboxRequest, openInbox } from '../../../server/acts/inbox.ts';
import type { SignableAct } from '../../../server/domain/acts/signable.ts';
import type { Bytes32 } from '../../../server/domain/base/hex.ts';
import { shortId } from '../../../server/domain/base/inWords.ts';
import type { EntryId, OfficerId } from '../../../server/domain/base/terms.ts';
import { actTables, type GivenSignature, type PendingAct, PendingActs } from '../../../server/store/acts.ts';
import type { OperationId } from '../../../server/store/operation.ts';
import type { Store } from '../../../server/store/store.ts';
import { WAITING_OF_INSTITUTION_MAX } from '../../../server/store/waitingActs.ts';
import { openTestStore, removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';

const DAY_MS = 24 * 3_600_000;
const OWNER = { principal: 'p1', institution: 3 };
const idOf = (number: number) => `0x${number.toString(16).padStart(64, '0')}` as EntryId;
const preparer = idOf(77) as Bytes32 as OfficerId;

/** Far enough that the acts of these tests are given up before. */
const FAR = 2_000_000_000n;

function signable(number: number, deadline = FAR, twoInstitutions = false): SignableAct {
  const head = { office: 1n, preparer, preparerEpoch: 1n, notBefore: 0n, deadline };
  return {
    entryId: idOf(number),
    kind: 'registration',
    typedData: { domain: { chainId: 1n }, types: {}, primaryType: 'RegisterTitle', message: { head } },
    args: [],
    institutions: { institution: 0, twoInstitutions },
    consents: [],
    states: [],
    factSets: [],
  };
}

describe('the inbox', () => {
  let folder: string;
  let store: Store;
  let acts: PendingActs;
  let nowMs: number;
  let isSeated: boolean;
  const open = async () => {
    store = await openTestStore(folder, actTables);
    acts = new PendingActs(store, () => nowMs);
  };
  const add = (number: number, deadline?: bigint) =>
    store.transact((tx) =>
      acts.add(tx, signable(number, deadline), OWNER, { orderedBy: `unit ${number}` }, async () => false),
    );
  const inbox = (asked: Partial<Pick<InboxRequest, 'after' | 'limit' | 'lacking' | 'isLapsing'>> = {}) =>
    openInbox(
      acts,
      async () => isSeated,
      () => nowMs,
    )({ limit: 50, isListed: () => true, ...asked });
  const listed = async () => (await inbox()).rows.map(({ act }) => Number(act.id));

  beforeEach(async () => {
    nowMs = 1_700_000_000_000;
    isSeated = true;
    folder = temporaryFolder();
    await open();
    for (const number of [5, 3, 4, 1, 2]) {
      await add(number);
      nowMs += DAY_MS;
    }
  });
  afterEach(async () => {
    await store.close();
    removeTemporaryFolders();
  });

  it('says of money whether a donor adds it, from a source that is named or not, or where else it is from', async () => {
    const words = async (number: number, move: number, sourceCommitment = idOf(0)) => {
      const plain = signable(number);
      const message = {
        ...plain.typedData.message,
        programme: idOf(8),
        move: BigInt(move),
        sourceCommitment,
      };
      const typedData = { ...plain.typedData, primaryType: 'MoveFunds', message };
      const act = { ...plain, kind: 'move-funds', typedData };
      await store.transact((tx) => acts.add(tx, act, OWNER, { orderedBy: 'money' }, async () => false));
      return (await inbox()).rows.find((row) => Number(row.act.id) === number)?.words;
    };
    expect(await words(21, 1, idOf(9))).to.equal('money that a donor adds, from a source that the act names');
    expect(await words(22, 1)).to.equal('money that a donor adds, from a source that is not named');
    expect(await words(23, 2)).to.equal('money that expired and is used again');
    expect(await words(24, 3)).to.equal('money that was reclaimed and is used again');
    expect(await words(25, 4)).to.equal('money that goes back to the donor');
  });

  it('begins with what lapses first and goes on where the page before ended', async () => {
    expect(await listed()).to.deep.equal([5, 3, 4, 1, 2]);
    const pages: number[][] = [];
    let after: string | undefined;
    do {
      const page = await inbox(after === undefined ? { limit: 2 } : { limit: 2, after });
      expect(page.total).to.equal(5);
      pages.push(page.rows.map(({ act }) => Number(act.id)));
      after = page.next;
    } while (after !== undefined);
    expect(pages).to.deep.equal([[5, 3], [4, 1], [2]]);
  });

  it('says what an act is, about what and by whom', async () => {
    const [row] = (await inbox()).rows;
    const { act: _, ...said } = row ?? {};
    expect(said).to.deep.equal({
      words: 'the first registration of a title',
      about: 'unit 5',
      units: [],
      named: [],
      money: undefined,
      preparer,
      missing: ['preparer', 'approver'],
      missingFrom: [
        `officer ${shortId(preparer)} of institution 3, who prepared it`,
        'another officer, of institution 3, as land-approver',
      ],
      lapsesSoon: false,
    });
  });

  it('asks for another institution once the ledger does', async () => {
    const two = signable(6, FAR, true);
    await store.transact((tx) => acts.add(tx, two, OWNER, { orderedBy: 'unit 6' }, async () => false));
    const second = async () => (await inbox()).rows.find(({ act }) => act.id === idOf(6))?.missingFrom[1];
    expect(await second()).to.equal('another officer, of another institution than 3, as land-approver');
    // While its members are not seated, two officers of one institution decide.
    isSeated = false;
    expect(await second()).to.equal('another officer, of institution 3, as land-approver');
  });

  it('finds what lacks the signature that is asked for', async () => {
    const signature = { part: 'preparer', principal: 'p1', signer: preparer, signature: '0x01' } as const;
    await store.transact((tx) => acts.sign(tx, idOf(4), signature));
    const numbers = async (lacking: 'preparer' | 'approver' | 'consent') =>
      (await inbox({ lacking })).rows.map(({ act }) => Number(act.id));
    expect(await numbers('preparer')).to.deep.equal([5, 3, 1, 2]);
    expect(await numbers('approver')).to.deep.equal([5, 3, 4, 1, 2]);
    expect(await numbers('consent')).to.deep.equal([]);
  });

  it('counts what lapses within three days, and finds it alone', async () => {
    const soon = async () => {
      const { lapsingSoon, rows } = await inbox({ isLapsing: true });
      return [lapsingSoon, rows.map(({ act, lapsesSoon }) => [Number(act.id), lapsesSoon])];
    };
    expect(await soon()).to.deep.equal([0, []]);
    const [first] = (await inbox()).rows;
    nowMs = (first?.act.expiresAtMs ?? 0) - 2 * DAY_MS;
    expect(await soon()).to.deep.equal([
      2,
      [
        [5, true],
        [3, true],
      ],
    ]);
    const whole = await inbox({ limit: 1 });
    expect([whole.total, whole.lapsingSoon, whole.rows.length]).to.deep.equal([5, 2, 1]);
  });

  it('has an act lapse with its own deadline, and drops it then', async () => {
    const nowSeconds = BigInt(nowMs / 1_000);
    await add(6, nowSeconds + 3_600n);
    const { lapsingSoon, rows } = await inbox({ isLapsing: true });
    expect([lapsingSoon, rows.map(({ act }) => Number(act.id))]).to.deep.equal([1, [6]]);
    expect(await listed()).to.deep.equal([6, 5, 3, 4, 1, 2]);
    nowMs += 3_600_001;
    expect(await listed()).to.deep.equal([5, 3, 4, 1, 2]);
  });

  it('shows nothing, and counts nothing, of what may not be read', async () => {
    const isListed = ({ id }: PendingAct) => id === idOf(4);
    const { total, rows } = await openInbox(
      acts,
      async () => isSeated,
      () => nowMs,
    )({ limit: 50, isListed });
    expect([total, rows.map(({ about }) => about)]).to.deep.equal([1, ['unit 4']]);
  });

  it('reads what is of the institution or asked of it, and no act that is others’ alone', async () => {
    const counted: PendingAct['id'][] = [];
    const whose = async (institution: number | undefined) => {
      counted.length = 0;
      for await (const act of acts.waiting(institution)) counted.push(act.id);
      return counted.map(Number).sort();
    };
    const prepare = (number: number, institution: number, twoInstitutions = false) => {
      const owner = { principal: 'p2', institution };
      const about = { orderedBy: `unit ${number}` };
      const act = signable(number, FAR, twoInstitutions);
      return store.transact((tx) => acts.add(tx, act, owner, about, async () => false));
    };
    await prepare(6, 2);
    await prepare(7, 31, true);
    expect([await whose(2), await whose(31), await whose(3)]).to.deep.equal([[6], [7], [1, 2, 3, 4, 5]]);
    const signed = (part: 'preparer' | 'approver', signer: OfficerId) => {
      const approval = { approverEpoch: 1, deadline: Number(FAR) };
      const given = { part, signer, principal: signer, signature: '0x01', approval } as GivenSignature;
      return store.transact((tx) => acts.sign(tx, idOf(7), given));
    };
    await signed('preparer', preparer);
    expect([await whose(2), await whose(31)], 'asked of every other').to.deep.equal([[6, 7], [7]]);
    expect(await whose(undefined)).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
    await signed('approver', idOf(78) as Bytes32 as OfficerId);
    expect([await whose(2), await whose(31)], 'asked of nobody').to.deep.equal([[6], [7]]);
    await store.transact((tx) => acts.execute(tx, idOf(7), 'an operation' as OperationId));
    await store.transact((tx) => acts.takeBack(tx, idOf(6), async () => false, 'somebody'));
    expect([await whose(2), await whose(31)]).to.deep.equal([[], []]);
  });

  it('of one institution has a bound of its own, which is named, and leaves the others their room', async () => {
    const prepared = (from: number, count: number, institution: number) =>
      store.transact(async (tx) => {
        for (let number = from; number < from + count; number++) {
          const about = { orderedBy: `unit ${number}` };
          const owner = { principal: 'p1', institution };
          await acts.add(tx, signable(number), owner, about, async () => false);
        }
      });
    await prepared(100, WAITING_OF_INSTITUTION_MAX - 5, 3); // beside the five there are
    await prepared(1, 5, 3); // the same acts again are the acts there are
    const refused = await prepared(20_000, 1, 3).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'too-many-acts-kept' });
    expect((refused as Error).message)
      .to.include(`${WAITING_OF_INSTITUTION_MAX}`)
      .and.to.include('institution 3');
    await prepared(20_000, 1, 2);
    await store.transact((tx) => acts.takeBack(tx, idOf(100), async () => false, 'somebody'));
    await prepared(20_001, 1, 3);
    await store.transact((tx) => acts.execute(tx, idOf(101), 'an operation' as OperationId));
    await prepared(20_002, 1, 3);
    expect(await prepared(20_003, 1, 3).catch(({ code }: { code: string }) => code)).to.equal(
      'too-many-acts-kept',
    );
  });

  it('drops what was carried out, taken back or has lapsed, over a restart too', async () => {
    await store.transact((tx) => acts.execute(tx, idOf(3), 'an operation' as OperationId));
    await store.transact((tx) => acts.takeBack(tx, idOf(4), async () => false, 'somebody'));
    expect(await listed()).to.deep.equal([5, 1, 2]);
    await store.close();
    await open();
    expect(await listed()).to.deep.equal([5, 1, 2]);
    nowMs += 26 * DAY_MS; // the first was prepared five days before that
    expect(await listed()).to.deep.equal([1, 2]);
  });
});
