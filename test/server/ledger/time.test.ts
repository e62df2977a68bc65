/** What time it is on a ledger where nothing happens, and on one whose clock was wrong. */
import { expect } from 'chai';
import type { Hex } from '../../../server/domain/base/hex.ts';
import type { EmbeddedOptions } from '../../../server/ledger/embedded.ts';
import { openLedger } from '../../../server/ledger/ledger.ts';
import { refusedAs, removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';
import { CLOCK, KEEPER, openTestLedger, Sender, type TestLedger, words } from './chain.ts';

const NOON = 1_800_000_000n;
const DAY = 86_400n;

describe('time on the embedded chain', function () {
  this.timeout(60_000);
  let folder: string;
  let ledger: TestLedger;
  let now: bigint;
  let sent: number;
  const open = async (options: Partial<EmbeddedOptions> = {}) => {
    ledger = await openTestLedger(folder, { clock: () => now, isClockAccepted: false, ...options });
  };
  const reopen = async (options: Partial<EmbeddedOptions> = {}) => {
    await ledger.close();
    await open(options);
  };
  beforeEach(async () => {
    folder = temporaryFolder();
    now = NOON;
    sent = 0;
    await open();
  });
  afterEach(() => ledger.close());
  after(removeTemporaryFolders);

  const write = async () => {
    const sender = new Sender(ledger.chain.genesis.chainId, 'writer');
    const { raw } = await sender.sign(words(`write ${sent}`, 1), { nonce: BigInt(sent) });
    await ledger.chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
    sent++;
  };
  const timeTried = async () => {
    const { chainId, hash: genesisHash } = ledger.chain.genesis;
    const reading = await openLedger({ provider: ledger.chain, pin: { chainId, genesisHash } });
    return BigInt(await reading.call(CLOCK, '0x'));
  };

  it('goes on for what is tried out, though no block comes', async () => {
    await write();
    now += 3_600n;
    expect(await timeTried()).to.equal(now);
    const call = { method: 'eth_call', params: [{ to: CLOCK }, 'latest'] };
    expect(BigInt((await ledger.chain.request(call)) as Hex)).to.equal(NOON);
  });

  it("is the next block's also while blocks come", async () => {
    for (let i = 0; i < 10; i++) {
      now += 1n;
      const [tried] = await Promise.all([timeTried(), write()]);
      expect(tried).to.equal(now);
    }
    await reopen(); // what was tried in between changed no block
    expect(ledger.chain.headNumber).to.equal(10n);
  });

  it('makes no block that is dated more than a day after anything that was seen, until somebody accepts the clock', async () => {
    await write();
    now += 2n * DAY;
    await reopen();
    expect(ledger.chain.clockDoubt).to.have.property('code', 'clock-doubtful');
    expect(await refusedAs(timeTried())).to.equal('clock-doubtful');
    const error = await write().catch((reason: unknown) => reason);
    expect(error).to.include({ name: 'Fault', retryable: true });
    expect(ledger.chain.headNumber).to.equal(1n);
    expect(await ledger.chain.request({ method: 'eth_getCode', params: [KEEPER, 'latest'] })).to.not.equal(
      '0x',
    );
    now -= 2n * DAY; // it was the clock
    await reopen();
    await write();
    now += 30n * DAY; // this time it is right
    await reopen({ isClockAccepted: true });
    await write();
    await reopen();
    await write();
    expect(ledger.chain.headNumber).to.equal(4n);
  });

  it('is trusted while the gateway runs and keeps its heartbeat, though no block comes for days', async () => {
    await write();
    for (let day = 0; day < 5; day++) {
      now += DAY;
      await ledger.chain.beat();
    }
    await reopen();
    await write();
    expect(ledger.chain.headNumber).to.equal(2n);
  });

  it('stands still and is told behind a block that is ahead of the clock', async () => {
    now += DAY;
    await write();
    now -= 3_600n;
    expect(ledger.chain.secondsAhead).to.equal(3_600n);
    await write();
    expect(await timeTried()).to.equal(NOON + DAY);
  });
});
