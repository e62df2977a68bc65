/** The table of acts against the compiled contracts, the signed types and the API. */
import path from 'node:path';
import { expect } from 'chai';
import { readTree } from '../../../../scripts/source.ts';
import {
  contractOrdered,
  ORDERS,
  type OrderRow,
  orderOf,
  ordersPage,
} from '../../../../server/domain/acts/orders.ts';
import { SIGNED_TYPES } from '../../../../server/domain/acts/signedActs.ts';
import { ACTS, type ActRow, actsPage, rowOf } from '../../../../server/domain/acts/table.ts';
import { contractOf } from '../../../../server/ledger/contracts.ts';
import { type AbiInput, readArtifacts } from '../../../chain/bytecode.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const rows: readonly ActRow[] = Object.values(ACTS);
const orders: readonly OrderRow[] = Object.values(ORDERS);

/** Between contracts, not for officers: a rule contract passes an act on that it judged. */
const BETWEEN_CONTRACTS = new Set(['ILandRecorder']);

/** Every function of the interfaces that takes two officers' signatures: by its name, with its parameters. */
const signed = readArtifacts(root)
  .filter(({ sourceName, contractName }) => {
    return sourceName.startsWith('contracts/interfaces/') && !BETWEEN_CONTRACTS.has(contractName);
  })
  .flatMap(({ abi }) => abi)
  .filter(({ type, inputs = [] }) => type === 'function' && structOf(inputs.at(-1)) === 'Signatures');

/** Signed by a recorder, who is no officer. */
const BY_RECORDERS = new Set(['INotary']);

/** Every function of the interfaces that takes a struct and one officer's signature of it. */
const ordered = readArtifacts(root)
  .filter(({ sourceName, contractName }) => {
    return sourceName.startsWith('contracts/interfaces/') && !BY_RECORDERS.has(contractName);
  })
  .flatMap(({ abi }) => abi)
  .filter(({ type, inputs = [] }) => {
    const [first, second, ...rest] = inputs;
    const isOfOne = second?.name === 'signature' && second.type === 'bytes' && rest.length === 0;
    return type === 'function' && isOfOne && structOf(first) !== undefined;
  });

function structOf(input: AbiInput | undefined): string | undefined {
  return input?.internalType?.replace(/^struct (?:\w+\.)?/, '').replace(/\[\]$/, '');
}

/** The struct that is signed: the first argument, or the batch inside it. */
function signedStructOf([first]: readonly AbiInput[]): string | undefined {
  const inner = first?.components?.[0];
  return inner?.name === 'batch' ? structOf(inner) : structOf(first);
}

describe('the table of acts', () => {
  it('has one row for each function that takes two signatures, and no other row', () => {
    expect(signed).not.to.have.length(0);
    const functions = signed.map(({ name = '', inputs = [] }) => `${name}(${signedStructOf(inputs)})`);
    expect(rows.map(({ method, type }) => `${method}(${type})`).toSorted()).to.deep.equal(
      functions.toSorted(),
    );
  });

  it('has one order for each function that takes one officer, and no other order', () => {
    const functions = ordered.map(({ name = '', inputs = [] }) => {
      return `${name}(${structOf(inputs[0])} ${inputs[0]?.name})`;
    });
    expect(
      orders.map(({ method, type, argument }) => `${method}(${type} ${argument})`).toSorted(),
    ).to.deep.equal(functions.toSorted());
    for (const order of orders) {
      const domain = { name: 'Kudurru LandRegistry' };
      expect(contractOf(contractOrdered(order, domain)).calls.getFunction(order.method)).not.to.equal(null);
      const fields = SIGNED_TYPES[order.type]?.map(({ name }) => name);
      expect(fields, order.type).to.include.members(Object.values(order.signer));
    }
    expect(orderOf('toString')).to.equal(undefined);
  });

  it('names a contract that has the function, and says whether it takes consents', () => {
    for (const { contract, method, consents } of rows) {
      const fragment = contractOf(contract).calls.getFunction(method);
      expect(fragment, `${contract}.${method}`).not.to.equal(null);
      const types = fragment?.inputs.map((input) => input.format('sighash')) ?? [];
      const [abi] = signed.filter(({ name }) => name === method);
      const takes = abi?.inputs?.some((input) => structOf(input) === 'ConsentProof');
      expect(takes, method).to.equal(consents !== undefined);
      expect(types.length).to.equal(abi?.inputs?.length);
    }
  });

  it('is keyed by the signed struct, which is typed', () => {
    for (const [type, row] of Object.entries(ACTS)) {
      expect(row.type).to.equal(type);
      expect(SIGNED_TYPES).to.have.property(type);
    }
    expect(rowOf('constructor')).to.equal(undefined);
  });

  it('gives each kind of entry of a register to one act, batches aside', () => {
    const kinds = rows
      .filter(({ type }) => type !== 'Batch')
      .flatMap(({ register, kinds: all }) => all.map((kind) => `${register} ${kind}`));
    expect(new Set(kinds).size).to.equal(kinds.length);
  });

  it('has the numbers of the contracts for the acts of power', () => {
    const text = readTree(root)
      .filter((file) => /^contracts\/interfaces\/I(Personnel|Safeguards|Notary)\.sol$/.test(file.path))
      .map((file) => file.text)
      .join('\n');
    const constants = Object.fromEntries(
      [...text.matchAll(/uint16 constant KIND_(\w+) = (\d+);/g)].map(([, name = '', number]) => [
        name,
        Number(number),
      ]),
    );
    const kindOf = (type: keyof typeof ACTS) => ACTS[type].kinds[0];
    expect(kindOf('AppointOfficer')).to.equal(constants.APPOINT_OFFICER);
    expect(kindOf('RotateKey')).to.equal(constants.ROTATE_KEY);
    expect(kindOf('AppointRecorder')).to.equal(constants.APPOINT_RECORDER);
    expect(kindOf('RevokeRecorder')).to.equal(constants.REVOKE_RECORDER);
    for (const [type, constant] of [
      ['Resignation', 'RESIGNATION'],
      ['Suspension', 'SUSPENSION'],
      ['ShortPause', 'SHORT_PAUSE'],
    ] as const) {
      expect(ORDERS[type].kinds).to.deep.equal([constants[constant]]);
    }
    expect(kindOf('LongPause')).to.equal(constants.LONG_PAUSE);
    expect(kindOf('Unpause')).to.equal(constants.UNPAUSE);
  });

  it('is the page of the documentation', () => {
    const page = readTree(root).find(({ path: file }) => file === 'docs/acts.md')?.text;
    expect(page).to.equal(`${actsPage()}\n${ordersPage().join('\n')}`);
  });
});
