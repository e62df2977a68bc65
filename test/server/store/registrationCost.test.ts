/** What a registration with its act writes to the disk: counted, so that it is the same on every machine. */
import { expect } from 'chai';
import { ClassicLevel } from 'classic-level';
import { disclose } from '../../../server/disclose.ts';
import type { Bytes32, Hex } from '../../../server/domain/base/hex.ts';
import type { Call } from '../../../server/store/operation.ts';
import { openOutbox } from '../../../server/store/outbox.ts';
import { removeTemporaryFolders, temporaryFolder } from './folder.ts';
import { AGENCY, openingEntry, openPeople, type People, personEntry, reading } from './people.ts';

const AT_ONCE = 50;
const ALONE = 10;
const call: Call = { to: `0x${'01'.repeat(20)}` as Call['to'], data: '0x', gas: 21_000n };

type Outbox = Awaited<ReturnType<typeof openOutbox>>;

async function register(people: People, outbox: Outbox, number: number): Promise<void> {
  const subject = await people.subjects.enrol(AGENCY, [{ scheme: 'id', id: `EX-${number}` }]);
  await people.vault.put([personEntry(subject), openingEntry(subject, 'unit1')]);
  await disclose(people, reading, subject);
  const owner = { principal: 'p', institution: AGENCY };
  const order = { kind: 'test', owner, office: undefined, acts: [], orderedBy: `thing-${number}` } as const;
  const { id } = await outbox.receive(order);
  await outbox.authorise(id, call);
  await outbox.sign(id, async (_, lane, nonce) => {
    const unique = Buffer.from(`${lane}/${nonce}`).toString('hex').padStart(64, '0');
    return { raw: `0x${unique}` as Hex, hash: `0x${unique}` as Bytes32 };
  });
  await outbox.sent(id);
  await outbox.mined(id, 1n);
  await outbox.final(id, []);
  await outbox.projected(id);
}

describe('what a registration writes', function () {
  this.timeout(180_000);
  const { batch } = ClassicLevel.prototype;
  let people: People;
  let outbox: Outbox;
  let registered = 0;
  let count = { rows: 0, rowBytes: 0, pages: 0, pageBytes: 0 };

  before(async () => {
    people = await openPeople(temporaryFolder());
    outbox = await openOutbox(people.store, Date.now);
    ClassicLevel.prototype.batch = function (this: ClassicLevel, ...parameters: unknown[]) {
      for (const { key, value } of parameters[0] as readonly { key: string; value?: Uint8Array }[]) {
        const bytes = key.length + (value?.length ?? 0);
        const isPage = key.startsWith('!pages!');
        if (isPage) count.pages += 1;
        else count.rows += 1;
        if (isPage || key === '!tallies!pages') count.pageBytes += bytes;
        else count.rowBytes += bytes;
      }
      return Reflect.apply(batch, this, parameters) as never;
    } as unknown as typeof batch;
    await many(300, AT_ONCE);
  });
  after(async () => {
    ClassicLevel.prototype.batch = batch;
    await people.close();
    removeTemporaryFolders();
  });

  /** The mean of each count, of so many of which some are at once. */
  async function many(number: number, atOnce: number): Promise<typeof count> {
    count = { rows: 0, rowBytes: 0, pages: 0, pageBytes: 0 };
    for (let left = number; left > 0; left -= atOnce)
      await Promise.all(Array.from({ length: atOnce }, () => register(people, outbox, registered++)));
    const mean = (sum: number) => Math.round((10 * sum) / number) / 10;
    const { rows, rowBytes, pages, pageBytes } = count;
    return { rows: mean(rows), rowBytes: mean(rowBytes), pages: mean(pages), pageBytes: mean(pageBytes) };
  }

  it('to the pages of the order of keys is less than to its rows, alone and with others', async () => {
    const [alone, together] = [await many(ALONE, 1), await many(2 * AT_ONCE, AT_ONCE)];
    for (const [name, { rows, rowBytes, pages, pageBytes }] of Object.entries({ alone, together }))
      console.log(
        `      registration | ${name} | ${rows} rows of ${rowBytes} bytes | ${pages} pages of ${pageBytes} bytes`,
      );
    // Keys that came: of the vault twice, four of people's keys and a salt, of the act; and that went, of the act.
    expect(alone.pages).to.be.within(7, 9);
    expect(together.pages).to.be.within(2, 4.5);
    for (const { rowBytes, pageBytes } of [alone, together]) expect(pageBytes).to.be.lessThan(0.8 * rowBytes);
  });
});
