/** Functions of contracts that people never call. */

/** What only another contract of the ledger may call: nobody's call is taken. */
export const INNER: ReadonlySet<string> = new Set([
  ...['addValidator', 'removeValidator', 'setAuthority', 'setRegister'].map((name) => `charter.${name}`),
  ...['enact', 'markPaused', 'appoint', 'rotate', 'revoke', 'suspend', 'free'].map(
    (name) => `consortium.${name}`,
  ),
  ...['record', 'recordLoad', 'recordUnsigned', 'importWords'].map((name) => `land.${name}`),
  'benefits.importWords',
  'safeguards.recordHalt',
  'notary.importWords',
  ...['consortium', 'personnel', 'safeguards', 'land', 'benefits', 'notary'].flatMap((register) =>
    ['freeze', 'continueFrom'].map((name) => `${register}.${name}`),
  ),
]);
