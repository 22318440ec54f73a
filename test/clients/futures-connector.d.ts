/** The part of `@binance/futures-connector` that the test uses; the package brings no types. */
declare module "@binance/futures-connector" {
  /** An axios answer, as far as the test looks at it. */
  export interface Answer<Body> {
    readonly status: number;
    readonly data: Body;
  }
  /** Where the client writes its log. */
  export interface Logger {
    debug(...what: readonly unknown[]): void;
    info(...what: readonly unknown[]): void;
    warn(...what: readonly unknown[]): void;
    error(...what: readonly unknown[]): void;
  }
  /** REST client. */
  export class UMFutures {
    constructor(apiKey: string, apiSecret: string, options: { baseURL: string });
    createListenKey(): Promise<Answer<{ listenKey: string }>>;
    renewListenKey(listenKey: string): Promise<Answer<{ listenKey: string }>>;
    closeListenKey(listenKey: string): Promise<Answer<Record<string, never>>>;
    newOrder(
      symbol: string,
      side: string,
      type: string,
      options: { quantity: string; newClientOrderId: string },
    ): Promise<Answer<{ clientOrderId: string }>>;
  }
  /** Stream client; dials on the first `subscribe`. */
  export class UMStream {
    constructor(options: {
      wsURL: string;
      reconnectDelay: number;
      combinedStreams?: boolean;
      logger: Logger;
      callbacks: { open?(): void; close?(): void; message?(data: string): void };
    });
    subscribe(stream: string): void;
    disconnect(): void;
  }
}
