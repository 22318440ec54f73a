/** The whole page: header, account, events, stream. */

import { useEffect } from "preact/hooks";
import type { AccountSession } from "../state/account-session.ts";
import type { HubSession } from "../state/hub-session.ts";
import { words } from "../words/chosen.ts";
import { Balances } from "./balances.tsx";
import { certaintyOf } from "./certainty.ts";
import { EquityView } from "./equity-view.tsx";
import { Events } from "./events.tsx";
import { Header } from "./header.tsx";
import { ConditionalOrders, OpenOrders } from "./orders.tsx";
import { PaperPanel } from "./paper-panel.tsx";
import { Positions } from "./positions.tsx";
import { RecordDrawer } from "./record-drawer.tsx";
import { StreamHealth } from "./stream-health.tsx";
import { Timeline } from "./timeline.tsx";
import { TokenPrompt } from "./token-prompt.tsx";

/** All there is. */
export function Page({ hub }: { readonly hub: HubSession }) {
  const session = hub.shown.value;
  const w = words.value;
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        {w.skip}
      </button>
      <Header hub={hub} />
      {hub.token.value !== "none" ? (
        <main id="main" class="alone" tabIndex={-1}>
          <TokenPrompt hub={hub} />
        </main>
      ) : session === undefined ? (
        <main id="main" class="alone" tabIndex={-1}>
          {hub.accounts.value === undefined ? <p class="quiet">…</p> : <p class="quiet">{w.trouble.noAccounts}</p>}
        </main>
      ) : (
        <Shown key={session.id} hub={hub} session={session} />
      )}
    </>
  );
}

/** On a phone the columns stand below each other: this leads to each of them. */
function Sections() {
  const w = words.value;
  const names = [
    ["account", w.account],
    ["events", w.events.title],
    ["stream", w.health.title],
  ];
  return (
    <nav class="sections" aria-label={w.sections}>
      {names.map(([column, name]) => (
        <button
          key={column}
          type="button"
          onClick={() => document.querySelector(`.column.${column}`)?.scrollIntoView()}
        >
          {name}
        </button>
      ))}
    </nav>
  );
}

/** What the tab says while another is looked at. */
function useTitle(session: AccountSession): void {
  void session.episodeNews.value;
  const { state } = certaintyOf(session.health.value?.value, session.episodes.open, words.value, String);
  useEffect(() => {
    document.title = `${{ good: "✓", busy: "⟳", bad: "!" }[state]} ${session.id} · listenkey`;
  }, [state, session.id]);
}

function Shown({ hub, session }: { readonly hub: HubSession; readonly session: AccountSession }) {
  const failure = session.failure.value;
  const paper = hub.paper.value;
  useTitle(session);
  return (
    <main id="main" class="grid" tabIndex={-1}>
      {failure === undefined ? null : (
        <p class="notice bad" role="alert">
          {words.value.trouble.refused(failure.message)}
        </p>
      )}
      <Renewed session={session} />
      <div class="column account">
        <EquityView session={session} />
        <Positions session={session} />
        <OpenOrders session={session} />
        <ConditionalOrders session={session} />
        <Balances session={session} />
      </div>
      <div class="column events">
        <Events session={session} />
      </div>
      <div class="column stream">
        {paper === undefined ? null : <PaperPanel hub={hub} session={session} paper={paper} />}
        <Timeline session={session} />
        <StreamHealth session={session} />
      </div>
      <Sections />
      <RecordDrawer session={session} />
    </main>
  );
}

function Renewed({ session }: { readonly session: AccountSession }) {
  if (session.renewedAt.value === undefined) return null;
  const w = words.value.page;
  const dismiss = () => {
    session.renewedAt.value = undefined;
  };
  return (
    <p class="notice" role="status">
      {w.renewed}
      <button type="button" onClick={dismiss}>
        {w.dismiss}
      </button>
    </p>
  );
}
