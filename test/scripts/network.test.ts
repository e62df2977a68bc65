/** `kudurru network` over the recorded Besu chain, as nodes that agree, lag, differ and are silent. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { trustInWords } from '../../scripts/ceremony.ts';
import { createKeyring, type Keyring } from '../../scripts/keyring.ts';
import { membersIn, type Validator, validatorOf, writeMembers } from '../../scripts/members.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import { headerOfAnswer } from '../../server/domain/audit/header.ts';
import { readQbftHeader } from '../../server/domain/audit/qbft.ts';
import { fingerprint, readSignedTrust, writeTrust } from '../../server/domain/audit/trust.ts';
import { type Address, type Bytes32, ZERO_32 } from '../../server/domain/base/hex.ts';
import { type InstitutionId, type OfficeId, ROLES } from '../../server/domain/base/terms.ts';
import type { Founding, FoundingKey, FoundingOfficer } from '../../server/domain/power/founding.ts';
import { writeFounding } from '../../server/domain/power/foundingFile.ts';
import {
  FIRST_EPOCHS,
  foundingDomain,
  keyHashOfAddress,
  possessionData,
} from '../../server/domain/power/possession.ts';
import { type GenesisSeen, type GenesisTrouble, lookAtGenesis } from '../../server/genesis.ts';
import { NodeError, quantity } from '../../server/ledger/provider.ts';
import { listenRpc, type RpcListener } from '../../server/ledger/rpc.ts';
import type { NetworkSeen } from '../../server/network.ts';
import type { NodesChecked } from '../../server/nodeCheck.ts';
import { recordedChain } from '../chain/recorded.ts';
import { recordedTrust } from '../chain/recordedTrust.ts';
import { foundingOfficerOf, officerOf } from '../chain/signing.ts';
import { freePort } from '../gateway/app.ts';
import { doorBefore } from '../gateway/door.ts';
import { kudurruBeside } from '../gateway/kudurru.ts';
import { recordedNode } from '../server/ledger/recordedNode.ts';
import { removeTemporaryFolders, temporaryFolder } from '../server/store/folder.ts';

/** The last of the recording whose state is proved. */
const HEAD = 9;

