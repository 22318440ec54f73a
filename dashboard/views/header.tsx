/** The header: which account, how certain, how the page itself is connected, theme and language. */
import type { AccountSession } from "../state/account-session.ts";
import type { HubSession } from "../state/hub-session.ts";
import { chooseLanguage, chooseTheme, isLight, language, words } from "../words/chosen.ts";
import { counted, dayTime } from "../words/numbers.ts";
import { certaintyOf } from "./certainty.ts";
import { now } from "./ticking.ts";

/** The header. */
export function Header({ hub }: { readonly hub: HubSession }) {
  const w = words.value;
  const session = hub.shown.value;
  return (
    <header class="top">
      <h1>
        <span class="mark" aria-hidden="true" />
        listenkey
      </h1>
      <AccountChooser hub={hub} />
      {session === undefined ? null : <Certainty session={session} />}
      <span class="space" />
      {session === undefined ? null : <PageLink session={session} />}
      <button
        type="button"
        class="icon"
        id="theme"
        aria-label={`${w.theme.name}: ${isLight.value ? w.theme.light : w.theme.dark}`}
        onClick={() => chooseTheme(isLight.value ? "dark" : "light")}
      >
        <span aria-hidden="true">{isLight.value ? "☀" : "☾"}</span>
      </button>
      <button
        type="button"
        class="icon"
        id="language"
        lang={language.value === "en" ? "zh-CN" : "en"}
        onClick={() => chooseLanguage(language.value === "en" ? "zh" : "en")}
      >
        {language.value === "en" ? "中文" : "EN"}
      </button>
    </header>
  );
}

function AccountChooser({ hub }: { readonly hub: HubSession }) {
  const accounts = hub.accounts.value ?? [];
  const shown = hub.shown.value?.id;
  if (shown === undefined) return null;
  return (
    <select
      id="account"
      aria-label={words.value.chooseAccount}
      value={shown}
      onChange={(event) => hub.choose(event.currentTarget.value)}
    >
      {accounts.map(({ id, ready }) => (
        <option key={id} value={id}>
          {ready ? id : `${id} ⚠`}
        </option>
      ))}
    </select>
  );
}

function Certainty({ session }: { readonly session: AccountSession }) {
  const w = words.value;
  void session.episodeNews.value;
  const health = session.health.value?.value;
  const { state, text } = certaintyOf(health, session.episodes.open, w, (ms) => dayTime(ms, now.value));
  return (
    <span class={`certainty ${state}`} role="status" title={w.certainty.title} data-state={state}>
      <span class="sign" aria-hidden="true">
        {{ good: "✓", busy: "⟳", bad: "!" }[state]}
      </span>
      {text}
    </span>
  );
}

function PageLink({ session }: { readonly session: AccountSession }) {
  const w = words.value.page;
  const link = session.link.value;
  const state =
    link?.live === true ? "live" : link?.phase === "open" || link?.phase === "dialing" ? "connecting" : "away";
  return (
    <span class={`link ${state}`} title={w.title} data-state={state}>
      <span class="dot" aria-hidden="true" />
      {w[state]}
      <span class="as-of">{w.asOf(counted(link?.asOfSeq ?? 0))}</span>
    </span>
  );
}
