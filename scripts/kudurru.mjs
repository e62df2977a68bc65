#!/usr/bin/env node
/**
 * The `kudurru` command. Finds the checkout it stands in, also through the link npm puts on PATH, and has
 * `bootstrap.mjs` run `kudurru.ts` there with the right Node, in the caller's folder. Runs on Node 20.
 */
import { run } from './bootstrap.mjs';

process.exitCode = await run('scripts/kudurru.ts', process.argv.slice(2));
