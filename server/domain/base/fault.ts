/** The world failed: a disk, a node, a connection. Nothing was decided by the rules, so the caller may learn only whether to try again. */
export class Fault extends Error {
  readonly retryable: boolean;

  constructor(message: string, options: { readonly retryable: boolean; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Fault';
    this.retryable = options.retryable;
  }
}
