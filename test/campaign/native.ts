/**
 * Loaded before anything else (`--import`) into a process of the campaign: curves and hashes in WebAssembly, where three
 * quarters of a call's time went. What this repository imports from noble comes from here; packages get what they ask for.
 */
import { registerHooks } from 'node:module';

const NATIVE: Readonly<Record<string, string>> = {
  '@noble/curves/secp256k1.js': new URL('nativeSecp256k1.ts', import.meta.url).href,
  '@noble/hashes/sha3.js': new URL('nativeKeccak.ts', import.meta.url).href,
};

registerHooks({
  resolve(specifier, context, next) {
    const isOurs = context.parentURL?.includes('/node_modules/') === false;
    const native = isOurs ? NATIVE[specifier] : undefined;
    return native === undefined ? next(specifier, context) : { url: native, shortCircuit: true };
  },
});
