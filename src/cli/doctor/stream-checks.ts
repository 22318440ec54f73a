/** Checks of the stream: which forms of its URL open, and which of them deliver a real event. Pure. */
import { ListenkeyError } from "../../kernel/errors.ts";
import type { ListenKey } from "../../kernel/scalars.ts";
import { explained } from "./explanation.ts";
import type { Finding } from "./finding.ts";
import { FORMS, ListeningPost } from "./listening-post.ts";
import type { Learned, Patient, Provocation } from "./patient.ts";

/** From dialling to an open socket. */
const OPEN_MAX_MS = 5_000;
/** After the routed forms have delivered, the retired ones get so long to do the same. */
const RETIRED_GRACE_MS = 500;

/** Listens on every form of URL at once, makes an event happen, and sees who hears it. */
export async function checkStreams(
  patient: Patient,
  learned: Learned,
  tell: (finding: Finding) => void,
): Promise<void> {
  const { urls, dialer, visit } = patient;
  const key = learned.key as ListenKey;
  const posts = FORMS.map((form) => new ListeningPost(form, dialer, urls.stream, key, () => visit.now()));
  try {
    await visit.becomes(() => posts.every(({ isDialing }) => !isDialing), OPEN_MAX_MS);
    const urlsFinding = opened(posts);
    tell(urlsFinding);
    if (!posts.some(({ isRouted, isOpen }) => isRouted && isOpen)) {
      return void tell({ check: "delivery", verdict: "skipped", says: "no socket to hear by" });
    }
    tell(await delivery(patient, learned, posts));
    tell(retired(posts));
  } finally {
    for (const post of posts) post.close();
  }
}

function opened(posts: readonly ListeningPost[]): Finding {
  const routed = posts.filter(({ isRouted }) => isRouted);
  const shut = routed.filter(({ isOpen }) => !isOpen);
  const facts = {
    open: posts.filter(({ isOpen }) => isOpen).map(({ name }) => name),
    shut: shut.map(({ name }) => name),
  };
  if (shut.length === 0) {
    return { check: "urls", verdict: "ok", says: `all ${routed.length} forms of /private open`, facts };
  }
  const why = shut.map(({ name, trouble }) => `${name} (${trouble})`).join(", ");
  const remedy =
    shut.length === routed.length
      ? "Check the stream URL, and that nothing on the way refuses websockets. 503: the exchange is shutting down."
      : "Use a form that opens: /private/ws/<listenKey> is what listenkey uses.";
  return { check: "urls", verdict: "wrong", says: `these do not open: ${why}`, remedy, facts };
}

async function delivery(patient: Patient, learned: Learned, posts: readonly ListeningPost[]): Promise<Finding> {
  const { provocation, eventWaitMs, visit, say } = patient;
  const routed = posts.filter(({ isRouted, isOpen }) => isRouted && isOpen);
  const since = visit.now();
  const allHear = () => routed.every(({ heardAt }) => heardAt !== undefined);
  if (provocation === undefined) {
    await visit.becomes(allHear, eventWaitMs);
    return waited(routed, eventWaitMs);
  }
  const act = provocation(learned.isHedgeMode === true);
  say(`delivery: ${act.what}`);
  try {
    await visit.until(act.cause());
    const causedAt = visit.now();
    await visit.becomes(allHear, eventWaitMs);
    await visit.becomes(() => posts.every(({ heardAt }) => heardAt !== undefined), RETIRED_GRACE_MS);
    return caused(routed, act, { since, causedAt, eventWaitMs });
  } catch (error) {
    if (!(error instanceof ListenkeyError) || error.origin === "bug") throw error;
    const { says, remedy } = explained(error);
    return { check: "delivery", verdict: "unsure", says: `no event could be caused: ${says}`, remedy };
  } finally {
    await act.undo();
  }
}

function waited(routed: readonly ListeningPost[], waitedMs: number): Finding {
  const heard = routed.filter(({ heardAt }) => heardAt !== undefined);
  const seconds = waitedMs / 1000;
  if (heard.length > 0) {
    const says = `${heard[0]?.heard} came of itself, on ${heard.length} of ${routed.length} sockets`;
    return { check: "delivery", verdict: heard.length === routed.length ? "ok" : "unsure", says };
  }
  return {
    check: "delivery",
    verdict: "unsure",
    says: `not proven: nothing happened on the account in ${seconds} s, and no event was caused`,
    remedy: "Run it again with --prove: a LIMIT order far from the market is placed and cancelled at once.",
  };
}

function caused(
  routed: readonly ListeningPost[],
  { what }: Provocation,
  { since, causedAt, eventWaitMs }: { readonly since: number; readonly causedAt: number; readonly eventWaitMs: number },
): Finding {
  const deaf = routed.filter(({ heardAt }) => heardAt === undefined);
  const ended = routed.some(({ isKeyEnded }) => isKeyEnded) ? " The listenKey was ended meanwhile." : "";
  const seconds = eventWaitMs / 1000;
  if (deaf.length === routed.length) {
    return {
      check: "delivery",
      verdict: "wrong",
      says: `connected and deaf: an event was due (the exchange accepted ${what}), and none came in ${seconds} s`,
      remedy:
        "The sockets open and REST works, so it is the key or the exchange: another program may have sent DELETE " +
        `/fapi/v1/listenKey, or the exchange's stream is down.${ended} Run it again.`,
    };
  }
  if (deaf.length > 0) {
    const names = deaf.map(({ name }) => name).join(", ");
    const remedy = "Use a form that delivers: /private/ws/<listenKey> is what listenkey uses.";
    return { check: "delivery", verdict: "wrong", says: `an event was heard, but not on ${names}`, remedy };
  }
  const firstMs = Math.round(Math.min(...routed.map(({ heardAt }) => heardAt ?? causedAt)) - since);
  const says = `${routed[0]?.heard} was caused, and came on all ${routed.length} forms of /private in ${firstMs} ms`;
  return { check: "delivery", verdict: "ok", says, facts: { firstMs } };
}

/** What the forms without a route do: in production nothing, since 2026-04-23 (documented, and seen). */
function retired(posts: readonly ListeningPost[]): Finding {
  const old = posts.filter(({ isRouted }) => !isRouted);
  const names = old.map(({ name }) => name).join(" and ");
  const isProven = posts.some(({ isRouted, heardAt }) => isRouted && heardAt !== undefined);
  const hearing = old.filter(({ heardAt }) => heardAt !== undefined);
  const facts = { open: old.filter(({ isOpen }) => isOpen).length, delivering: hearing.length, proven: isProven };
  const remedy = "A program of yours that still uses them has to move to /private/ws/<listenKey>.";
  if (hearing.length > 0) {
    const says = `${names} deliver here; in production they open and are silent since 2026-04-23`;
    return { check: "retired-urls", verdict: "ok", says, remedy, facts };
  }
  if (!isProven) {
    const says = `${names}: not proven; in production they open and are silent since 2026-04-23`;
    return { check: "retired-urls", verdict: "skipped", says, facts };
  }
  const says = `${names} are silent, as in production since 2026-04-23: whoever listens there hears nothing`;
  return { check: "retired-urls", verdict: "ok", says, remedy, facts };
}
