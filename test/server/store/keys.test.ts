import { chmodSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { recoverAddress } from 'ethers';
import { pino } from 'pino';
import { type Bytes32, toHex } from '../../../server/domain/base/hex.ts';
import { keyFolderOf, openSoftwareKeys } from '../../../server/store/keys.ts';
import { openStores } from '../../../server/wiring/stores.ts';
import { filesBelow, refusedAs, removeTemporaryFolders, temporaryFolder } from './folder.ts';

const digest = `0x${'9c'.repeat(32)}` as Bytes32;
const message = Buffer.from('a message');

describe('the software key service', () => {
  after(removeTemporaryFolders);

  it('says loudly that it is one', () => {
    expect(openSoftwareKeys(temporaryFolder()).warning).to.match(/^SOFTWARE KEYS/);
  });

  it('keeps every key over a restart, and different names give different keys', async () => {
    const folder = temporaryFolder();
    const answers = async () => {
      const keys = openSoftwareKeys(folder);
      return [
        toHex(await keys.integrityKey()),
        await keys.indexMac(1, message),
        await keys.indexMac(2, message),
        await keys.sectorMac('food', 1, message),
        await keys.sectorMac('food', 2, message),
        await keys.address('node'),
        await keys.address('relayer-0'),
        await keys.address('relayer-1'),
      ];
    };
    const first = await answers();
    expect(await answers()).to.deep.equal(first);
    expect(new Set(first).size).to.equal(first.length);
  });

  it('lies beside the data, and is not made anew where rows are there and it is not', async () => {
    const data = join(temporaryFolder(), 'data');
    const log = pino({ level: 'silent' });
    await (await openStores(data, log)).close();
    expect(readdirSync(data).sort()).to.deep.equal(['keyStore', 'precious']);
    const keys = keyFolderOf(data);
    renameSync(keys, `${keys}-elsewhere`);
    expect(await refusedAs(openStores(data, log))).to.equal('key-folder-missing');
    expect(existsSync(keys), 'nothing was made').to.equal(false);
    renameSync(`${keys}-elsewhere`, keys);
    await (await openStores(data, log)).close();
  });

  it('signs so that its address is recovered', async () => {
    const keys = openSoftwareKeys(temporaryFolder());
    for (const role of ['node', 'relayer-0'] as const) {
      const signature = await keys.sign(role, digest);
      expect(recoverAddress(digest, signature).toLowerCase()).to.equal(await keys.address(role));
    }
  });

  it('unwraps what it wrapped for that agency and context only', async () => {
    const keys = openSoftwareKeys(temporaryFolder());
    const dataKey = new Uint8Array(32).fill(9);
    const context = Buffer.from('context');
    const wrapped = await keys.wrap(1, dataKey, context);
    expect(toHex(await keys.unwrap(1, wrapped, context))).to.equal(toHex(dataKey));
    expect(await refusedAs(keys.unwrap(2, wrapped, context))).to.equal('Fault');
    expect(await refusedAs(keys.unwrap(1, wrapped, Buffer.from('other')))).to.equal('Fault');
  });

  it('writes its files for the owner alone and refuses them when others can read them', async () => {
    const folder = temporaryFolder();
    await openSoftwareKeys(folder).integrityKey();
    for (const { path } of filesBelow(folder)) expect(statSync(path).mode & 0o777).to.equal(0o600);
    chmodSync(join(folder, 'master.key'), 0o640);
    expect(() => openSoftwareKeys(folder))
      .to.throw()
      .with.property('code', 'key-file-exposed');
  });

  it('does not found new keys where the master of old ones is lost or another', async () => {
    const folder = temporaryFolder();
    await openSoftwareKeys(folder).integrityKey();
    rmSync(join(folder, 'master.key'));
    expect(() => openSoftwareKeys(folder))
      .to.throw()
      .with.property('code', 'key-folder-missing');
  });

  it('keeps no key in clear in the ring', async () => {
    const folder = temporaryFolder();
    const integrity = Buffer.from(await openSoftwareKeys(folder).integrityKey());
    for (const { bytes } of filesBelow(folder)) {
      expect(bytes.includes(integrity)).to.equal(false);
      expect(bytes.includes(integrity.toString('hex'))).to.equal(false);
    }
  });
});
