/** Wallets. */
import { isZero } from "../../src/kernel/digits.ts";
import type { AccountSession } from "../state/account-session.ts";
import { words } from "../words/chosen.ts";
import { dayTime, plainly } from "../words/numbers.ts";
import { Table } from "./table.tsx";
import { now } from "./ticking.ts";

/** The table of balances; assets that never held anything are left out. */
export function Balances({ session }: { readonly session: AccountSession }) {
  const w = words.value.balances;
  const all = [...(session.view.value?.balances.values() ?? [])];
  return (
    <Table
      id="balances"
      title={w.title}
      empty={session.view.value === undefined ? words.value.nothingKnown : w.none}
      rows={all.filter(({ wallet, crossWallet }) => !isZero(wallet) || !isZero(crossWallet))}
      keyOf={({ asset }) => asset}
      columns={[
        { title: w.asset, cell: ({ asset }) => <b>{asset}</b> },
        { title: w.wallet, number: ({ wallet }) => plainly(wallet, 2) },
        { title: w.cross, number: ({ crossWallet }) => plainly(crossWallet, 2), isExtra: true },
        { title: w.since, number: ({ at }) => (at === 0 ? "–" : dayTime(at, now.value)) },
      ]}
    />
  );
}
