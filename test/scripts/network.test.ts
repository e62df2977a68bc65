import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { trustInWords } from '../../scripts/ceremony.ts';
import { validatorOf } from '../../scripts/members.ts';
import { shownOfJoining } from '../../scripts/validatorProof.ts';
import { signCompact } from '../../server/domain/acts/signing.ts';
import { headerOfAnswer } from '../../server/domain/audit/header.ts';
import { readQbftHeader } from '../../server/domain/audit/qbft.ts';
import { writeTrust } from '../../server/domain/audit/trust.ts';
import { type Address, type Bytes32, toHex } from '../../server/domain/base/hex.ts';
import type { InstitutionId } from '../../server/domain/base/terms.ts';
import type { Founding } from '../../server/domain/power/founding.ts';
import { writeFounding } from '../../server/domain/power/foundingFile.ts';
import { followsDigest } from '../../server/domain/power/validatorProof.ts';
import { type GenesisSeen, type GenesisTrouble, lookAtGenesis } from '../../server/genesis.ts';
import { NodeError, quantity } from '../../server/ledger/provider.ts';
import { listenRpc, type RpcListener } from '../../server/ledger/rpc.ts';
import { type NetworkSeen, nodesNamed } from '../../server/network.ts';
import type { NodesChecked } from '../../server/nodeCheck.ts';
import { recordedChain } from '../chain/recorded.ts';
import { recordedTrust } from '../chain/recordedTrust.ts';
import { freePort } from '../gateway/app.ts';
import { doorBefore } from '../gateway/door.ts';
import { kudurruBeside } from '../gateway/kudurru.ts';
import { recordedNode } from '../server/ledger/recordedNode.ts';
import { removeTemporaryFolders, temporaryFolder } from '../server/store/folder.ts';
import { foundingWith } from './foundingWith.ts';

