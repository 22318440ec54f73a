/** One HTTP request and its answer, as the pure rooms see them. Pure. */

/** One HTTP request as it came in. */
export interface HttpCall {
  /** In capitals. */
  readonly method: string;
  /** Without the query: `/fapi/v1/order`. */
  readonly path: string;
  /** What follows the `?`, exactly as sent; empty when there was none. Signatures are made over it. */
  readonly query: string;
  /** The body text, exactly as sent; empty when there was none. */
  readonly body: string;
  /** Names in lower case; a repeated header joined with `, `. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The address that weights and bans are counted for. */
  readonly ip: string;
}

/** One HTTP answer. The body is JSON text, also when it is `{}`. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case, `content-type` included. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The `content-type` of every answer. */
export const JSON_CONTENT = "application/json;charset=UTF-8";
