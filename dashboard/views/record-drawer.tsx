/** One record, whole: the very text that the journal has, and the same laid out. */
import { type Signal, signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { AccountRecord } from "../../src/account/record.ts";
import { recordText } from "../../src/hub/record-text.ts";
import type { AccountSession } from "../state/account-session.ts";
import { words } from "../words/chosen.ts";
import { laidOut } from "../words/laid-out.ts";
import { counted, exactTime } from "../words/numbers.ts";
import { lineOf } from "../words/record-words.ts";

/** The record that was clicked; `undefined`: none is open. */
export const chosenRecord: Signal<AccountRecord | undefined> = signal(undefined);

/** Beside the page, while a record is chosen. */
export function RecordDrawer({ session }: { readonly session: AccountSession }) {
  const record = chosenRecord.value;
  const close = useRef<HTMLButtonElement>(null);
  const from = useRef<Element | null>(null);
  const isCopied = useSignal(false);
  useEffect(() => {
    if (record === undefined) return;
    isCopied.value = false;
    if (!close.current?.closest("aside")?.contains(document.activeElement)) from.current = document.activeElement;
    close.current?.focus();
  }, [record, isCopied]);
  if (record === undefined || record.account !== session.id) return null;
  const w = words.value.record;
  const text = recordText(record);
  const { tag, symbol } = lineOf(record, words.value);
  const end = () => {
    chosenRecord.value = undefined;
    if (from.current instanceof HTMLElement) from.current.focus();
  };
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => {
        isCopied.value = true;
      },
      () => {},
    );
  };
  return (
    <aside class="drawer" aria-label={w.title(String(record.seq))} onKeyDown={({ key }) => key === "Escape" && end()}>
      <div class="bar">
        <h2>{w.title(counted(record.seq))}</h2>
        <button type="button" onClick={copy}>
          {isCopied.value ? w.copied : w.copy}
        </button>
        <button type="button" ref={close} onClick={end}>
          {w.close}
        </button>
      </div>
      <p class="quiet">
        {[tag, symbol].filter((one) => one !== "").join(" · ")} · {w.at} {exactTime(record.at)}
      </p>
      <pre tabIndex={0} role="group" aria-label={w.exact}>
        {laidOut(text)}
      </pre>
    </aside>
  );
}