/** The last of the recording whose state is proved. */
const HEAD = 9;

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

  async function nodeAt(
    head: number,
    bend: (method: string, answer: unknown) => unknown = (_, it) => it,
    enode: () => string | undefined = () => undefined,
  ) {
    const node = recordedNode('osaka', (method, _, answer) => {
      if (method === 'eth_blockNumber') return quantity(BigInt(head));
      return bend(method, answer);
    });
    const request = async (call: Parameters<typeof node.request>[0]) => {
      if (call.method === 'net_peerCount') return '0x3';
      if (call.method === 'web3_clientVersion') return 'besu/v26.3';
      if (call.method === 'net_enode') return enode() ?? null;
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

  it('takes a proof of the key and of following from the machine of whoever would join, and no other', async () => {
    const folder = temporaryFolder();
    const at = (name: string) => path.join(folder, name);
    const key = randomBytes(32);
    writeFileSync(at('key'), `${toHex(key)}\n`);
    const { validator, enode } = validatorOf(key, 5, '127.0.0.1', 1);
    let told: string | undefined;
    const node = await nodeAt(
      HEAD,
      (_, answer) => answer,
      () => told,
    );
    const prove = (out: string, from: string) =>
      kudurruBeside([
        ...['network', 'prove', '--key', at('key'), '--institution', '5', '--rpc', from],
        ...['--trust', trustFile, '--out', at(out)],
      ]);
    told = enode;
    const made = await prove('proof.json', node);
    expect([made.code, made.stderr], made.stdout).to.deep.equal([0, '']);
    expect(made.stdout).to.include(`validator ${validator} of institution 5 has block ${HEAD} of the ledger`);
    expect((await prove('proof.json', node)).code, 'there already').to.equal(2);
    told = `enode://${'12'.repeat(64)}@127.0.0.1:1`;
    const elsewhere = await prove('elsewhere.json', node);
    expect([elsewhere.code, elsewhere.stderr.includes('runs with another key')]).to.deep.equal([2, true]);
    const madeUp = await nodeAt(HEAD + 1, (method, answer) => {
      const { number } = (answer ?? {}) as { number?: string };
      const isHead = method === 'eth_getBlockByNumber' && number === quantity(BigInt(HEAD + 1));
      return isHead ? otherBlock(answer as object) : answer;
    });
    expect((await prove('made-up.json', madeUp)).stderr)
      .to.include('no final block')
      .and.include('seal-not-by-member');
    const proof = JSON.parse(readFileSync(at('proof.json'), 'utf8'));
    const trust = recordedTrust('osaka');
    const against = async (change: object, institution = 5) => {
      writeFileSync(at('bent.json'), JSON.stringify({ ...proof, ...change }));
      const vote = { kind: 'add', validator, institution } as const;
      const asked = { nodes: nodesNamed([node]), trust, from: undefined, nowSeconds: 0 };
      const { hasKey, isFollowing } = await shownOfJoining(at('bent.json'), vote, asked);
      return [hasKey, isFollowing];
    };
    const signed = (change: object) => {
      const bent = { ...proof, ...change };
      return { ...change, signature: signCompact(followsDigest(trust, bent), key) };
    };
    expect(await against({})).to.deep.equal([true, true]);
    expect(await against({}, 6), 'of another institution').to.deep.equal([false, true]);
    const genesisHash = `0x${'77'.repeat(32)}` as Bytes32;
    const ofOther = signCompact(followsDigest({ ...trust, genesisHash }, proof), key);
    expect(await against({ signature: ofOther }), 'of another ledger').to.deep.equal([false, true]);
    const ofMadeUp = signed({ blockHash: `0x${'77'.repeat(32)}` });
    expect(await against(ofMadeUp), 'of a block that is none').to.deep.equal([true, false]);
    const vote = ['--add', validator, '--institution', '5'];
    const shown = await run('rehearse', [node], [...vote, '--proof', at('proof.json')]);
    expect(shown.stdout).not.to.include('not-shown');
    const unshown = await run('rehearse', [node], vote);
    expect(unshown.stdout).to.include('validator-key-not-shown: ').and.include('following-not-shown: ');
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
    expect(nodes[1]).to.deep.include({ node: madeUp, trouble: 'seal-not-by-member' });
    expect(newest?.blockNumber).to.equal(HEAD);
    expect(validators).to.have.length(5);
    const alone = await run('rehearse', [madeUp], ['--remove', `0x${'77'.repeat(20)}`]);
    expect(alone.code, alone.stdout).to.equal(2);
    expect(alone.stderr).to.include('No node with a final head');
  });

  it('says of a node that does not count why, by the name that readiness has for it', async () => {
    const trust = recordedTrust('osaka');
    const other = path.join(temporaryFolder(), 'other.json');
    const seenWith = async (change: object, node: string) => {
      writeFileSync(other, writeTrust({ ...trust, ...change } as typeof trust));
      const shown = await kudurruBeside(['network', 'show', '--rpc', node, '--trust', other]);
      expect(shown.code, shown.stderr).to.equal(1);
      return shown.stdout;
    };
    const blockHash = `0x${'08'.repeat(32)}`;
    const later = { minimumCheckpoint: { blockNumber: HEAD, blockHash } };
    expect(await seenWith(later, await nodeAt(7))).to.include(
      `: node-lost-blocks: The node has ${HEAD - 7} blocks fewer than were final here.`,
    );
    expect(await seenWith({ chainId: trust.chainId + 1 }, await nodeAt(HEAD))).to.match(
      /: ledger-differs: This is another ledger .*: its chain id differs\./,
    );
    const forgetful = await nodeAt(HEAD, (method, answer) => {
      if (method === 'eth_getProof') throw new NodeError(-32_000, 'World state unavailable');
      return answer;
    });
    expect(await seenWith({}, forgetful)).to.match(/: node-keeps-too-little: The node proves nothing of /);
  });

  it('sends a node what it wants to be let in, and to nobody who could read it on the way', async () => {
    const behind = await nodeAt(HEAD);
    const door = await doorBefore(behind, 'Bearer abc');
    try {
      const node = door.url;
      const file = path.join(temporaryFolder(), 'credentials');
      writeFileSync(file, 'Bearer abc\n');
      const locked = await run('show', [node]);
      expect(locked.stdout).to.match(/: node-lets-nobody-in: The node answers 401: /);
      const audited = await kudurruBeside(['audit', '--rpc', node, '--trust', trustFile]);
      expect([audited.code, audited.stdout]).to.deep.equal([2, '']);
      expect(audited.stderr).to.include('node-lets-nobody-in: The node answers 401');
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
});
