import { expect } from 'chai';
import type { EventArgs, EventBlock, EventOf, LedgerEvent } from '../../../server/domain/acts/events.ts';
import { Replay } from '../../../server/domain/audit/replay.ts';
import type { Address, Bytes32, Hex } from '../../../server/domain/base/hex.ts';
import { fromHex, toHex, ZERO_32 } from '../../../server/domain/base/hex.ts';
import { refusalOfError, refusals } from '../../../server/domain/base/refusal.ts';
import type { AppliedAct } from '../../../server/domain/benefits/act.ts';
import { stateHash } from '../../../server/domain/land/hashes.ts';
import {
  CONTRACT_NAMES,
  contractOf,
  encodeCall,
  encodeLoadSlots,
  encodeLoadUnits,
  refusalOfRevert,
} from '../../../server/ledger/contracts.ts';
import { EventReader } from '../../../server/ledger/events.ts';
import { keccak256 } from '../../../server/ledger/keccak.ts';
import type { VerifiedBlock } from '../../../server/ledger/ledger.ts';
import { bindParts, type CodeAsked, codeAsked } from '../../../server/ledger/parts.ts';
import { NodeError } from '../../../server/ledger/provider.ts';
import type { BenefitLedger } from '../../../types/contracts/benefits/BenefitLedger.ts';
import type { Charter } from '../../../types/contracts/Charter.ts';
import type { LandRegistry } from '../../../types/contracts/land/LandRegistry.ts';
import type { Notary } from '../../../types/contracts/notary/Notary.ts';
import type { Consortium } from '../../../types/contracts/power/Consortium.ts';
import type { Council } from '../../../types/contracts/power/Council.ts';
import type { Safeguards } from '../../../types/contracts/power/Safeguards.ts';
import { PEOPLE, PROGRAMME, playBenefits, playLand } from '../../chain/scenes.ts';
import { appointmentOf, named, type Officer, withThirds } from '../../chain/signing.ts';
import { CHARTER, foundWorld, OFFICERS, type World } from '../../chain/world.ts';
import { refusedAs, removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';

// ---- The domain's types hold the fields of the ABI's, by name: checked by the compiler, not at run time -----

type EventsOf<C> = C extends { filters: infer F }
  ? { [N in keyof F & keyof EventArgs]: N }[keyof F & keyof EventArgs]
  : never;
type AllNames =
  | EventsOf<Charter>
  | EventsOf<Council>
  | EventsOf<Consortium>
  | EventsOf<Safeguards>
  | EventsOf<LandRegistry>
  | EventsOf<BenefitLedger>
  | EventsOf<Notary>;
type Missing = Exclude<keyof EventArgs, AllNames | 'ContractFound' | 'ConsortiumFounded'>;
const nothingMissing: [Missing] extends [never] ? true : Missing = true;

const freshReader = (world: World, questions: Partial<World['ledger']> = {}) =>
  new EventReader<VerifiedBlock>({
    charter: CHARTER,
    questions: {
      call: (to, data) => world.ledger.call(to, data),
      prove: (address, slots, block) => world.ledger.prove(address, slots, block),
      ...questions,
    },
  });

describe('the events of the ledger', function () {
  this.timeout(120_000);
  let world: World;
  let blocks: VerifiedBlock[];
  let read: EventBlock[];

  const eventsNamed = <N extends LedgerEvent['name']>(name: N): EventOf<N>[] =>
    read.flatMap(({ events }) => events.filter((event): event is EventOf<N> => event.name === name));

  before(async () => {
    world = await foundWorld({ folder: temporaryFolder() });
    await playLand(world);
    await playBenefits(world, BigInt(Math.floor(Date.now() / 1000)));
    blocks = await world.blocks();
    const reader = freshReader(world);
    read = [];
    for (const block of blocks) read.push(await reader.read(block));
  });
  after(async () => {
    await world.close();
    removeTemporaryFolders();
  });

  it('have a type in the domain for every event of every contract', () => {
    expect(nothingMissing).to.equal(true);
    const known = new Set(
      CONTRACT_NAMES.flatMap((name) =>
        contractOf(name)
          .abi.filter(({ type }) => type === 'event')
          .map((event) => event.name),
      ),
    );
    expect(known.size).to.equal(47);
  });

  it('are one for every log of our contracts and none for any other', () => {
    const ours = new Set<Address>(Object.values(world.addresses));
    const logs = blocks.flatMap((block) => block.logs.filter(({ address }) => ours.has(address)));
    const events = read.flatMap((block) => block.events);
    const added = events.filter(({ name }) => name === 'ContractFound' || name === 'ConsortiumFounded');
    expect(logs.length).to.be.greaterThan(50);
    expect(events.length - added.length).to.equal(logs.length);
    // Each once: what a vote can replace is found by its name alone.
    expect(added.filter(({ name }) => name === 'ContractFound')).to.have.length(14);
  });

  it('carry states in the names of the domain, and each hashes to what its event says', () => {
    const recorded = eventsNamed('BAUnitRecorded');
    expect(recorded).to.have.length(10);
    for (const { args } of recorded) expect(stateHash(args.state)).to.equal(args.stateHash);
    expect(recorded[0]?.args.state.rights[0]?.kind).to.equal('ownership');
  });

  it('know the head of every act that two officers signed, and the words of every table', () => {
    const [entry] = eventsNamed('EntryRecorded').filter(({ act }) => act?.effectiveOn === 1_000_000_000n);
    expect(entry?.act?.preparer).to.equal(OFFICERS[0]?.officer);
    const entries = eventsNamed('EntryRecorded');
    const ofTwo = entries.filter(({ args }) => args.approver !== ZERO_32);
    expect(ofTwo.length).to.be.greaterThan(15);
    expect(ofTwo.every(({ act, args }) => act?.preparer === args.preparer)).to.equal(true);
    expect(entries.filter(({ act }) => act !== undefined)).to.have.length(ofTwo.length);
    const slots = eventsNamed('SlotsLoaded').map(({ args }) => (args.slots.length - 2) / 64);
    expect(slots).to.deep.equal([25, PEOPLE - 25]);
    expect(eventsNamed('UnitsLoaded').every(({ args }) => args.words.length > 64)).to.equal(true);
  });

  it('are the same when a stranger passes every call on through a contract', async () => {
    const relayed = await foundWorld({ folder: temporaryFolder() });
    try {
      await relayed.relayAll();
      await playLand(relayed);
      await playBenefits(relayed, BigInt(Math.floor(Date.now() / 1000)));
      const reader = freshReader(relayed);
      const replay = new Replay(relayed.chain.genesis.chainId);
      const events: LedgerEvent[] = [];
      for (const block of await relayed.blocks()) {
        expect(block.transactions.every(({ to }) => to !== relayed.addresses.benefits)).to.equal(true);
        const one = await reader.read(block);
        replay.apply(one);
        events.push(...one.events);
      }
      expect(replay.finish()).to.deep.equal([]);
      expect(replay.signatures.checked).to.be.greaterThan(20);
      // Times, ids and addresses are each world's own; what was loaded and signed is not.
      const plain = read.flatMap((block) => block.events);
      expect(events.map(({ name }) => name)).to.deep.equal(plain.map(({ name }) => name));
      expect(events.map(({ act }) => act?.salt)).to.deep.equal(plain.map(({ act }) => act?.salt));
      const wordsOf = (of: readonly LedgerEvent[]) =>
        of.flatMap((event) => (event.name === 'UnitsLoaded' ? [event.args.words] : []));
      expect(wordsOf(events)).to.deep.equal(wordsOf(plain));
    } finally {
      await relayed.close();
    }
  });

  it('name an act of the benefit ledger by its fields, with the state of its entry', () => {
    const applied = eventsNamed('ActApplied');
    const names: readonly AppliedAct['name'][] = applied.map(({ args }) => args.applied.name);
    expect(names).to.deep.equal([
      ...['DefineProgramme', 'MoveFunds', 'SetVendor', 'SetTill', 'Enrol', 'CycleEnvelope', 'Release'],
      ...['CycleEnvelope', 'Release', 'SetCard', 'MoveCycle', 'Settle'],
    ]);
    for (const { args } of applied) {
      const [entry] = eventsNamed('EntryRecorded').filter((each) => each.args.entryId === args.entryId);
      expect(entry?.args.newState).to.equal(args.newState);
    }
  });

  it('begin a consortium with its founding file, proved', async () => {
    const [founded] = eventsNamed('ConsortiumFounded');
    const officers = founded?.args.founding.officers.map(({ officer }) => officer);
    expect(officers).to.deep.equal(withThirds(OFFICERS).map(({ officer }) => officer));
    const reader = await caughtUp(BigInt(blocks.length) + 1n);
    expect(reader.unproven).to.deep.equal([]);
  });

  it('refuse a founding that the chain does not hold, and wait where the node keeps no state of the block', async () => {
    const lie = freshReader(world, {
      call: async (to: Address, data: Hex) => {
        const answer = await world.ledger.call(to, data);
        const { salt } = appointmentOf(OFFICERS[0] as Officer, 1);
        return answer.replace(salt.slice(2), named('somebody else').slice(2)) as Hex;
      },
    });
    expect(await refusedAs(readAll(lie))).to.equal('ledger-unverified');
    let forgets = true;
    const forgetful = freshReader(world, {
      prove: (address, slots, block) => {
        if (forgets) throw new NodeError(-32000, 'no state of that block');
        return world.ledger.prove(address, slots, block);
      },
    });
    await readAll(forgetful, blocks.slice(0, -1));
    expect(forgetful.unproven).to.have.length(1);
    forgets = false;
    await readAll(forgetful, blocks.slice(-1));
    expect(forgetful.unproven).to.deep.equal([]);
  });

  it('find the parts of a contract by its code, whatever a node says they are', async () => {
    const { land, landTransfers, landCharges, benefits } = world.addresses;
    const trusted = async (address: Address) => {
      const code = await codeAsked(world.chain, {}).at(address);
      return { address, codeHash: toHex(keccak256(fromHex(code))) as Bytes32 };
    };
    const contracts = { land: await trusted(land), benefits: await trusted(benefits) };
    const honest = codeAsked(world.chain, contracts);
    const transfers = contractOf('land').calls.getFunction('transfers')?.selector;
    const charges = contractOf('land').calls.getFunction('charges')?.selector;
    const word = (address: Address) => `0x${'0'.repeat(24)}${address.slice(2)}` as Hex;
    const swapped = (address: Address) =>
      address === landTransfers ? landCharges : address === landCharges ? landTransfers : address;
    const getters =
      (told: Readonly<Record<string, Address | '0x'>>) =>
      async (to: Address, data: Hex): Promise<Hex> => {
        const lie = to === land ? told[data] : undefined;
        if (lie === '0x') return lie;
        return lie === undefined ? world.ledger.call(to, data) : word(lie);
      };
    const readWith = async (told: Readonly<Record<string, Address | '0x'>>, code: CodeAsked) => {
      const reader = new EventReader<VerifiedBlock>({
        charter: CHARTER,
        code,
        questions: {
          call: getters(told),
          prove: (address, slots, block) => world.ledger.prove(address, slots, block),
        },
      });
      await readAll(reader);
      return reader;
    };
    const bothWays = { [transfers ?? '']: landCharges, [charges ?? '']: landTransfers };
    const lies: readonly (readonly [Readonly<Record<string, Address | '0x'>>, CodeAsked])[] = [
      // As a node says that is behind the block and has no contract there yet.
      [{ [transfers ?? '']: '0x' }, honest],
      [{ [transfers ?? '']: named('nowhere').slice(0, 42) as Address }, honest],
      [bothWays, honest],
      // With a code in its place that is of the kind, so that only the proof shows it.
      [bothWays, { ...honest, at: (address) => honest.at(swapped(address)) }],
      [{}, { ...honest, at: async (address) => (address === land ? '0x00' : honest.at(address)) }],
    ];
    for (const [told, code] of lies)
      expect(await refusedAs(readWith(told, code))).to.equal('ledger-unverified');
    const elsewhere = { ...honest, trusted: new Map([[land, contracts.benefits.codeHash]]) };
    expect(await refusedAs(readWith({}, elsewhere))).to.equal('contract-code-differs');
    // Another contract of the very code, which anybody could have created, for a Charter of the own.
    const twin = named('twin').slice(0, 42) as Address;
    const told = {
      ...honest,
      at: (address: Address) => honest.at(address === twin ? landTransfers : address),
    };
    const bound = bindParts(told, { contract: 'land', address: land }, [
      { contract: 'landTransfers', address: twin },
    ]);
    expect(await bound.catch((error: unknown) => error)).to.be.instanceOf(RangeError);
    const reader = await readWith({}, honest);
    expect(reader.contractAt(landTransfers)).to.equal('landTransfers');
    expect(reader.unproven, 'each was proved').to.deep.equal([]);
  });

  it('refuse a log of one of our contracts that it does not emit', async () => {
    const block = blocks.at(-1) as VerifiedBlock;
    const [log] = block.logs;
    if (log === undefined) throw new Error('no log');
    const bent: readonly Partial<typeof log>[] = [
      { topics: [named('Transfer(address,address,uint256)') as Bytes32] },
      { topics: log.topics.slice(0, -1) },
      { data: `${log.data}${ZERO_32.slice(2)}`.slice(0, -2) as Hex },
      { data: log.data.slice(0, -64) as Hex },
    ];
    for (const change of bent) {
      const reader = await caughtUp(block.number);
      const logs = [{ ...log, ...change }, ...block.logs.slice(1)];
      expect(await refusedAs(reader.read({ ...block, logs }))).to.equal('ledger-unverified');
    }
  });

  it('are the same when reading begins in the middle, with the contracts known by then', async () => {
    const reader = new EventReader<VerifiedBlock>({
      charter: CHARTER,
      questions: world.ledger,
      contracts: eventsNamed('ContractFound').map(({ args }) => args),
    });
    for (const [i, block] of blocks.entries()) {
      if (i > 20) expect(await reader.read(block)).to.deep.equal(read[i]);
    }
  });

  async function readAll(
    reader: EventReader<VerifiedBlock>,
    of: readonly VerifiedBlock[] = blocks,
  ): Promise<void> {
    for (const block of of) await reader.read(block);
  }

  /** A reader of every block below one. */
  async function caughtUp(blockNumber: bigint): Promise<EventReader<VerifiedBlock>> {
    const reader = freshReader(world);
    await readAll(
      reader,
      blocks.filter(({ number }) => number < blockNumber),
    );
    return reader;
  }
});

describe('calls and refusals of the contracts', () => {
  it('write a loaded table as ethers does', () => {
    const words = [named('one'), named('two'), named('three')];
    const chunk = {
      ...{ programme: PROGRAMME, of: 7, first: 5, rest: named('rest') },
      words: `0x${words.map((word) => word.slice(2)).join('')}` as Hex,
    };
    const args = (): [string, number, number, string[], string] => [PROGRAMME, 7, 5, words, chunk.rest];
    expect(encodeLoadSlots(chunk)).to.equal(encodeCall('benefits', 'loadSlots', args()));
    expect(encodeLoadUnits(chunk)).to.equal(encodeCall('benefits', 'loadUnits', args()));
    expect(() => encodeLoadUnits({ ...chunk, words: '0xab' })).to.throw(TypeError);
  });

  it('become the refusal of the same name, with the values of the error', () => {
    const data = contractOf('council').calls.encodeErrorResult('VotingTooLong', [60]) as Hex;
    const expected = refusalOfError('VotingTooLong');
    expect(refusalOfRevert(data)?.code).to.equal(expected);
    expect(refusalOfRevert('0xdeadbeef')).to.equal(undefined);
    expect(refusalOfRevert('0x')).to.equal(undefined);
  });

  it('fill every hole of their messages from the values of their errors', () => {
    let tried = 0;
    for (const contract of CONTRACT_NAMES) {
      for (const { type, name = '', inputs = [] } of contractOf(contract).abi) {
        const code = type === 'error' ? refusalOfError(name) : undefined;
        if (code === undefined) continue;
        const { message } = refusals[code];
        const holes = [...message.matchAll(/\{(\w+)\}/g)].map(([, hole]) => hole);
        const values = inputs.map((input) => input.name);
        expect(values, `${name} of ${contract}`).to.include.members(holes);
        tried++;
      }
    }
    expect(tried).to.be.greaterThan(50);
  });
});
