/** What no kill can see go: that each write asks the disk to keep it, in which order, and who may read its files. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import { expect } from 'chai';
import { Level } from 'level';
import type { TrustFile } from '../../../server/domain/audit/trust.ts';
import type { Address, Bytes32 } from '../../../server/domain/base/hex.ts';
import type { Engine } from '../../../server/ledger/engine.ts';
import { Door, doorIn } from '../../../server/localControl.ts';
import { json } from '../../../server/store/codec.ts';
import { openSoftwareKeys } from '../../../server/store/keys.ts';
import { precious } from '../../../server/store/store.ts';
import { keepTrust } from '../../../server/wiring/nodes.ts';
import type { Stores } from '../../../server/wiring/stores.ts';
import { openTestStore, refusedAs, removeTemporaryFolders, temporaryFolder } from './folder.ts';

const notes = precious('notes', json<number>());

type Pinned = TrustFile['contracts']['charter'];

type Batch = (rows: readonly unknown[], options?: { readonly sync?: boolean }) => Promise<void>;

/** Runs `work` while every batch of level goes through `through`. */
async function withBatches<T>(
  through: (batch: () => Promise<void>, sync: unknown) => Promise<void>,
  work: () => Promise<T>,
) {
  const level = Level.prototype as unknown as { batch: Batch };
  const original = level.batch;
  level.batch = function (this: unknown, rows, options) {
    return through(() => original.call(this, rows, options), options?.sync);
  };
  try {
    return await work();
  } finally {
    Reflect.deleteProperty(level, 'batch');
  }
}

/** The names of the calls of the file system that keep or move bytes, in their order, with what they were made on. */
async function callsDuring(work: () => unknown): Promise<string[]> {
  const calls: string[] = [];
  const { openSync, fsyncSync, renameSync, linkSync } = fs;
  const nameOf = (place: unknown) => path.basename(String(place)).replace(/\.[0-9a-f]{16}\.new$/, '.*.new');
  const names = new Map<number, string>();
  fs.openSync = (place, ...rest) => {
    const descriptor = openSync(place, ...rest);
    names.set(descriptor, nameOf(place));
    return descriptor;
  };
  fs.fsyncSync = (descriptor) => {
    calls.push(`sync ${names.get(descriptor)}`);
    fsyncSync(descriptor);
  };
  fs.renameSync = (from, to) => {
    calls.push(`move ${nameOf(from)} to ${nameOf(to)}`);
    renameSync(from, to);
  };
  fs.linkSync = (from, to) => {
    calls.push(`link ${nameOf(from)} to ${nameOf(to)}`);
    linkSync(from, to);
  };
  syncBuiltinESMExports();
  try {
    await work();
  } finally {
    Object.assign(fs, { openSync, fsyncSync, renameSync, linkSync });
    syncBuiltinESMExports();
  }
  return calls;
}

const modeOf = (file: string): number => fs.statSync(file).mode & 0o777;

describe('a write that is durable', () => {
  after(removeTemporaryFolders);

  it('of the store asks for a sync each time, at its founding too, and is acknowledged behind it', async () => {
    const asked: unknown[] = [];
    const held = Promise.withResolvers<void>();
    const order: string[] = [];
    await withBatches(
      async (batch, sync) => {
        asked.push(sync);
        if (asked.length === 3) await held.promise;
        await batch();
        order.push('synced');
      },
      async () => {
        const store = await openTestStore(temporaryFolder(), [notes]);
        expect(asked).to.deep.equal([true]);
        await store.transact((tx) => tx.put(notes, 'first', 1));
        const second = store
          .transact((tx) => tx.put(notes, 'second', 2))
          .then(() => order.push('acknowledged'));
        await new Promise((resolve) => setTimeout(resolve, 20));
        order.push('waited');
        held.resolve();
        await second;
        await store.close();
      },
    );
    expect(asked).to.deep.equal([true, true, true]);
    expect(order).to.deep.equal(['synced', 'synced', 'waited', 'synced', 'acknowledged']);
  });

  it('of a store that could not sync is told to nobody as kept, and the store takes no more', async () => {
    const store = await openTestStore(temporaryFolder(), [notes]);
    const broken = () => Promise.reject(new Error('EIO'));
    const failed = await withBatches(broken, () => refusedAs(store.transact((tx) => tx.put(notes, 'a', 1))));
    expect(failed).to.equal('Fault');
    expect(await refusedAs(store.transact((tx) => tx.put(notes, 'b', 2)))).to.equal('Fault');
    await store.close().catch(() => undefined);
  });

  it('of a key is synced beside, moved, and the move is synced', async () => {
    const top = temporaryFolder();
    const folder = path.join(top, 'made', 'keys');
    let keys: ReturnType<typeof openSoftwareKeys> | undefined;
    const calls = await callsDuring(() => {
      keys = openSoftwareKeys(folder);
    });
    const written = (name: string) => [`sync ${name}.*.new`, `link ${name}.*.new to ${name}`, 'sync keys'];
    const made = ['sync made', `sync ${path.basename(top)}`];
    expect(calls).to.deep.equal([...made, ...written('master.key'), ...written('ring.sealed')]);
    const later = await callsDuring(() => keys?.contentMac(new Uint8Array()));
    expect(later).to.deep.equal(['sync ring.sealed.new', 'move ring.sealed.new to ring.sealed', 'sync keys']);
    expect(fs.readdirSync(folder).sort()).to.deep.equal(['master.key', 'ring.sealed']);
  });

  it('of the trust file is synced beside and moved: no kill leaves one that differs for ever', async () => {
    const data = path.join(temporaryFolder(), 'data');
    fs.mkdirSync(data);
    const bytes32 = `0x${'5a'.repeat(32)}` as Bytes32;
    const [charter, consortium, landRegistry, benefitLedger] = ['b1', 'b2', 'b3', 'b4'].map((byte) => ({
      address: `0x${byte.repeat(20)}` as Address,
      codeHash: bytes32,
    })) as [Pinned, Pinned, Pinned, Pinned];
    const trust: TrustFile = {
      format: 'kudurru-trust-1',
      genesisHash: bytes32,
      chainId: 7,
      ledgerNonce: bytes32,
      lineage: 'embedded',
      nodeKey: `0x${'b5'.repeat(20)}` as Address,
      witnessKeys: [],
      witnessThreshold: 0,
      contracts: { charter, consortium, landRegistry, benefitLedger },
      minimumCheckpoint: { blockNumber: 0, blockHash: bytes32 },
    };
    const kept = [{ dataFolder: data } as Stores, { pin: { trust } } as Engine] as const;
    const calls = await callsDuring(() => keepTrust(...kept));
    expect(calls).to.deep.equal(['sync trust.json.new', 'move trust.json.new to trust.json', 'sync data']);
    expect(modeOf(path.join(data, 'trust.json'))).to.equal(0o644);
  });
});

