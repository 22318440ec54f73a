/** Open orders, and conditional orders that wait. */
import { isZero } from "../../src/kernel/digits.ts";
import type { AccountSession } from "../state/account-session.ts";
import { words } from "../words/chosen.ts";
import type { Words } from "../words/en.ts";
import { dayTime, plainly } from "../words/numbers.ts";
import { type Column, Table } from "./table.tsx";
import { now } from "./ticking.ts";

/** The table of open orders, newest first. */
export function OpenOrders({ session }: { readonly session: AccountSession }) {
  const w = words.value.orders;
  const orders = [...(session.view.value?.openOrders.values() ?? [])].reverse();
  return (
    <Table
      id="orders"
      title={w.title}
      empty={session.view.value === undefined ? words.value.nothingKnown : w.none}
      rows={orders}
      keyOf={({ symbol, orderId }) => `${symbol}/${orderId}`}
      columns={[
        symbolColumn(words.value),
        sideColumn(words.value),
        { title: w.type, cell: ({ type, isReduceOnly }) => typeOf(type, isReduceOnly, w) },
        { title: w.price, number: ({ price }) => (isZero(price) ? w.market : plainly(price)) },
        { title: w.quantity, number: ({ quantity }) => plainly(quantity) },
        { title: w.filled, number: ({ executed }) => (isZero(executed) ? "–" : plainly(executed)) },
        placedColumn(words.value),
      ]}
    />
  );
}

/** The table of conditional orders, newest first. */
export function ConditionalOrders({ session }: { readonly session: AccountSession }) {
  const w = words.value.orders;
  const orders = [...(session.view.value?.conditionalOrders.values() ?? [])].reverse();
  return (
    <Table
      id="conditional"
      title={w.conditional}
      empty={session.view.value === undefined ? words.value.nothingKnown : w.noConditional}
      rows={orders}
      keyOf={({ algoId }) => algoId}
      columns={[
        symbolColumn(words.value),
        sideColumn(words.value),
        { title: w.type, cell: ({ type, isReduceOnly }) => typeOf(type, isReduceOnly, w) },
        { title: w.trigger, number: ({ triggerPrice }) => plainly(triggerPrice) },
        { title: w.price, number: ({ price }) => (isZero(price) ? w.market : plainly(price)), isExtra: true },
        {
          title: w.quantity,
          number: ({ quantity, closesPosition }) => (closesPosition ? w.all : plainly(quantity)),
        },
        { title: w.status, cell: ({ status }) => status },
        placedColumn(words.value),
      ]}
    />
  );
}

function symbolColumn({ positions }: Words): Column<{ readonly symbol: string }> {
  return { title: positions.symbol, cell: ({ symbol }) => <b>{symbol}</b> };
}

function sideColumn({ orders, positions }: Words): Column<{ readonly side: string }> {
  return {
    title: positions.side,
    cell: ({ side }) => (side === "BUY" ? orders.buy : orders.sell),
    tone: ({ side }) => (side === "BUY" ? "up" : "down"),
  };
}

function placedColumn({ orders }: Words): Column<{ readonly createdAt: number | undefined }> {
  return {
    title: orders.placed,
    number: ({ createdAt }) => (createdAt === undefined ? "–" : dayTime(createdAt, now.value)),
    isExtra: true,
  };
}

function typeOf(type: string, isReduceOnly: boolean, { reduceOnly }: Words["orders"]) {
  return (
    <>
      {type} {isReduceOnly ? <small>{reduceOnly}</small> : null}
    </>
  );
}