/** Of Besu's own options, those that a validator of ours is started with; a name that it does not know stops it. */
const OPTIONS = [
  ...['p2p-host', 'p2p-port', 'genesis-file', 'data-path', 'node-private-key-file', 'discovery-enabled'],
  ...['nat-method', 'static-nodes-file', 'max-peers', 'sync-mode', 'sync-min-peers', 'data-storage-format'],
  ...['permissions-nodes-config-file-enabled', 'permissions-nodes-config-file'],
  ...['permissions-accounts-config-file-enabled', 'permissions-accounts-config-file'],
  ...['bonsai-historical-block-limit', 'bonsai-limit-trie-logs-enabled', 'min-gas-price'],
  ...['rpc-http-enabled', 'rpc-http-host', 'rpc-http-port', 'rpc-http-api', 'host-allowlist'],
  ...['metrics-enabled', 'metrics-host', 'metrics-port', 'logging'],
];
const OPTION_LINE = /^[a-z0-9-]+=(?:"[^"]*"|\d+|true|false|\["[^"]*"(?:,"[^"]*")*\])$/;

/** The block of the recording in which a fifth validator joined. */
const changed = [{ blockNumber: '0x8' }];

function otherBlock(answer: object): object {
  const bent = { ...answer, stateRoot: `0x${'07'.repeat(32)}` };
  return { ...bent, hash: readQbftHeader(headerOfAnswer(bent)).hash };
}

describe('the network, as its nodes say it', function () {
  this.timeout(480_000);
  const listeners: RpcListener[] = [];
  let trustFile: string;
  before(() => {
    trustFile = path.join(temporaryFolder(), 'trust.json');
    writeFileSync(trustFile, writeTrust(recordedTrust('osaka')));
  });
  after(async () => {
    for (const listener of listeners) await listener.close();
    removeTemporaryFolders();
  });

  async function nodeAt(head: number, bend: (method: string, answer: unknown) => unknown = (_, it) => it) {
    const node = recordedNode('osaka', (method, _, answer) => {
      if (method === 'eth_blockNumber') return quantity(BigInt(head));
      return bend(method, answer);
    });
    const request = async (call: Parameters<typeof node.request>[0]) => {
      if (call.method === 'net_peerCount') return '0x3';
      if (call.method === 'web3_clientVersion') return 'besu/v26.3';
      if (call.method === 'eth_getLogs') return changed;
      if (call.method === 'eth_call') throw new NodeError(-32_000, 'not recorded');
      return node.request(call);
    };
    const listener = await listenRpc({ request }, 0);
    listeners.push(listener);
    return `http://127.0.0.1:${listener.port}`;
  }
  const run = (command: string, nodes: readonly string[], more: readonly string[] = []) => {
    const named = nodes.flatMap((node) => ['--rpc', node]);
    return kudurruBeside(['network', command, ...named, '--trust', trustFile, ...more]);
  };

  it('says who is behind, who has another block and who is silent; who validates, and what each sealed', async () => {
    const whole = await nodeAt(HEAD);
    const behind = await nodeAt(7);
    const sound = await run('show', [whole, behind], ['--json']);
    expect(sound.code, sound.stderr).to.equal(0);
    const seen = JSON.parse(sound.stdout) as NetworkSeen;
    const [first, second] = seen.nodes;
    expect(first).to.include({
      blockNumber: HEAD,
      behindBlocks: 0,
      peers: 3,
      version: 'besu/v26.3',
      differs: false,
    });
    expect(second).to.include({ blockNumber: 7, behindBlocks: HEAD - 7, differs: false });
    expect(seen.commonBlock).to.equal(7);
    const blocks = recordedChain('osaka').expected;
    const next = blocks.find(({ number }) => number === HEAD + 1);
    expect(seen.validators?.map((one) => one.validator).toSorted()).to.deep.equal(
      next?.validatorsThatMustSign?.toSorted(),
    );
    for (const { validator, sealed } of seen.validators ?? []) {
      const signed = blocks.filter(
        ({ number, sealSigners }) => number > 0 && number <= HEAD && sealSigners.includes(validator),
      );
      expect(sealed, validator).to.equal(signed.length);
    }
    // Another header of its height: as one that went its own way would have it.
    const forked = await nodeAt(HEAD, (method, answer) => {
      const { number } = (answer ?? {}) as { number?: string };
      return method === 'eth_getBlockByNumber' && number === '0x7' ? otherBlock(answer as object) : answer;
    });
    const silent = `http://127.0.0.1:${await freePort()}`;
    const told = await run('show', [whole, behind, forked, silent]);
    expect(told.code, told.stderr).to.equal(1);
    expect(told.stdout)
      .to.match(/ANOTHER BLOCK/)
      .and.to.include('node-silent')
      .and.to.include('2 behind');
  });

  it('rehearses a vote on the set that is proved, and says no to one that would end in a halt', async () => {
    const node = await nodeAt(HEAD);
    const joining = `0x${'77'.repeat(20)}`;
    const refused = await run('rehearse', [node], ['--remove', joining]);
    expect(refused.code, refused.stderr).to.equal(1);
    expect(refused.stdout)
      .to.match(/^NOT LIKE THIS\n {2}validator-set-unchanged: /)
      .and.to.include('before: 5 validators, a quorum is 4, 1 may fail');
    const two = await run('rehearse', [node], ['--add', joining, '--institution', '5', '--remove', joining]);
    expect(two.code, 'two votes at once').to.equal(2);
  });

  it('counts no head that the validators did not seal, however high it is, and says what is wrong with it', async () => {
    const sound = await nodeAt(HEAD);
    const madeUp = await nodeAt(HEAD + 1, (method, answer) => {
      const { number } = (answer ?? {}) as { number?: string };
      const isHead = method === 'eth_getBlockByNumber' && number === quantity(BigInt(HEAD + 1));
      return isHead ? otherBlock(answer as object) : answer;
    });
    const seen = await run('show', [sound, madeUp], ['--json']);
    expect(seen.code, seen.stderr).to.equal(1);
    const { nodes, newest, validators } = JSON.parse(seen.stdout) as NetworkSeen;
    expect(nodes[1]).to.deep.equal({ node: madeUp, trouble: 'seal-not-by-member' });
    expect(newest?.blockNumber).to.equal(HEAD);
    expect(validators).to.have.length(5);
    const alone = await run('rehearse', [madeUp], ['--remove', `0x${'77'.repeat(20)}`]);
    expect(alone.code, alone.stdout).to.equal(2);
    expect(alone.stderr).to.include('No node with a final head');
  });

  it('sends a node what it wants to be let in, and to nobody who could read it on the way', async () => {
    const behind = await nodeAt(HEAD);
    const door = await doorBefore(behind, 'Bearer abc');
    try {
      const node = door.url;
      const file = path.join(temporaryFolder(), 'credentials');
      writeFileSync(file, 'Bearer abc\n');
      const locked = await run('show', [node]);
      expect(locked.stdout).to.include('node-silent');
      const opened = await run('show', [node], ['--credentials', file]);
      expect(opened.code, opened.stdout + opened.stderr).to.equal(0);
      const read = await run('show', ['http://node.example:8545'], ['--credentials', file]);
      expect([read.code, read.stdout]).to.deep.equal([2, '']);
    } finally {
      door.close();
    }
  });

  it('says of a ledger that it is sound, and beside it which signatures nothing shows', () => {
    const print = `0x${'ab'.repeat(32)}` as Bytes32;
    const seen = { troubles: [], foundingFingerprint: print };
    const verdicts = ['signature-not-shown: 3'];
    const members = { signed: [1], missing: [2], strange: [] };
    const told = trustInWords({
      seen,
      file: 't.json',
      fingerprint: print,
      auditedBlock: 7,
      verdicts,
      members,
    });
    expect(told).to.match(/^signed: institution 1\nNOT SIGNED: institution 2$/m);
    expect(told).to.match(/^SOUND: to block 7, signature-not-shown: 3\nwritten t.json\n/);
  });

  it('has each member sign the trust file it computed, says who did not, and takes no signature of another file', async () => {
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    const env = { KUDURRU_PASSPHRASE: 'seven lamps and a barge' };
    const rings = path.join(folder, 'keys');
    mkdirSync(rings, { mode: 0o700 });
    const ring = createKeyring(rings, env.KUDURRU_PASSPHRASE, { logN: 10 });
    const file = foundingWith([1, 2, 3, 4].map((n) => `0x${`${n}`.repeat(40)}` as Address));
    const voters = [1, 2].map((n) => voterOf(ring, `voter-${n}`, n as InstitutionId, file.ledgerNonce));
    const others = file.officers.filter((one, i) => i % 3 > 0 || one.institution > 2);
    writeFileSync(at('founding.json'), writeFounding({ ...file, officers: [...voters, ...others] }));
    const trust = { ...recordedTrust('osaka'), ledgerNonce: file.ledgerNonce };
    writeFileSync(at('trust.json'), writeTrust(trust));
    writeFileSync(at('other.json'), writeTrust({ ...trust, chainId: trust.chainId + 1 }));
    const founded = ['--founding', at('founding.json'), '--json'];
    const sign = (of: string, key: string, out: string) =>
      kudurruBeside(
        [
          'network',
          'sign',
          '--trust',
          at(of),
          ...founded,
          '--keys',
          rings,
          '--key',
          key,
          '--yes',
          '--out',
          at(out),
        ],
        env,
      );
    const signed = await sign('trust.json', 'voter-1', 'one.json');
    expect(signed.code, signed.stderr).to.equal(0);
    expect(JSON.parse(signed.stdout)).to.deep.include({ institution: 1, fingerprint: fingerprint(trust) });
    expect((await sign('trust.json', 'voter-2', 'two.json')).code).to.equal(0);
    expect((await sign('other.json', 'voter-2', 'bent.json')).code).to.equal(0);
    ring.create('stranger', 'officer');
    const strange = await sign('trust.json', 'stranger', 'strange.json');
    expect([strange.code, existsSync(at('strange.json'))]).to.deep.equal([2, false]);
    const collect = (...more: readonly string[]) =>
      kudurruBeside(['network', 'signatures', '--trust', at('trust.json'), ...founded, ...more]);
    const all = await collect('--with', at('one.json'), '--with', at('two.json'), '--out', at('all.json'));
    expect(JSON.parse(all.stdout)).to.deep.equal({
      ...{ fingerprint: fingerprint(trust), signed: [1, 2], missing: [3, 4], strange: [] },
    });
    expect(all.code, 'two have not signed').to.equal(1);
    const whole = readSignedTrust(readFileSync(at('all.json'), 'utf8'));
    expect([whole.trust, whole.signatures.map(({ institution }) => institution)]).to.deep.equal([
      trust,
      [1, 2],
    ]);
    const parted = await collect(
      '--with',
      at('one.json'),
      '--with',
      at('bent.json'),
      '--out',
      at('never.json'),
    );
    expect([parted.code, existsSync(at('never.json'))]).to.deep.equal([2, false]);
    expect(parted.stdout).to.include('is another trust file').and.include(fingerprint(trust));
    // A signature that was made over another fingerprint, or in another's name, counts for nothing.
    const [ofOther] = readSignedTrust(readFileSync(at('bent.json'), 'utf8')).signatures;
    const [own] = whole.signatures;
    const bent = [ofOther, own && { ...own, institution: 3 }].filter((one) => one !== undefined);
    writeFileSync(at('trust.json'), writeTrust(trust, bent));
    const told = JSON.parse((await collect()).stdout);
    expect([told.signed, told.strange.length]).to.deep.equal([[], 2]);
  });

  it('makes a genesis of the founding file, and says all that is wrong with one before a network runs', async () => {
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    const validators = [1, 2, 3, 4].map((n) => `0x${`${n}`.repeat(40)}` as Address);
    const file = foundingWith(validators);
    writeFileSync(at('founding.json'), writeFounding(file));
    const [founding, founder] = [['--founding', at('founding.json')], `0x${'f0'.repeat(20)}`];
    const init = (out: string) =>
      kudurruBeside(['network', 'init', ...founding, '--founder', founder, '--out', at(out), '--json']);
    const made = await init('genesis.json');
    expect(made.code, made.stderr).to.equal(0);
    expect((await init('genesis.json')).code, 'a file that is there').to.equal(2);
    const genesis = JSON.parse(readFileSync(at('genesis.json'), 'utf8'));
    const check = async (json: object) => {
      writeFileSync(at('bent.json'), JSON.stringify(json));
      const asked = ['--genesis', at('bent.json'), ...founding, '--json'];
      const { code, stdout } = await kudurruBeside(['network', 'check', ...asked]);
      return { code, ...(JSON.parse(stdout) as GenesisSeen) };
    };
    const sound = await check(genesis);
    expect(sound).to.deep.include({ code: 0, troubles: [], founder, validators });
    expect(sound.genesisHash).to.equal(JSON.parse(made.stdout).genesisHash);
    const [[charter = '', held] = []] = Object.entries<{ storage: object }>(genesis.alloc);
    const holding = (change: object) => ({ alloc: { [charter]: { ...held, ...change } } });
    const { qbft } = genesis.config;
    const config = (change: object) => ({ config: { ...genesis.config, ...change } });
    const [slot = ''] = Object.keys(held?.storage ?? {}).slice(-1);
    const bent: readonly (readonly [GenesisTrouble, object])[] = [
      ['charter-differs', holding({ code: '0x00' })],
      ['charter-differs', { alloc: {} }],
      ['other-accounts', { alloc: { ...genesis.alloc, [`0x${'ab'.repeat(20)}`]: held } }],
      ['founder-missing', holding({ storage: { ...held?.storage, [`0x${'1'.padStart(64, '0')}`]: '0x0' } })],
      ['later-fork', config({ amsterdamtime: 1_900_000_000 })],
      ['validators-differ', holding({ storage: { ...held?.storage, [slot]: `0x${'66'.repeat(20)}` } })],
      ['validators-differ', config({ chainId: genesis.config.chainId + 1 })],
      ['contract-not-asked', config({ qbft: { ...qbft, validatorcontractaddress: `0x${'77'.repeat(20)}` } })],
      ['nonce-differs', { extraData: `${genesis.extraData.slice(0, 6)}00${genesis.extraData.slice(8)}` }],
      ['other-fork', config({ osakaTime: 1_900_000_000 })],
      ['later-fork', config({ amsterdamTime: 1_900_000_000 })],
      ['gas-has-a-price', config({ zeroBaseFee: false })],
      ['gas-limit-differs', { gasLimit: '0x1' }],
      ['set-changes-by-time', config({ transitions: { qbft: [] } })],
      ['rhythm-unfit', config({ qbft: { ...qbft, requesttimeoutseconds: undefined } })],
      ['rhythm-unfit', config({ qbft: { ...qbft, requesttimeoutseconds: 3 } })],
      ['rhythm-unfit', config({ qbft: { ...qbft, xemptyblockperiodseconds: 60 } })],
      ['other-settings', config({ contractSizeLimit: 2_147_483_647 })],
      ['other-settings', config({ discovery: { bootnodes: [] } })],
      ['other-settings', config({ qbft: { ...qbft, pertxgaslimit: 1_000_000 } })],
      ['other-settings', config({ qbft: { ...qbft, blockreward: '0x1' } })],
      ['genesis-unreadable', { alloc: undefined }],
    ];
    const quiet = { ...qbft, emptyblockperiodseconds: 60, xemptyblockperiodseconds: 60 };
    const spaced = lookAtGenesis({ ...genesis, ...config({ qbft: quiet, berlinBlock: 0 }) }, file);
    expect([spaced.troubles, spaced.rhythm?.emptyBlockPeriodSeconds]).to.deep.equal([[], 60]);
    const ofOne = {
      ...file,
      validators: file.validators.map((one) => ({ ...one, institution: 1 as InstitutionId })),
    };
    expect(lookAtGenesis(genesis, ofOne).troubles).to.deep.equal(['one-institution-has-quorum']);
    // Block 0 of a node says what the file says, or it was started from another one.
    const node = await nodeAt(HEAD);
    const silent = `http://127.0.0.1:${await freePort()}`;
    const files = ['--genesis', at('genesis.json'), ...founding];
    const asked = await kudurruBeside([
      'network',
      'check',
      ...files,
      '--rpc',
      node,
      '--rpc',
      silent,
      '--json',
    ]);
    expect(asked.code, asked.stderr).to.equal(1);
    const { nodes } = JSON.parse(asked.stdout) as NodesChecked;
    expect(nodes[0]?.troubles)
      .to.include.members(['chain-differs', 'genesis-differs', 'charter-differs', 'gas-limit-differs'])
      .and.not.include('block-differs');
    expect(nodes[1]?.troubles).to.deep.equal(['node-silent']);
    const words = await kudurruBeside(['network', 'check', ...files, '--rpc', silent]);
    expect(words.stdout).to.match(/^http:.*: NOT LIKE THIS\n {2}node-silent: it does not answer/m);
    for (const [trouble, change] of bent) {
      const json = JSON.parse(JSON.stringify({ ...genesis, ...change }));
      expect(lookAtGenesis(json, file).troubles, trouble).to.deep.equal([trouble]);
    }
    const told = await check({ ...genesis, gasLimit: '0x1' });
    expect([told.code, told.troubles]).to.deep.equal([1, ['gas-limit-differs']]);
    const unnamed: Founding = {
      ...file,
      validators: [{ validator: 'node', institution: 1 as InstitutionId }],
    };
    expect(lookAtGenesis(genesis, unnamed).troubles).to.deep.equal(['founding-names-no-validators']);
  });

  it('makes a key on the machine that validates, for its owner alone, over no other, and warns of a second', async () => {
    const folder = temporaryFolder();
    const make = (name: string, ...more: readonly string[]) =>
      kudurruBeside([
        ...['network', 'key', '--institution', '2', '--host', '10.0.0.2', '--out', path.join(folder, name)],
        ...more,
      ]);
    const first = await make('one/key', '--json');
    expect([first.code, first.stderr]).to.deep.equal([0, '']);
    const file = path.join(folder, 'one/key');
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    const key = readFileSync(file, 'utf8');
    const record = JSON.parse(first.stdout) as Validator;
    expect(record).to.deep.equal(validatorOf(Buffer.from(key.trim().slice(2), 'hex'), 2, '10.0.0.2', 30_303));
    expect(`${first.stdout}${first.stderr}`).not.to.include(key.trim().slice(2));
    const again = await make('one/key');
    expect([again.code, again.stdout, readFileSync(file, 'utf8')]).to.deep.equal([2, '', key]);
    const second = await make('two/key', '--port', '30304');
    expect(second.code).to.equal(0);
    expect(second.stderr).to.include('THIS MACHINE HAS ANOTHER KEY OF A VALIDATOR').and.include(file);
    expect(second.stdout).to.match(/^enode:\/\/[0-9a-f]{128}@10\.0\.0\.2:30304$/m);
  });

  it('reads no members file with a key in it, with an address of another key, or with one twice', () => {
    const file = path.join(temporaryFolder(), 'members.json');
    const [one, other] = [
      validatorOf(randomBytes(32), 1, '10.0.0.1', 1),
      validatorOf(randomBytes(32), 2, '10.0.0.2', 1),
    ];
    const reading = (validators: readonly object[], accounts: readonly string[] = []) => {
      writeFileSync(file, JSON.stringify({ format: 'kudurru-members-1', validators, accounts }));
      return () => membersIn(file);
    };
    expect(reading([one, other])()).to.deep.equal({ validators: [one, other], accounts: [] });
    for (const [validators, place] of [
      [[one, { ...other, key: `0x${'11'.repeat(32)}` }], '/validators/1'],
      [[{ ...one, validator: other.validator }], '/validators/0/validator'],
      [[{ ...one, enode: one.enode.replace('10.0.0.1', 'node.example') }], '/validators/0/enode'],
      [[{ ...one, enode: one.enode.replace('10.0.0.1', '10.0.0.256') }], '/validators/0/enode'],
      [[{ ...one, institution: 0 }], '/validators/0/institution'],
      [[one, other, one], '/validators/2/validator'],
    ] as const) {
      expect(reading(validators), place).to.throw(`at ${place}.`);
    }
    expect(reading([one], [one.validator, one.validator])).to.throw('at /accounts/1.');
  });

  it('makes the files of each validator’s node, of one source, with options that Besu knows and no key', async () => {
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    const keys = [1, 2, 3, 4].map(() => randomBytes(32));
    const validators = keys.map((key, i) => validatorOf(key, i + 1, `10.0.0.${i + 1}`, 30_303));
    const records = validators.map((one, i) => {
      writeFileSync(at(`record${i}`), JSON.stringify(one));
      return at(`record${i}`);
    });
    const listed = await kudurruBeside(['network', 'members', ...records, '--out', at('members.json')]);
    expect(listed.code, listed.stderr).to.equal(0);
    writeFileSync(at('founding.json'), writeFounding(foundingWith(validators.map((one) => one.validator))));
    const founder = `0x${'f0'.repeat(20)}`;
    const asked = ['--founding', at('founding.json'), '--founder', founder];
    const init = (...more: readonly string[]) => kudurruBeside(['network', 'init', ...asked, ...more]);
    const made = await init('--members', at('members.json'), '--out', at('net'));
    expect([made.code, made.stderr]).to.deep.equal([0, '']);
    const whole = readFileSync(at('net/genesis.json'), 'utf8');
    const folders = readdirSync(at('net')).filter((name) => name !== 'genesis.json');
    expect(folders).to.have.length(4);
    for (const [i, one] of validators.entries()) {
      const name = folders.find((each) => each.endsWith(one.validator.slice(2, 10))) ?? '';
      const read = (file: string) => readFileSync(at(`net/${name}/${file}`), 'utf8');
      expect(name).to.match(new RegExp(`^institution-${i + 1}-`));
      expect(read('genesis.json')).to.equal(whole);
      const others = validators.filter((each) => each !== one).map(({ enode }) => enode);
      expect(JSON.parse(read('static-nodes.json'))).to.deep.equal(others);
      const options = read('config.toml')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'));
      for (const line of options) expect(line).to.match(OPTION_LINE);
      expect(options.map((line) => line.split('=')[0]).toSorted()).to.deep.equal(OPTIONS.toSorted());
      expect(options).to.include(`p2p-host="10.0.0.${i + 1}"`);
      const permissions = read('permissions.toml');
      for (const { enode } of validators) expect(permissions).to.include(`"${enode}"`);
      expect(permissions).to.include(`accounts-allowlist=[\n  "${founder}"\n]`);
      for (const file of readdirSync(at(`net/${name}`))) {
        for (const key of keys) expect(read(file), file).not.to.include(key.toString('hex'));
      }
    }
    expect((await init('--members', at('members.json'), '--out', at('net'))).code, 'there already').to.equal(
      2,
    );
    const swapped = { validators: validators.toReversed(), accounts: [] };
    writeFileSync(at('swapped.json'), writeMembers(swapped));
    const differs = await init('--members', at('swapped.json'), '--out', at('other'));
    expect(differs.code).to.equal(2);
    expect(differs.stderr).to.include('different validators, or in another order');
    // Who joined, and who sends: the genesis stays.
    const fifth = validatorOf(randomBytes(32), 4, '10.0.0.4', 30_304);
    writeFileSync(
      at('five.json'),
      writeMembers({ validators: [...validators, fifth], accounts: [fifth.validator] }),
    );
    const files = ['--members', at('five.json'), '--genesis', at('net/genesis.json'), '--out', at('later')];
    const later = await kudurruBeside(['network', 'nodes', ...files]);
    expect(later.code).to.equal(0);
    expect(later.stderr).to.include('SEVERAL VALIDATORS ON ONE MACHINE: 10.0.0.4');
    const [first = ''] = readdirSync(at('later'));
    expect(readFileSync(at(`later/${first}/genesis.json`), 'utf8')).to.equal(whole);
    expect(readFileSync(at(`later/${first}/permissions.toml`), 'utf8'))
      .to.include(fifth.enode)
      .and.include(`accounts-allowlist=[\n  "${fifth.validator}"\n]`);
  });
});

/** An officer whose two keys are in the ring. */
function voterOf(
  ring: Keyring,
  name: string,
  institution: InstitutionId,
  ledgerNonce: Bytes32,
): FoundingOfficer {
  const first = ring.create(name, 'officer');
  if (first.kind !== 'officer') throw new Error('an officer’s key');
  const spare = ring.create(`${name}-spare`, 'officer', first.officer);
  const keyOf = (which: string, address: Address, epoch: number): FoundingKey => {
    const keyHash = keyHashOfAddress(address);
    const possession = { officerId: first.officer, keyHash, epoch, institution };
    const digest = digestOf(possessionData(foundingDomain(ledgerNonce), possession));
    return { kind: 'secp256k1', keyHash, rpIdHash: ZERO_32, possession: ring.signDigest(which, digest) };
  };
  return {
    ...{ officer: first.officer, salt: first.salt, institution, office: 0 as OfficeId, roles: ROLES },
    key: keyOf(name, first.address, FIRST_EPOCHS.key),
    spare: keyOf(
      `${name}-spare`,
      spare.kind === 'officer' ? spare.address : first.address,
      FIRST_EPOCHS.spare,
    ),
  };
}

function foundingWith(validators: readonly Address[]): Founding {
  const ledgerNonce = `0x${'5a'.repeat(32)}` as Bytes32;
  const numbers = [1, 2, 3, 4] as InstitutionId[];
  return {
    ledgerNonce,
    institutions: numbers.map((institution) => ({ institution, roles: ROLES })),
    officers: numbers.flatMap((institution) =>
      [0, 1, 2].map((n) =>
        foundingOfficerOf(officerOf(institution, `officer ${institution} ${n}`), ledgerNonce, {
          roles: ROLES,
        }),
      ),
    ),
    offices: [],
    verifiers: [],
    policies: [],
    validators: validators.map((validator, i) => ({
      validator,
      institution: (i + 1) as InstitutionId,
    })),
    quorum: 3,
    wideningWaitSeconds: 172_800,
    appointmentWaitSeconds: 86_400,
  };
}
