/** The `kudurru` command, as it is typed. */
import { kudurruProgram } from './program.ts';

await kudurruProgram().parseAsync();
