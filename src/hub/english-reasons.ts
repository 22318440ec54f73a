/** What records say of causes and holes, in plain English. Pure. */
import type { Reasons } from "./reasons.ts";

/** For the terminal, and for the dashboard in English. */
export const ENGLISH: Reasons = {
  causes: {
    keyExpired: "the listenKey expired",
    keyLapsed: "the listenKey ran out before it could be renewed",
    keyUnknown: "the exchange does not know the listenKey any more; another program has probably deleted it",
    keyChanged: "the listenKey was changed elsewhere; another program has probably deleted ours",
    silent: "the socket fell silent",
    late: "events came too late",
    cut: "the socket was cut (1006{, $1})",
    closed: "the socket was closed ($1{, $2})",
    deaf: "the stream told nothing, while REST knew of $1",
    away: "the program was not running",
    unreadable: "a message could not be read: $1",
  },
  holes: {
    before: "everything before @1: the exchange keeps no more than three months",
    unfilledBefore: "orders that others placed and that ended unfilled before @1: the exchange does not keep them",
    unfilledElsewhere:
      "orders that others placed and cancelled unfilled on symbols not known here: none are listed without a symbol",
    notCompared: "what was missed before @1: more was told meanwhile than can be compared",
    clockBack: "everything since the exchange's clock was put back: it had shown @1, and then @2",
    noSecret: "everything: without a secret nothing can be asked",
    nothing: "everything: $1",
    contradiction: "certainty: REST contradicts itself ($1)",
    orderEnd: "how order $1 of $2 ended: it is not open any more, and REST does not know it",
    conditionalEnd: "how conditional order $1 of $2 ended: it is not open any more, and REST does not know it",
    orderEnds: "how $1 orders of $2 ended: $3",
    conditionalEnds: "how $1 conditional orders of $2 ended: $3",
    strategy: "what became of strategy $1 of $2: the exchange has no call that tells",
    alike: "which of $3 equal bookings ($4) between @1 and @2 were missed: nothing tells them apart",
    more: "and $1 more",
    crowded: "%1 at @2 beyond the first $3: REST shows no more of one millisecond",
    pages: "fills of $1 after the first $2 pages",
    rows: "funding and transfers after the first $1 rows",
    after: "%1 after the first $2",
    orders: "orders of $1{: $2}",
    conditionals: "conditional orders of $1{: $2}",
    fills: "fills of $1{: $2}",
    order: "order $1 of $2{: $3}",
    allConditionals: "conditional orders{: $1}",
    allOrders: "orders that were placed{: $1}",
    income: "funding, transfers, and which symbols traded: $1",
  },
};
