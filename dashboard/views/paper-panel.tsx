/** Buttons that break the paper exchange, so that one can watch the repair. */
import { useSignal } from "@preact/signals";
import type { Margin } from "../../src/account/margin.ts";
import type { AccountSession } from "../state/account-session.ts";
import { type HubApi, Refusal } from "../state/hub-api.ts";
import type { HubSession } from "../state/hub-session.ts";
import { moveTowards } from "../state/market-moves.ts";
import { words } from "../words/chosen.ts";
import { plainly } from "../words/numbers.ts";

type Action = "cut" | "expire" | "freeze" | "jump" | "marginCall" | "liquidate" | "deposit";

/** What each button asks of the venue. */
const CALLS: Readonly<Record<Action, (account: string) => readonly [path: string, body: object]>> = {
  cut: (account) => ["v1/paper/faults", { type: "cut", account }],
  expire: (account) => ["v1/paper/faults", { type: "expire-key", account }],
  freeze: (account) => ["v1/paper/faults", { type: "rest-lag", account, byMs: 20_000, forMs: 20_000 }],
  jump: () => ["v1/paper/clock/advance", { ms: 86_400_000 }],
  marginCall: (account) => [`v1/paper/accounts/${encodeURIComponent(account)}/margin-call`, {}],
  liquidate: (account) => [`v1/paper/accounts/${encodeURIComponent(account)}/liquidation`, {}],
  deposit: (account) => [
    `v1/paper/accounts/${encodeURIComponent(account)}/transfer`,
    { asset: "USDT", amount: "1000" },
  ],
};

/** What the venue answers when there is nothing to liquidate. */
const NO_POSITION = "(-2024)";

const ACTIONS = Object.keys(CALLS) as Action[];

type Said = { readonly is: "done" | "refused" | "moved"; readonly what: string; readonly to?: string } | undefined;

/** What the account is called: by the hub, and by the paper venue. */
interface Place {
  readonly id: string;
  readonly paper: string;
}

/**
 * Carries an action out. A margin call and a liquidation come of the market, moved as far as it takes; where no price
 * would do, they are commanded.
 */
async function carryOut(api: HubApi, action: Action, { id, paper }: Place): Promise<Said> {
  if (action === "marginCall" || action === "liquidate") {
    const margin = await marginOf(api, id);
    const move = margin && moveTowards(action, margin);
    if (move !== undefined) {
      await api.post(`v1/paper/market/${move.symbol}`, move.body);
      return { is: "moved", what: move.symbol, to: move.to };
    }
  }
  await api.post(...CALLS[action](paper));
  return { is: "done", what: words.peek().paper[action] };
}

/** `undefined` when the hub cannot ask for it. */
async function marginOf(api: HubApi, account: string): Promise<Margin | undefined> {
  try {
    return await api.get<Margin>(`v1/accounts/${encodeURIComponent(account)}/margin`);
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

interface PaperPanelProps {
  readonly hub: HubSession;
  readonly session: AccountSession;
  /** What the paper venue calls the account. */
  readonly paper: string;
}

/** The buttons, and what the venue said to the last one. */
export function PaperPanel({ hub, session, paper }: PaperPanelProps) {
  const w = words.value.paper;
  const busy = useSignal<Action | "endAll" | undefined>(undefined);
  const said = useSignal<Said>(undefined);
  const press = async (action: Action | "endAll") => {
    if (busy.value !== undefined) return;
    busy.value = action;
    try {
      if (action === "endAll") {
        await hub.api.remove("v1/paper/faults");
        said.value = { is: "done", what: w.endAll };
      } else said.value = await carryOut(hub.api, action, { id: session.id, paper });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      said.value = { is: "refused", what: error.message.includes(NO_POSITION) ? w.needsPosition : error.message };
    } finally {
      busy.value = undefined;
    }
  };
  return (
    <section class="part paper" aria-labelledby="paper-title" id="paper">
      <h2 id="paper-title">{w.title}</h2>
      <p class="quiet">{w.intro}</p>
      <div class="buttons">
        {([...ACTIONS, "endAll"] as const).map((action) => (
          <button
            key={action}
            type="button"
            data-action={action}
            aria-disabled={busy.value !== undefined}
            onClick={() => void press(action)}
          >
            {w[action]}
          </button>
        ))}
      </div>
      <p class="said" role="status">
        {wordsOf(said.value)}
      </p>
    </section>
  );
}

function wordsOf(said: Said): string {
  const w = words.value.paper;
  if (said === undefined) return "";
  if (said.is === "moved") return w.moved(said.what, plainly(said.to ?? ""));
  return said.is === "done" ? w.done(said.what) : w.refused(said.what);
}
