/** Calls of the hub that serves this page, with the token that the person has given, if the hub asks for one. */

/** What the hub refused, or that it cannot be reached (then without a status). */
export class Refusal extends Error {
  /** The HTTP status; `undefined` when no answer came. */
  readonly status: number | undefined;
  /** The hub's code; empty when it named none. */
  readonly code: string;
  /** What to do; empty when nobody said. */
  readonly remedy: string;

  constructor(status: number | undefined, { code = "", message = "", remedy = "" }: Partial<Refusal> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.remedy = remedy;
  }
}

const TOKEN_ITEM = "listenkey.token";

/** One hub. */
export class HubApi {
  #token = sessionStorage.getItem(TOKEN_ITEM) ?? "";

  /** Empty until the person gave one. */
  get token(): string {
    return this.#token;
  }

  /** Keeps it until the tab is closed. */
  set token(token: string) {
    this.#token = token;
    sessionStorage.setItem(TOKEN_ITEM, token);
  }

  /** A path of the hub as a whole URL, wherever the page was served from. */
  url(path: string): string {
    return new URL(path, document.baseURI).href;
  }

  /** What a path answers, parsed. @throws {Refusal} */
  async get<T>(path: string): Promise<T> {
    return (await this.text(path)).json() as Promise<T>;
  }

  /** What a path answers, unread. @throws {Refusal} */
  text(path: string, init: RequestInit = {}): Promise<Response> {
    return this.#send(path, init);
  }

  /** Makes the hub do something. @throws {Refusal} */
  async post<T>(path: string, body: object): Promise<T> {
    const response = await this.#send(path, { method: "POST", body: JSON.stringify(body) });
    return response.json() as Promise<T>;
  }

  /** Ends something. @throws {Refusal} */
  async remove(path: string): Promise<void> {
    await this.#send(path, { method: "DELETE" });
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const authorization: Record<string, string> = this.#token === "" ? {} : { authorization: `Bearer ${this.#token}` };
    const headers = { ...(init.headers as Record<string, string> | undefined), ...authorization };
    let response: Response;
    try {
      response = await fetch(this.url(path), { ...init, headers, cache: "no-store", credentials: "omit" });
    } catch {
      throw new Refusal(undefined);
    }
    if (response.ok) return response;
    throw new Refusal(response.status, await errorIn(response));
  }
}

async function errorIn(response: Response): Promise<Partial<Refusal>> {
  try {
    const body = (await response.json()) as { error?: Partial<Refusal> };
    return body.error ?? {};
  } catch {
    return {};
  }
}
