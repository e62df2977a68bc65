/** The registers in force by an audit of the whole ledger, as `kudurru audit --json` wrote them. */
import { fingerprint, type TrustFile } from '../server/domain/audit/trust.ts';
import { isRecord } from '../server/domain/base/strictJson.ts';
import { NotUnderstood, readText } from './answer.ts';

const MAX_AUDIT_BYTES = 2 ** 20;

/** The address of a register; undefined where the ledger has none. Takes no audit of another trust file, or one that found anything. */
export function auditedAddress(file: string, trust: TrustFile, register: string): unknown {
  const audit = parsed(readText(file, MAX_AUDIT_BYTES));
  if (!isRecord(audit) || !Array.isArray(audit.registers) || typeof audit.trust !== 'string') {
    throw new NotUnderstood(`${file} is not what \`kudurru audit --json\` wrote.`);
  }
  if (audit.trust !== fingerprint(trust)) throw new NotUnderstood(`${file} is by another trust file.`);
  if (audit.ok !== true) throw new NotUnderstood(`${file} says that the ledger is not sound.`);
  const registers: readonly unknown[] = audit.registers;
  const found = registers.find((one) => isRecord(one) && one.register === register);
  return isRecord(found) ? found.address : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