describe('the files of a gateway', () => {
  after(removeTemporaryFolders);

  it('are read by its own user alone, whatever the machine makes of new files', async () => {
    const before = process.umask(0);
    try {
      const folder = temporaryFolder();
      const store = await openTestStore(path.join(folder, 'precious'), [notes]);
      expect(modeOf(path.join(folder, 'precious'))).to.equal(0o700);
      await store.close();
      openSoftwareKeys(path.join(folder, 'keys'));
      expect(modeOf(path.join(folder, 'keys'))).to.equal(0o700);
      for (const file of fs.readdirSync(path.join(folder, 'keys')))
        expect(modeOf(path.join(folder, 'keys', file)), file).to.equal(0o600);
      new Door(folder).open('http://127.0.0.1:8080');
      expect(modeOf(path.join(folder, 'door.json'))).to.equal(0o600);
    } finally {
      process.umask(before);
    }
  });

  it('that hold a key are refused when anybody else may read, write or run them', () => {
    const folder = path.join(temporaryFolder(), 'keys');
    openSoftwareKeys(folder);
    for (const name of ['master.key', 'ring.sealed']) {
      for (const mode of [0o640, 0o620, 0o610, 0o604, 0o602, 0o601]) {
        fs.chmodSync(path.join(folder, name), mode);
        expect(() => openSoftwareKeys(folder), `${name} ${mode.toString(8)}`)
          .to.throw()
          .with.property('code', 'key-file-exposed');
      }
      fs.chmodSync(path.join(folder, name), 0o600);
    }
    openSoftwareKeys(folder);
  });

  it('that hold a key of another size are not taken for one', () => {
    for (const bytes of [31, 33, 0]) {
      const folder = path.join(temporaryFolder(), 'keys');
      openSoftwareKeys(folder);
      fs.writeFileSync(path.join(folder, 'master.key'), randomBytes(bytes));
      expect(() => openSoftwareKeys(folder), String(bytes)).to.throw();
    }
  });

  it('let commands in by the token of the door that is open, and by no other', () => {
    const folder = temporaryFolder();
    const [door, other] = [new Door(folder), new Door(folder)];
    expect(doorIn(folder)).to.equal(undefined);
    // What a kill left behind is replaced, and its mode with it.
    fs.writeFileSync(path.join(folder, 'door.json'), '{"url":', { mode: 0o644 });
    expect(doorIn(folder)).to.equal(undefined);
    door.open('http://127.0.0.1:8080');
    const told = doorIn(folder);
    expect(told?.url).to.equal('http://127.0.0.1:8080');
    expect(modeOf(path.join(folder, 'door.json'))).to.equal(0o600);
    expect(door.isToken(told?.token ?? '')).to.equal(true);
    expect(other.isToken(told?.token ?? '')).to.equal(false);
    expect(door.isToken('')).to.equal(false);
    door.close();
    expect(doorIn(folder)).to.equal(undefined);
  });
});
