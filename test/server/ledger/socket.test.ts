/** The control socket: its owner's alone, and no worse for what is sent to it. */
import { chmodSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { listenRpcSocket, type RpcListener } from '../../../server/ledger/rpc.ts';
import { seeded } from '../../seeded.ts';
import { within } from '../../within.ts';
import { removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';

const SEED = 20_261_129;
const GARBAGE = 40;
const WAIT_MS = 10_000;
/** Whoever owns nothing. */
const NOBODY = 65_534;
describe('the control socket', function () {
  this.timeout(60_000);
  let file: string;
  let socket: RpcListener | undefined;
  let waiting: (() => void)[] = [];
  const served = {
    async request({ method }: { readonly method: string }) {
      if (method === 'slow') await new Promise<void>((resolve) => waiting.push(resolve));
      return method;
    },
  };
  beforeEach(async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o777);
    file = path.join(folder, 'control.sock');
    waiting = [];
    socket = await listenRpcSocket(served, file);
  });
  afterEach(() => socket?.close());
  after(removeTemporaryFolders);

  function ask(method: string): Promise<string> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] });
    const answered = new Promise<string>((resolve, reject) => {
      const headers = { host: 'localhost', 'content-type': 'application/json' };
      request({ socketPath: file, method: 'POST', headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (some) => {
          text += some;
        });
        response.on('end', () => resolve(JSON.parse(text).result));
      })
        .on('error', reject)
        .end(body);
    });
    return within(WAIT_MS, method, answered);
  }

  it('is its owner’s alone, in a folder of everybody and whatever the process’s mask', async function () {
    const umask = process.umask(0);
    try {
      await socket?.close();
      socket = await listenRpcSocket(served, file);
      expect(process.umask()).to.equal(0);
    } finally {
      process.umask(umask);
    }
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    expect(await ask('eth_chainId')).to.equal('eth_chainId');
    if (process.getuid?.() !== 0) this.skip();
    expect(await connectedAs(NOBODY)).to.equal('EACCES');
    expect(await connectedAs(0)).to.equal('connected');
  });

  /** What a process of this user is told. */
  async function connectedAs(user: number): Promise<string> {
    process.seteuid?.(user);
    try {
      const stream = connect(file);
      const told = new Promise<string>((resolve) => {
        stream.on('connect', () => resolve('connected'));
        stream.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      });
      return await within(WAIT_MS, 'a connection', told).finally(() => stream.destroy());
    } finally {
      process.seteuid?.(0);
    }
  }

  it('answers the next one after garbage, and two at once', async () => {
    const random = seeded(SEED);
    for (let i = 0; i < GARBAGE; i++) {
      const stream = connect(file);
      stream.on('error', () => {}); // cut off, as it should be
      stream.end(
        i % 4 === 0 ? 'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{' : random.bytes(500),
      );
    }
    const slow = ask('slow');
    expect(await ask('eth_blockNumber')).to.equal('eth_blockNumber');
    for (const go of waiting) go();
    expect(await slow).to.equal('slow');
  });

  it('takes the place of what a kill left there', async () => {
    await socket?.close();
    writeFileSync(file, 'left by a kill');
    socket = await listenRpcSocket(served, file);
    expect(await ask('eth_chainId')).to.equal('eth_chainId');
  });
});
