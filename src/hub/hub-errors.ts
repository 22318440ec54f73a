/** What a hub can answer that ends a client for good. Pure. */
import { ListenkeyError } from "../kernel/errors.ts";

/** The hub does not let this client in: its token, its account or its wish is refused. */
export class HubRefused extends ListenkeyError {
  /** Stable; may be matched on. */
  readonly code = "HUB_REFUSED";
  /** The HTTP status: 401 no or a wrong token, 404 no such account for this token, 400 a wish that cannot be. */
  readonly status: number;

  constructor(status: number, reason: string) {
    super(`the hub refused: ${reason} (HTTP ${status})`, { origin: "caller", retryable: false });
    this.status = status;
  }
}

/** What follows the cursor is not kept any more, or was never written: records are missing between then and now. */
export class CursorLost extends ListenkeyError {
  /** Stable; may be matched on. */
  readonly code = "CURSOR_LOST";
  /** The last record this client had. */
  readonly since: number;

  constructor(since: number, reason: string) {
    super(`the hub cannot go on after record ${since}: ${reason}`, {
      origin: "caller",
      retryable: false,
      remedy: "Begin anew, without since: the account is shown as it is, and what was missed is in nobody's journal.",
    });
    this.since = since;
  }
}
