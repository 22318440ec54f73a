/** Asks for the hub's token. */
import { useRef } from "preact/hooks";
import type { HubSession } from "../state/hub-session.ts";
import { words } from "../words/chosen.ts";

/** A field and a button. */
export function TokenPrompt({ hub }: { readonly hub: HubSession }) {
  const w = words.value.token;
  const field = useRef<HTMLInputElement>(null);
  const enter = (event: Event) => {
    event.preventDefault();
    void hub.enter(field.current?.value.trim() ?? "");
  };
  return (
    <form class="token" onSubmit={enter}>
      <h2>{w.title}</h2>
      <label for="token">{w.label}</label>
      <input id="token" ref={field} type="password" autocomplete="off" spellcheck={false} required />
      <button type="submit" class="strong">
        {w.enter}
      </button>
      <p class="quiet">{w.hint}</p>
      {hub.token.value === "wrong" ? (
        <p class="bad" role="alert">
          {w.wrong}
        </p>
      ) : null}
    </form>
  );
}
