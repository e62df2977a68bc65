/**
 * Hardhat's EDR as a bare machine that executes blocks in memory. Nothing here is durable: see embedded.ts.
 *
 * EDR is called directly, without Hardhat around it: it starts in milliseconds and does nothing on its own (no
 * accounts, no automatic mining, no console, no telemetry). Promises: the same settings, timestamps and raw
 * transactions give the same blocks. A call that the executor answers with an error throws `NodeError`; anything else
 * that goes wrong is a bug or a crash of the executor and is not caught here. Only embedded.ts may call it.
 */
import {
  ContractDecoder,
  EdrContext,
  L1_CHAIN_TYPE,
  l1GenesisState,
  l1HardforkFromString,
  l1ProviderFactory,
  MineOrdering,
  OSAKA,
  type Provider,
} from '@nomicfoundation/edr';
import type { GenesisAccount, GenesisSettings } from '../domain/base/blocks.ts';
import { TRANSACTION_GAS_CAP } from '../domain/base/chain.ts';
import { fromHex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import { type Call, nodeErrorOf } from './provider.ts';

/** The rules a ledger may have been founded with, by our names. */
const FORKS: Readonly<Record<string, string>> = { osaka: OSAKA };

/**
 * Where the salt of the founding stands, as code that cannot run: nothing else in block 0 is random, so without it two
 * ledgers founded in one second would share a genesis hash. The address spells the ledger's name.
 */
const FOUNDING_MARK = '0x000000000000000000000000006b756475727275';
const INVALID_OPCODE = 0xfe;

export interface Executor {
  call(method: string, ...params: readonly unknown[]): Promise<unknown>;
  /** In order, in one crossing; an error of one throws and leaves those before it done. */
  batch(calls: readonly Call[]): Promise<readonly unknown[]>;
}

let context: Promise<EdrContext> | undefined;

/** The executor allows one context a process. */
function sharedContext(): Promise<EdrContext> {
  context ??= (async () => {
    const created = new EdrContext();
    await created.registerProviderFactory(L1_CHAIN_TYPE, l1ProviderFactory());
    return created;
  })();
  return context;
}

/** Block 0 as the settings describe it. Refuses rules of another version. */
export async function startExecutor(settings: Omit<GenesisSettings, 'hash'>): Promise<Executor> {
  const fork = FORKS[settings.fork];
  if (fork === undefined) throw refusal('fork-unsupported');
  const provider = await (await sharedContext()).createProvider(
    L1_CHAIN_TYPE,
    {
      allowBlocksWithSameTimestamp: true, // else every block in one second runs ahead of the wall by one
      allowUnlimitedContractSize: false,
      bailOnCallFailure: true,
      bailOnTransactionFailure: false,
      chainId: settings.chainId,
      networkId: settings.chainId,
      coinbase: new Uint8Array(20),
      defaultTransactionGasLimit: BigInt(TRANSACTION_GAS_CAP),
      genesisState: [
        ...l1GenesisState(l1HardforkFromString(fork)),
        {
          address: fromHex(FOUNDING_MARK),
          nonce: 1n,
          balance: 0n,
          code: Uint8Array.of(INVALID_OPCODE, ...fromHex(settings.salt)),
        },
        ...settings.accounts.map(stateOf),
      ],
      hardfork: fork,
      initialBaseFeePerGas: 0n,
      initialParentBeaconBlockRoot: fromHex(settings.salt),
      minGasPrice: 0n,
      mining: {
        autoMine: false,
        blockGasLimit: settings.blockGasLimit,
        memPool: { order: MineOrdering.Fifo }, // all prices are zero: first come, first executed
      },
      network: { genesisBlockGasLimit: settings.blockGasLimit, genesisBlockTime: settings.timestamp },
      observability: {},
      ownedAccounts: [],
      precompileOverrides: [],
      transactionGasCap: BigInt(TRANSACTION_GAS_CAP),
    },
    { enable: false, decodeConsoleLogInputsCallback: () => [], printLineCallback: () => {} },
    { subscriptionCallback: () => {} },
    new ContractDecoder(),
  );
  return {
    call: (method, ...params) => send(provider, envelope({ method, params })),
    batch: async (calls) =>
      calls.length === 0 ? [] : ((await send(provider, calls.map(envelope))) as readonly unknown[]),
  };
}

function stateOf({ address, code, storage }: GenesisAccount) {
  return {
    address: fromHex(address),
    nonce: 1n, // as a deployed contract has it
    balance: 0n,
    code: fromHex(code),
    storage: storage.map(({ slot, value }) => ({ index: BigInt(slot), value: BigInt(value) })),
  };
}

function envelope({ method, params }: Call) {
  return { jsonrpc: '2.0', id: 1, method, params: params ?? [] };
}

interface Answer {
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

async function send(provider: Provider, body: unknown): Promise<unknown> {
  const { data } = await provider.handleRequest(JSON.stringify(body));
  const answer = (typeof data === 'string' ? JSON.parse(data) : data) as Answer;
  if (answer.error !== undefined) throw nodeErrorOf(answer.error);
  return answer.result;
}
