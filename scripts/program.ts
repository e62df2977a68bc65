/** The commands of `kudurru`, one sub-command a file, each usable by a newcomer through `--help` alone; kudurru.ts runs them. */
import { Command } from 'commander';
import { EXIT_CODES } from './answer.ts';
import { addAudit } from './audit.ts';
import { addDemo } from './demo.ts';
import { addDesk } from './desk.ts';
import { addExport } from './export.ts';
import { addFind } from './find.ts';
import { addFsck } from './fsck.ts';
import { addKeys } from './keys.ts';
import { addMember } from './member.ts';
import { addNetwork } from './network.ts';
import { addOfficer } from './officer.ts';
import { addOwnData } from './ownData.ts';
import { addRecorder } from './recorder.ts';
import { addSuccession } from './succession.ts';
import { addTill } from './till.ts';
import { addUp } from './up.ts';
import { addVerify, addVerifyHead } from './verify.ts';

export function kudurruProgram(): Command {
  const program = new Command('kudurru')
    .description('A permissioned ledger for land registry and benefit disbursement')
    .version('0.1.0')
    .addHelpText('afterAll', `\n${EXIT_CODES}`)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  addUp(program);
  addDemo(program);
  addFsck(program);
  addAudit(program);
  addFind(program);
  addExport(program);
  addVerify(program);
  addVerifyHead(program);
  addKeys(program);
  addOfficer(program);
  addOwnData(program);
  addTill(program);
  addSuccession(program);
  addMember(program);
  addNetwork(program);
  addDesk(program);
  addRecorder(program);
  return program;
}
