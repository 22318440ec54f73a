/** Buttons that break the paper exchange, so that one can watch the repair. */
import { useSignal } from "@preact/signals";
import type { AccountSession } from "../state/account-session.ts";
import { Refusal } from "../state/hub-api.ts";
import type { HubSession } from "../state/hub-session.ts";
import { words } from "../words/chosen.ts";

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

type Said = { readonly is: "done" | "refused"; readonly what: string } | undefined;

/** The buttons, and what the venue said to the last one. */
export function PaperPanel({ hub, session }: { readonly hub: HubSession; readonly session: AccountSession }) {
  const w = words.value.paper;
  const busy = useSignal<Action | "endAll" | undefined>(undefined);
  const said = useSignal<Said>(undefined);
  const press = async (action: Action | "endAll") => {
    if (busy.value !== undefined) return;
    busy.value = action;
    try {
      if (action === "endAll") await hub.api.remove("v1/paper/faults");
      else await hub.api.post(...CALLS[action](session.id));
      said.value = { is: "done", what: w[action] };
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
        {said.value === undefined
          ? ""
          : said.value.is === "done"
            ? w.done(said.value.what)
            : w.refused(said.value.what)}
      </p>
    </section>
  );
}
