/** The commands of `kudurru`, one sub-command a file, each usable by a newcomer through `--help` alone; kudurru.ts runs them. */
import { Command, Help, type Option } from 'commander';
import { EXIT_CODES } from './answer.ts';
import { addAudit } from './audit.ts';
import { addBackup } from './backup.ts';
import { addDemo } from './demo.ts';
import { addDesk } from './desk.ts';
import { addErasure } from './erasure.ts';
import { addExport } from './export.ts';
import { addFind } from './find.ts';
import { addFsck } from './fsck.ts';
import { addKeys } from './keys.ts';
import { addMember } from './member.ts';
import { addNetwork } from './network.ts';
import { CREDENTIALS_OPTION, letIn } from './nodeCredentials.ts';
import { addOfficer } from './officer.ts';
import { addOwnData } from './ownData.ts';
import { addRecorder } from './recorder.ts';
import { addSuccession } from './succession.ts';
import { addTill } from './till.ts';
import { addUp } from './up.ts';
import { addVerify, addVerifyHead } from './verify.ts';

/** Of commands that say more of their codes than all do. */
const OWN_EXIT_CODES: Readonly<Record<string, string>> = {
  audit:
    'Exit codes: 0 everything holds; 1 something does not; 2 a file cannot be read or was cut, or the node is silent.',
  verify:
    'Exit codes: 0 intact, anchored and, if asked, current; 1 one of them is no; 2 a file cannot be read or the node is silent.',
};

export function kudurruProgram(): Command {
  const program = new Command('kudurru')
    .description('A permissioned ledger for land registry and benefit disbursement')
    .version('0.1.0')
    .configureHelp({ optionDescription })
    .addHelpText('afterAll', ({ command }) => `\n${OWN_EXIT_CODES[command.name()] ?? EXIT_CODES}`)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  addUp(program);
  addDemo(program);
  addFsck(program);
  addBackup(program);
  addAudit(program);
  addFind(program);
  addExport(program);
  addVerify(program, CREDENTIALS_OPTION, letIn);
  addVerifyHead(program);
  addKeys(program);
  addOfficer(program);
  addOwnData(program);
  addTill(program);
  addSuccession(program);
  addMember(program);
  addNetwork(program);
  addDesk(program);
  addErasure(program);
  addRecorder(program);
  return program;
}

/** A list that begins empty has no default worth reading, and whoever must give an option is told so. */
function optionDescription(option: Option): string {
  const said = new Help().optionDescription(option).replace(/ ?\(default: (?:\[\]|\{\})\)/, '');
  return option.mandatory && option.defaultValue === undefined ? `${said} (required)` : said;
}
