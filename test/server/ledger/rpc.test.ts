import { request as httpRequest } from 'node:http';
import net from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { JsonRpcProvider, Wallet } from 'ethers';
import { headerHash } from '../../../server/domain/audit/header.ts';
import { fromHex, type Hex } from '../../../server/domain/base/hex.ts';
import { MAX_LOG_BLOCKS } from '../../../server/ledger/methods.ts';
import { quantity } from '../../../server/ledger/provider.ts';
import { listenRpc, type RpcListener } from '../../../server/ledger/rpc.ts';
import { removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';
import { KEEPER, LOUD, openTestLedger, Sender, type TestLedger, word, words } from './chain.ts';

/** Every method of EDR and of its relatives that changes, traces, signs or keeps something for its caller. */
const FORBIDDEN = [
  ...'dropTransaction getAutomine impersonateAccount metadata mine reset setBalance setCode setCoinbase'.split(
    ' ',
  ),
  ...'setLoggingEnabled setMinGasPrice setNextBlockBaseFeePerGas setNonce setPrevRandao setStorageAt'.split(
    ' ',
  ),
  ...'stopImpersonatingAccount addCompilationResult getStackTraceFailuresCount intervalMine'.split(' '),
]
  .map((name) => `hardhat_${name}`)
  .concat(
    ...'evm_increaseTime evm_mine evm_revert evm_setAutomine evm_setBlockGasLimit evm_setIntervalMining'.split(
      ' ',
    ),
    ...'evm_setNextBlockTimestamp evm_snapshot evm_setTime evm_setAccountNonce evm_addAccount'.split(' '),
    ...'debug_traceTransaction debug_traceCall debug_traceBlockByNumber debug_setHead debug_resyncWorldState'.split(
      ' ',
    ),
    ...'eth_sendTransaction eth_sign eth_signTransaction eth_signTypedData eth_signTypedData_v4'.split(' '),
    ...'eth_newFilter eth_newBlockFilter eth_newPendingTransactionFilter eth_getFilterChanges'.split(' '),
    ...'eth_getFilterLogs eth_uninstallFilter eth_subscribe eth_unsubscribe eth_pendingTransactions'.split(
      ' ',
    ),
    ...'personal_sign personal_unlockAccount miner_start miner_stop admin_addPeer txpool_content'.split(' '),
    ...'anvil_setBalance anvil_mine kudurru_sign edr_reset web3_setProvider toString __proto__ constructor'.split(
      ' ',
    ),
  );

/** A tenth of a megabyte of log a block, of which all together are more than a query is answered with. */
const LOUD_DATA = `0x${'00'.repeat(60_000)}` as Hex;
const LOUD_BLOCKS = 48;

/** More than the listener holds at once. */
const SILENT = 400;

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

describe('the JSON-RPC listener', function () {
  this.timeout(60_000);
  let ledger: TestLedger;
  let rpc: RpcListener;
  before(async () => {
    ledger = await openTestLedger(temporaryFolder());
    rpc = await listenRpc(ledger.chain, 0);
  });
  after(async () => {
    await rpc.close();
    await ledger.close();
    removeTemporaryFolders();
  });

  function post(body: string, headers: Record<string, string> = {}, method = 'POST'): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        {
          port: rpc.port,
          host: '127.0.0.1',
          method,
          headers: { host: `localhost:${rpc.port}`, 'content-type': 'application/json', ...headers },
        },
        (response) => {
          let text = '';
          response.on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }
  const call = async (method: string, ...params: unknown[]) =>
    JSON.parse((await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))).text);
  const stateOfChain = async () => [
    ledger.chain.headNumber,
    await ledger.chain.request({ method: 'eth_getBlockByNumber', params: ['latest', false] }),
    await ledger.chain.request({ method: 'eth_getBalance', params: [KEEPER, 'latest'] }),
    await ledger.chain.request({ method: 'eth_getCode', params: [KEEPER, 'latest'] }),
    await ledger.chain.request({ method: 'eth_getStorageAt', params: [KEEPER, word(5), 'latest'] }),
  ];

  /** What comes back on a connection of its own. */
  const status = (bytes: string) =>
    new Promise<string>((resolve) => {
      let text = '';
      const socket = net.connect(rpc.port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text.slice(9, 12)));
    });

  for (const method of FORBIDDEN) {
    it(`does not serve ${method}, whatever its parameters`, async () => {
      const before = await stateOfChain();
      for (const params of [[], [KEEPER, word(1), word(2)], [KEEPER, '0x1'], ['0x1'], [{}], [true]]) {
        expect((await call(method, ...params)).error?.code).to.equal(-32004);
      }
      expect(await stateOfChain()).to.deep.equal(before);
    });
  }

  it('serves a wallet: it reads, sends on the same path into the journal, and finds its receipt', async () => {
    const provider = new JsonRpcProvider(`http://localhost:${rpc.port}`);
    const wallet = new Wallet(`0x${'31'.repeat(32)}`, provider);
    const sent = await wallet.sendTransaction({ to: KEEPER, data: words('wallet', 2) });
    const receipt = await sent.wait();
    expect(receipt?.status).to.equal(1);
    expect(await ledger.blocks.head()).to.equal(BigInt(receipt?.blockNumber ?? 0));
    provider.destroy();
  });

  it('serves a verifier: raw headers, receipts of a block, and finality', async () => {
    const { chainId } = ledger.chain.genesis;
    const { raw } = await new Sender(chainId, 'verifier').sign(words('verifier', 1));
    await call('eth_sendRawTransaction', raw);
    const block = (await call('eth_getBlockByNumber', 'latest', false)).result;
    const header = fromHex((await call('debug_getRawHeader', block.number)).result as Hex);
    expect(headerHash(header)).to.equal(block.hash);
    for (const named of [block.number, block.hash, 'latest']) {
      const receipts = (await call('eth_getBlockReceipts', named)).result as { transactionHash: Hex }[];
      expect(receipts.map(({ transactionHash }) => transactionHash)).to.deep.equal(block.transactions);
    }
    expect((await call('eth_getBlockReceipts', '0xffff')).result).to.equal(null);
    expect((await call('kudurru_finality', block.number)).result.nodeSignature).to.match(/^0x[0-9a-f]{128}$/);
  });

  it('answers a batch in one block, and each call for itself', async () => {
    const sender = new Sender(ledger.chain.genesis.chainId, 'batch');
    const raws = await Promise.all([1, 2, 3].map((i) => sender.sign(words(`${i}`, 1))));
    const head = ledger.chain.headNumber;
    const calls = [...raws.map(({ raw }) => raw), '0x00'].map((raw, id) => ({
      jsonrpc: '2.0',
      id,
      method: 'eth_sendRawTransaction',
      params: [raw],
    }));
    const replies = JSON.parse((await post(JSON.stringify(calls))).text);
    expect(replies.map(({ result }: { result?: Hex }) => result)).to.deep.equal([
      ...raws.map(({ hash }) => hash),
      undefined,
    ]);
    expect(ledger.chain.headNumber).to.equal(head + 1n);
  });

  it('answers only requests that name this machine, come from no web page and carry JSON', async () => {
    const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';
    expect((await post(body)).status).to.equal(200);
    expect((await post(body, { host: `127.0.0.1:${rpc.port}` })).status).to.equal(200);
    for (const host of [
      'attacker.example',
      `attacker.example:${rpc.port}`,
      'localhost',
      `localhost:${rpc.port}.x`,
    ]) {
      expect((await post(body, { host })).status, host).to.equal(421);
    }
    expect((await post(body, { origin: 'null' })).status).to.equal(403);
    expect((await post(body, { origin: `http://localhost:${rpc.port}` })).status).to.equal(403);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', '']) {
      expect((await post(body, { 'content-type': type })).status, type).to.equal(415);
    }
    for (const method of ['GET', 'OPTIONS', 'PUT']) expect((await post('', {}, method)).status).to.equal(405);
    expect(
      Object.keys((await post(body)).headers).filter((name) => name.startsWith('access-control')),
    ).to.deep.equal([]);
  });

  it('keeps nobody out for those who open connections and ask nothing', async () => {
    const held = await Promise.all(
      Array.from(
        { length: SILENT },
        () =>
          new Promise<net.Socket>((resolve) => {
            const socket = net.connect({ host: '127.0.0.1', port: rpc.port }, () => resolve(socket));
            socket.on('error', () => resolve(socket));
          }),
      ),
    );
    try {
      expect((await call('eth_blockNumber')).result).to.match(/^0x/);
    } finally {
      for (const socket of held) socket.destroy();
    }
  });

  it('keeps nobody out for those who begin a request and never end it', async () => {
    const begun = `POST / HTTP/1.1\r\nHost: localhost:${rpc.port}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`;
    const held: net.Socket[] = [];
    const hold = async (count: number) => {
      for (let i = 0; i < count; i++) {
        const socket = net.connect(rpc.port, '127.0.0.1', () => socket.write(begun));
        socket.on('error', () => undefined);
        held.push(socket);
      }
      await setTimeout(50); // each has begun before the next ones come
    };
    try {
      const whole = begun.replace('Length: 9\r\n', 'Length: 2\r\nConnection: close\r\n');
      for (let i = 0; i < SILENT / 40; i++) await hold(40);
      for (let i = 0; i < 5; i++) {
        await hold(2); // whatever place there was is theirs
        expect(await status(`${whole}}`)).to.equal('200');
      }
    } finally {
      for (const socket of held) socket.destroy();
    }
  });

  it('bounds bodies, batches and log ranges', async () => {
    const large = await post(' '.repeat(5 * 2 ** 20)).catch(() => ({ status: 413 }));
    expect(large.status).to.equal(413);
    const one = { jsonrpc: '2.0', id: 1, method: 'eth_chainId' };
    const batch = async (length: number) =>
      JSON.parse((await post(JSON.stringify(Array(length).fill(one)))).text);
    expect(await batch(256)).to.have.length(256);
    expect((await batch(257)).error.code).to.equal(-32600);
    expect((await batch(0)).error.code).to.equal(-32600);
    const logs = (fromBlock: string, toBlock: string) => call('eth_getLogs', { fromBlock, toBlock });
    expect((await logs('0x0', 'latest')).result).to.be.an('array');
    expect((await logs('0x0', `0x${MAX_LOG_BLOCKS.toString(16)}`)).error.code).to.equal(-32602);
    expect((await logs('0x1', '0x0')).error.code).to.equal(-32602);
  });

  it('bounds what a query of logs and a batch are answered with, by what is in them', async () => {
    const { chain } = ledger;
    const sender = new Sender(chain.genesis.chainId, 'logs');
    const first = chain.headNumber + 1n;
    for (let i = 0; i < LOUD_BLOCKS; i++) {
      const { raw } = await sender.sign(LOUD_DATA, { gas: 16_000_000n, to: LOUD });
      await chain.request({ method: 'eth_sendRawTransaction', params: [raw] });
    }
    const range = (from: bigint, to: bigint) => ({ fromBlock: quantity(from), toBlock: quantity(to) });
    const last = chain.headNumber;
    expect(last - first + 1n).to.equal(BigInt(LOUD_BLOCKS));
    const all = await call('eth_getLogs', range(first, last));
    expect(all.error?.code).to.equal(-32005);
    expect(all.error?.message).to.include('narrow the range');
    const some = await call('eth_getLogs', range(first, first + 7n));
    expect(some.result).to.have.length(8);
    const more = (await call('eth_getLogs', range(first, first + 20n))).result as { blockNumber: string }[];
    expect(more.map(({ blockNumber }) => BigInt(blockNumber))).to.deep.equal(
      more.map((_, i) => first + BigInt(i)),
    );
    expect(more).to.have.length(21);
    const quiet = await call('eth_getLogs', Object.assign({ address: KEEPER }, range(first, last)));
    expect(quiet.result, 'what does not match takes no room').to.deep.equal([]);
    const asked = Array.from({ length: 256 }, (_, id) => ({
      ...{ jsonrpc: '2.0', id, method: 'eth_getLogs', params: [range(first, first + 7n)] },
    }));
    const { text } = await post(JSON.stringify(asked));
    const told = JSON.parse(text) as { id: number; result?: unknown[]; error?: { code: number } }[];
    console.log(`a batch of 256 large reads | ${told.filter(({ result }) => result).length} answered`);
    expect(text.length).to.be.lessThan(66 * 2 ** 20);
    expect(told.map(({ id }) => id)).to.deep.equal(asked.map(({ id }) => id));
    expect(new Set(told.flatMap(({ error }) => error?.code ?? []))).to.deep.equal(new Set([-32005]));
    expect((await call('eth_chainId')).result).to.match(/^0x/);
  });

  it('answers what is no JSON-RPC with an error and goes on', async () => {
    for (const body of [
      '',
      '{',
      '7',
      'null',
      '"x"',
      '[7]',
      '{"jsonrpc":"1.0","id":1,"method":"eth_chainId"}',
    ]) {
      const text = (await post(body)).text;
      expect(text, body).to.contain('"error"');
    }
    const params = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":{}}';
    expect(JSON.parse((await post(params)).text).error.code).to.equal(-32600);
    expect((await call('eth_chainId')).result).to.match(/^0x/);
  });

  it('echoes no id that would come back as another one, and walks nothing that is nested without end', async () => {
    const refused = async (body: string) => {
      const told = await post(body);
      expect([told.status, told.headers['content-type']], body.slice(0, 80)).to.deep.equal([
        200,
        'application/json',
      ]);
      const { id, error, result } = JSON.parse(told.text);
      expect([id, result], body.slice(0, 80)).to.deep.equal([null, undefined]);
      expect(error?.code, body.slice(0, 80)).to.equal(body.includes('\\ud') ? -32700 : -32600);
    };
    const long = `"${'x'.repeat(300)}"`;
    for (const id of [
      '"\\ud800"',
      '"a\\udc00b"',
      '1e999',
      '9007199254740993',
      '0.5',
      '{}',
      '[1]',
      'true',
      long,
    ])
      await refused(`{"jsonrpc":"2.0","id":${id},"method":"eth_chainId"}`);
    await refused('{"jsonrpc":"2.0","method":"eth_chainId"}'); // it would hide its errors
    for (const depth of [20, 1_000, 1_000_000]) {
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const) {
        const nested = `${open.repeat(depth)}1${close.repeat(depth)}`;
        if (nested.length > 4_000_000) continue;
        await refused(`{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[${nested}]}`);
        await refused(nested);
        await refused(open.repeat(depth));
      }
    }
    // Brackets of a text are no nesting.
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: ['"[['.repeat(99)] });
    expect(JSON.parse((await post(text)).text).error?.message ?? '').to.not.include('nested');
    const ids = ['"\\ud83d\\ude00"', '-7', '""', 'null', '9007199254740991'];
    for (const id of ids) {
      const { text: told } = await post(`{"jsonrpc":"2.0","id":${id},"method":"eth_chainId"}`);
      expect(JSON.parse(told).id).to.equal(JSON.parse(id));
    }
  });

  it('reads no object in which a name stands twice, at any depth and in no batch', async () => {
    const call = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';
    for (const body of [
      '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","method":"net_version"}',
      '{"jsonrpc":"2.0","id":1,"id":2,"method":"eth_chainId"}',
      '{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"to":"0x1","to":"0x2"},"latest"]}',
      `[${call},{"jsonrpc":"2.0","id":2,"method":"eth_chainId","\\u006dethod":"net_version"}]`,
    ]) {
      const { id, error, result } = JSON.parse((await post(body)).text);
      expect([id, error?.code, result], body).to.deep.equal([null, -32600, undefined]);
      expect(error.message).to.include('twice');
    }
    expect(JSON.parse((await post(`[${call}]`)).text)[0].result).to.match(/^0x/);
  });

  it('goes by no header that stands twice, and answers what is badly framed', async () => {
    const body = '{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}';
    const host = `Host: localhost:${rpc.port}`;
    const whole = [host, 'Content-Type: application/json', 'Connection: close'];
    const framed = (headers: readonly string[]) =>
      status(['POST / HTTP/1.1', ...headers, `Content-Length: ${body.length}`, '', body].join('\r\n'));
    expect(await framed(whole)).to.equal('200');
    for (const again of [host, 'Host: attacker.example', 'Content-Type: text/plain'])
      expect(await framed([...whole, again]), again).to.equal('400');
    expect(await framed([...whole, 'Content-Length: 1'])).to.equal('400');
    expect(await framed([...whole, 'Transfer-Encoding: chunked'])).to.equal('400');
    expect(await framed([...whole, 'Expect: a miracle'])).to.equal('417');
    expect(await framed([...whole, `A: ${'x'.repeat(20_000)}`])).to.equal('431');
    expect(await status('BREW / HTTP/1.1\r\n\r\n')).to.equal('400');
  });

  it('says no in words of its own, for those of the executor repeat what was asked', async () => {
    const asked = 'SYNTHETIC PERSON';
    const like = asked.padEnd(66, '.');
    for (const [method, ...params] of [
      ['eth_call', asked, 'latest'],
      ['eth_call', { to: KEEPER, data: asked }, 'latest'],
      ['eth_estimateGas', { to: asked }],
      ['eth_getCode', asked, asked],
      ['eth_getProof', KEEPER, [asked], 'latest'],
      ['eth_getBlockByNumber', '0x1', asked],
      ['eth_getTransactionByHash', asked],
      ['eth_getLogs', { address: asked }],
      ['eth_getBlockReceipts', like],
      ['debug_getRawHeader', like],
      ['kudurru_finality', asked],
    ] as const) {
      const { error } = await call(method, ...params);
      expect(error?.message, method).to.be.a('string').and.not.include(asked);
      expect(error?.code, method).to.be.lessThan(0);
    }
  });

  it('shows no pending block: what is not on disk has no answer', async () => {
    const latest = await call('eth_getBlockByNumber', 'latest', false);
    expect(await call('eth_getBlockByNumber', 'pending', false)).to.deep.equal(latest);
  });

  it('tells what its own bounds ended from what a contract refused', async () => {
    const said = async (asked: object) => (await call('eth_call', asked, 'latest')).error?.message;
    const data = '0x12345678';
    expect(await said({ data: '0x5b600056', gas: '0x100000' }), 'a loop').to.equal('out of gas');
    expect(await said({ to: KEEPER, data, gas: '0x53' })).to.equal('intrinsic gas too low');
    expect(await said({ data: '0xfe' })).to.equal('invalid opcode');
    expect(await said({ to: KEEPER, data })).to.equal('execution reverted');
  });

  it('knows a block by one spelling', async () => {
    for (const block of ['1', '01', '0x01', '0x', 'LATEST', ' latest', '', 1, true, ['latest']]) {
      for (const asked of [
        ['eth_getBlockByNumber', block, false],
        ['eth_getBalance', KEEPER, block],
        ['eth_getBlockReceipts', block],
        ['kudurru_finality', block],
        ['eth_getLogs', { fromBlock: block }],
      ] as const) {
        const [method, ...params] = asked;
        expect((await call(method, ...params)).error?.code, JSON.stringify(asked)).to.equal(-32602);
      }
    }
    for (const block of ['0x0', 'latest', 'earliest', 'safe', 'finalized', 'pending', null]) {
      const { result } = await call('eth_getBlockByNumber', block, false);
      expect(result, JSON.stringify(block)).to.have.property('number');
    }
    expect((await call('eth_getBalance', KEEPER, { blockNumber: '0x0' })).result).to.equal('0x0');
  });
});
