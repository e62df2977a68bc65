/**
 * Reads compiled contracts: which opcodes a runtime can reach, and which types its interface names.
 * For the tidy test.
 */
import fs from 'node:fs';
import path from 'node:path';

export interface AbiInput {
  readonly name?: string;
  readonly type: string;
  readonly internalType?: string;
  readonly components?: readonly AbiInput[];
}

export interface AbiItem {
  readonly type: string;
  readonly name?: string;
  readonly stateMutability?: string;
  readonly inputs?: readonly AbiInput[];
  readonly outputs?: readonly AbiInput[];
}

/** One contract, interface or library of ours as Hardhat compiled it. */
export interface Artifact {
  readonly contractName: string;
  readonly sourceName: string;
  readonly abi: readonly AbiItem[];
  readonly deployedBytecode: string;
}

/** Everything compiled from `contracts/`. */
export function readArtifacts(root: string): Artifact[] {
  return fs
    .globSync('artifacts/contracts/**/*.json', { cwd: root })
    .sort()
    .map((file): Artifact => JSON.parse(fs.readFileSync(path.join(root, file), 'utf8')));
}

/** The code as bytes; a library's address that is still to be linked counts as zeros. */
export function runtimeOf(artifact: Pick<Artifact, 'deployedBytecode'>): Uint8Array {
  const hex = artifact.deployedBytecode.slice(2).replace(/__\$[0-9a-f]{34}\$__/g, '0'.repeat(40));
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

const PUSH1 = 0x60;
const PUSH32 = 0x7f;
const JUMPDEST = 0x5b;
/** STOP, JUMP, RETURN, REVERT, INVALID, SELFDESTRUCT: what follows runs only from a JUMPDEST on. */
const LEAVES = new Set([0x00, 0x56, 0xf3, 0xfd, 0xfe, 0xff]);

/**
 * The set of opcodes a runtime can run: not the bytes that PUSH carries, nor the constants and metadata that solc
 * appends. The machine itself enters code only at its start and at a JUMPDEST, found by this same walk.
 */
export function opcodesOf(code: Uint8Array): ReadonlySet<number> {
  const metadataBytes = ((code.at(-2) ?? 0) << 8) | (code.at(-1) ?? 0);
  const end = Math.max(0, code.length - metadataBytes - 2);
  const found = new Set<number>();
  let isReached = true;
  for (let position = 0; position < end; position += 1) {
    const opcode = code[position] ?? 0;
    isReached ||= opcode === JUMPDEST;
    if (isReached) found.add(opcode);
    if (LEAVES.has(opcode)) isReached = false;
    if (opcode >= PUSH1 && opcode <= PUSH32) position += opcode - PUSH1 + 1;
  }
  return found;
}

/** Every parameter of unbounded type in one item of an interface, by its dotted place. */
export function unboundedIn(item: AbiItem): string[] {
  const visit = (parameter: AbiInput, place: string): string[] => {
    const here = `${place}.${parameter.name || '_'}`;
    const base = parameter.type.replace(/(\[\d*\])+$/, '');
    if (base === 'string' || base === 'bytes') return [here];
    const inside = base === 'tuple' ? structOf(parameter, here) : here;
    return (parameter.components ?? []).flatMap((component) => visit(component, inside));
  };
  const name = item.name ?? item.type;
  return [...(item.inputs ?? []), ...(item.outputs ?? [])].flatMap((parameter) => visit(parameter, name));
}

/** Inside a struct the place is the struct's name: one exemption serves every function that takes it. */
function structOf(parameter: AbiInput, otherwise: string): string {
  const named = /^struct (?:.*\.)?(\w+)/.exec(parameter.internalType ?? '')?.[1];
  return named ?? otherwise;
}
