/** The `kudurru` command: one sub-command a file, each usable by a newcomer through `--help` alone. */
import { Command } from 'commander';
import { addVerify, addVerifyHead } from './verify.ts';

const program = new Command('kudurru')
  .description('A permissioned ledger for land registry and benefit disbursement')
  .version('0.1.0')
  .addHelpText(
    'after',
    '\nExit codes: 0 the answer is yes, 1 it is no, 2 the command was not understood or a file cannot be read.',
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

addVerify(program);
addVerifyHead(program);
await program.parseAsync();
