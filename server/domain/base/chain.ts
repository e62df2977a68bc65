/**
 * The rules of the chain every figure and every replay stands on, named once.
 * A ledger keeps the fork it was founded with; gas figures are printed beside it.
 */

/** EVM rules in force from genesis, embedded and network alike. */
export const FORK = 'osaka';
/** The most gas a block may use, in both kinds of chain. */
export const BLOCK_GAS_LIMIT = 30_000_000;
/** The most gas one transaction may ask for at this fork (EIP-7825). */
export const TRANSACTION_GAS_CAP = 16_777_216;
